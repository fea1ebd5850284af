/** The client's own clock: it takes nothing from the service's code. */

/** Milliseconds since 1970, as the time stamps of others count them. */
export const nowMs = (): number => Date.now()

/** Milliseconds that only go forward. */
export const monotonicMs = (): number => performance.now()

/** Resolves after so long; rejects with the signal's reason as soon as that fires. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, ms)
    signal?.addEventListener('abort', onAbort, { once: true })
  })

const firstDelayMs = 200
const longestDelayMs = 8_000

/** The pause before try number `no` (from 1): doubling, and half of it by chance, so that many clients spread out. */
export const backoffMs = (no: number): number => {
  const fullMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (no - 1))
  return fullMs / 2 + (Math.random() * fullMs) / 2
}
