import type { FastifyReply } from 'fastify'
import type { RateLimiter, RateReading } from './rate-limit.ts'

/** A rate that counts for a request. */
export interface Rate {
  /** As the headers name it. */
  readonly name: string
  readonly bucket: string
  /** 0 is off. */
  readonly perMinute: number
}

/** Counts the request and tells what is left; the seconds to wait when it is one too many, else 0. */
export const limitRate = (limiter: RateLimiter, reply: FastifyReply, rates: readonly Rate[]): number => {
  const readings = rates
    .filter(({ perMinute }) => perMinute > 0)
    .map(({ name, bucket, perMinute }) => ({ name, ...limiter.take(bucket, perMinute) }))
  if (readings.length === 0) return 0
  tellRates(reply, readings)
  return Math.max(...readings.map(({ retryAfterS }) => retryAfterS))
}

/** The headers that say what is allowed and what is left. */
export const tellRates = (
  reply: FastifyReply,
  readings: readonly (RateReading & { readonly name: string })[],
): void => {
  reply.header(
    'ratelimit-policy',
    readings.map(({ name, perMinute }) => `"${name}";q=${perMinute};w=60`).join(', '),
  )
  reply.header(
    'ratelimit',
    readings.map(({ name, left, fullInS }) => `"${name}";r=${left};t=${fullInS}`).join(', '),
  )
}
