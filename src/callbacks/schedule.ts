const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** The pause before each attempt, in milliseconds; its length is the number of attempts: ten in 75 h 35 min (api.md §5). */
export const defaultScheduleMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
]

/** Attempts that failed together shall not come back together. */
const jitter = 0.2
const longestRetryAfterMs = 24 * hour

/**
 * How long to wait, after `attemptsMade` attempts, for the next one; null when there is none. The scheduled pause is
 * jittered by ±20 % with `random` (from 0 up to 1), and is stretched to what the receiver asked for, up to 24 hours.
 */
export const nextAttempt = (options: {
  scheduleMs: readonly number[]
  attemptsMade: number
  retryAfterMs: number | null
  random: number
}): number | null => {
  const { scheduleMs, attemptsMade, retryAfterMs, random } = options
  const pauseMs = scheduleMs[attemptsMade]
  if (pauseMs === undefined) return null
  const jitteredMs = Math.round(pauseMs * (1 - jitter + 2 * jitter * random))
  return Math.max(jitteredMs, Math.min(retryAfterMs ?? 0, longestRetryAfterMs))
}
