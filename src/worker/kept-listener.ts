import type { Clock } from '../clock.ts'
import type { Listener } from '../queue/backend.ts'
import type { Telemetry } from '../telemetry.ts'

export interface KeptListener {
  isHealthy(): boolean
  close(timeoutMs: number): Promise<void>
}

const checkEveryMs = 5_000
const closeTimeoutMs = 1_000

/**
 * A listener that is replaced when it no longer comes back to its queue: after an outage BullMQ's workers may stay
 * silent for ever while they call themselves running (guarantees.md §5.1-3).
 */
export const keepListener = (
  listen: () => Listener,
  {
    clock,
    telemetry,
    queue,
  }: { readonly clock: Clock; readonly telemetry: Telemetry; readonly queue: string },
): KeptListener => {
  let listener = listen()
  let isClosed = false
  // A new listener needs some time before it has been at its queue for the first time.
  let unhealthyChecks = 0
  let cancelTimer: () => void = () => undefined

  const check = (): void => {
    if (isClosed) return
    unhealthyChecks = listener.isHealthy() ? 0 : unhealthyChecks + 1
    if (unhealthyChecks >= 3) {
      telemetry.state('listener.replaced', { queue })
      void listener.close(closeTimeoutMs)
      listener = listen()
      unhealthyChecks = 0
    }
    cancelTimer = clock.after(checkEveryMs, check)
  }
  cancelTimer = clock.after(checkEveryMs, check)

  return {
    isHealthy: () => listener.isHealthy(),
    close(timeoutMs) {
      isClosed = true
      cancelTimer()
      return listener.close(timeoutMs)
    },
  }
}
