/** How often somebody may be wrong about a key (guarantees.md §4.4, §4.6): per address, counted before any lookup. */
import type { Clock } from '../clock.ts'
import { parseAddress } from '../egress/address.ts'
import { createRateLimiter, type RateReading } from './rate-limit.ts'

export interface FailedKeys {
  /** What is left to the address; null where nothing is counted. */
  read(address: string): RateReading | null
  /** One more key of this address was wrong. */
  count(address: string): RateReading | null
}

const networkBytes = 8

/** Whoever has one IPv6 address has the whole /64 that it is in. */
const networkOf = (text: string): string => {
  const address = parseAddress(text.replace(/%.*$/, ''))
  if (address === null) return text
  return address.bytes.subarray(0, address.family === 6 ? networkBytes : undefined).toString('hex')
}

/** `perMinute` 0 is off. Its buckets are its own: filling them up must not empty those of the keys. */
export const createFailedKeys = ({
  clock,
  perMinute,
}: {
  readonly clock: Clock
  readonly perMinute: number
}): FailedKeys => {
  const limiter = createRateLimiter(clock)
  return {
    read: (address) => (perMinute === 0 ? null : limiter.read(networkOf(address), perMinute)),
    count: (address) => (perMinute === 0 ? null : limiter.take(networkOf(address), perMinute)),
  }
}
