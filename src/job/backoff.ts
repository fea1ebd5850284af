/** `ms` ± `share` of it; `random` is in [0, 1). */
export const jittered = (ms: number, share: number, random: number): number =>
  Math.max(0, Math.round(ms * (1 - share + 2 * share * random)))

/**
 * The delay before try number `tries + 1`, from a schedule whose length is the number of retries; null when it is
 * used up. A provider's own `Retry-After` is never undercut, and not met by all at the same instant either.
 */
export const retryDelayMs = (
  delaysMs: readonly number[],
  tries: number,
  { retryAfterMs, random }: { readonly retryAfterMs: number | null; readonly random: number },
): number | null => {
  const delayMs = delaysMs[tries]
  if (delayMs === undefined) return null
  const askedMs = retryAfterMs === null ? 0 : Math.round(retryAfterMs * (1 + 0.1 * random))
  return Math.max(jittered(delayMs, 0.2, random), askedMs)
}
