import type { ELDHistogram } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

/** Tells when the event loop is so far behind that what is taken in would only wait, and delay what is there. */
export interface LoopGauge {
  isBehind(): boolean
}

/** Long enough that a single slow moment is no reason to refuse anybody. */
const windowMs = 10_000

/**
 * It is behind when not even 99 of 100 delays of the last window were shorter than `mostDelayMs` (guarantees.md §2.1-10).
 * `delays` is `monitorEventLoopDelay` of node:perf_hooks, in nanoseconds, and nobody else's: that of the metrics begins
 * anew whenever they are read.
 */
export const createLoopGauge = ({
  delays,
  mostDelayMs,
  clock,
}: {
  readonly delays: Pick<ELDHistogram, 'percentile' | 'reset'>
  readonly mostDelayMs: number
  readonly clock: Clock
}): LoopGauge => {
  let sinceMs = clock.monotonicMs()
  let isBehind = false
  return {
    isBehind() {
      if (clock.monotonicMs() - sinceMs >= windowMs) {
        isBehind = delays.percentile(99) / 1e6 > mostDelayMs
        delays.reset()
        sinceMs = clock.monotonicMs()
      }
      return isBehind
    },
  }
}
