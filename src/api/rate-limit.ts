import type { Clock } from '../clock.ts'

/** What a bucket allows, and what is left in it. */
export interface RateReading {
  readonly isAllowed: boolean
  readonly perMinute: number
  /** Whole requests left. */
  readonly left: number
  /** Until the bucket is full again. */
  readonly fullInS: number
  /** Until one more request is allowed; 0 when it is now. */
  readonly retryAfterS: number
}

export interface RateLimiter {
  /** Takes one request out of the bucket of that name, if there is one left. */
  take(name: string, perMinute: number): RateReading
  /** What `take` would say, without taking. */
  read(name: string, perMinute: number): RateReading
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

const minuteMs = 60_000
const maxBuckets = 20_000

/** Token buckets of this process: a burst of a minute's worth, filled evenly. No lookup, no timer. */
export const createRateLimiter = (clock: Clock): RateLimiter => {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (name: string, perMinute: number): Bucket => {
    const known = buckets.get(name)
    if (known !== undefined) return known
    if (buckets.size >= maxBuckets) buckets.clear()
    const bucket = { tokens: perMinute, filledAtMs: clock.monotonicMs() }
    buckets.set(name, bucket)
    return bucket
  }

  const fill = (name: string, perMinute: number): Bucket => {
    const bucket = bucketOf(name, perMinute)
    const nowMs = clock.monotonicMs()
    const filled = bucket.tokens + ((nowMs - bucket.filledAtMs) * perMinute) / minuteMs
    bucket.tokens = Math.min(perMinute, filled)
    bucket.filledAtMs = nowMs
    return bucket
  }

  return {
    take(name, perMinute) {
      const bucket = fill(name, perMinute)
      const isAllowed = bucket.tokens >= 1
      if (isAllowed) bucket.tokens -= 1
      return toReading(bucket, perMinute, isAllowed)
    },
    read(name, perMinute) {
      const bucket = fill(name, perMinute)
      return toReading(bucket, perMinute, bucket.tokens >= 1)
    },
  }
}

const toReading = ({ tokens }: Bucket, perMinute: number, isAllowed: boolean): RateReading => {
  const secondsFor = (wanted: number) => Math.max(0, Math.ceil((wanted * 60) / perMinute))
  return {
    isAllowed,
    perMinute,
    left: Math.floor(tokens),
    fullInS: secondsFor(perMinute - tokens),
    retryAfterS: isAllowed ? 0 : Math.max(1, secondsFor(1 - tokens)),
  }
}
