const dayMs = 24 * 60 * 60 * 1000

/** `Retry-After` in either form (seconds or an HTTP date), in milliseconds from now, at most a day; null if unreadable. */
export const parseRetryAfter = (
  header: string | readonly string[] | undefined,
  nowMs: number,
): number | null => {
  const text = (typeof header === 'string' ? header : (header?.[0] ?? '')).trim()
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Number(text) * 1000, dayMs)
  const atMs = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(atMs) ? null : Math.min(Math.max(atMs - nowMs, 0), dayMs)
}
