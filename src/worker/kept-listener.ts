import type { Clock } from '../clock.ts'
import type { Canary, Listener, QueueName } from '../queue/backend.ts'
import type { Telemetry } from '../telemetry.ts'

export interface KeptListener {
  isHealthy(): boolean
  close(timeoutMs: number): Promise<void>
}

export interface KeptListenerDeps {
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly queue: QueueName
  /** A bell of our own, through the same queue. */
  readonly canary: Canary
  readonly checkEveryMs?: number
}

const usualCheckEveryMs = 5_000
const closeTimeoutMs = 1_000
/** A new listener needs some time before it has been at its queue for the first time. */
const checksAway = 3
/** So many checks without a bell, and a canary is rung. */
const checksQuiet = 2
/** So many further ones in which nothing at all was heard, and it is looked for. */
const checksDeaf = 6

/**
 * A listener that is replaced when it no longer hears: after an outage BullMQ's workers may stay silent for ever while
 * they call themselves running (guarantees.md §5.1-3). It is away when it does not come back to its queue, and deaf when
 * a canary waits there, our hands are free, and nothing at all was heard for long. A bell that is late because others
 * come first proves nothing, and neither does one that somebody else took. Checks are counted instead of seconds, so
 * that a process that was frozen does not blame its listener.
 */
export const keepListener = (listen: () => Listener, deps: KeptListenerDeps): KeptListener => {
  const { clock, telemetry, queue, checkEveryMs = usualCheckEveryMs } = deps
  let listener = listen()
  let isClosed = false
  let isDeaf = false
  let awayChecks = 0
  let hearing = createHearing(deps, () => listener)
  let cancelTimer: () => void = () => undefined

  const replace = (reason: 'away' | 'deaf'): void => {
    telemetry.state('listener.replaced', { queue, reason })
    void listener.close(closeTimeoutMs)
    listener = listen()
    awayChecks = 0
    hearing = createHearing(deps, () => listener)
    isDeaf = reason === 'deaf'
  }

  const check = async (): Promise<void> => {
    awayChecks = listener.isHealthy() ? 0 : awayChecks + 1
    if (awayChecks >= checksAway) return replace('away')
    const verdict = await hearing.check()
    if (isClosed) return
    if (verdict === 'hears') isDeaf = false
    if (verdict === 'deaf') replace('deaf')
  }

  const keepChecking = (): void => {
    cancelTimer = clock.after(checkEveryMs, () => {
      void check().finally(() => {
        if (!isClosed) keepChecking()
      })
    })
  }
  keepChecking()

  return {
    isHealthy: () => !isDeaf && listener.isHealthy(),
    close(timeoutMs) {
      isClosed = true
      cancelTimer()
      return listener.close(timeoutMs)
    },
  }
}

type Verdict = 'hears' | 'quiet' | 'deaf'

/** What is known of one listener's hearing. */
const createHearing = ({ canary }: KeptListenerDeps, listener: () => Listener) => {
  let heardBefore = listener().heard
  let quietChecks = 0
  let rung: { readonly id: string; readonly atCheck: number } | null = null

  const hasHeard = (): boolean => listener().isBusy() || listener().heard !== heardBefore

  const begin = (): Verdict => {
    heardBefore = listener().heard
    quietChecks = 0
    rung = null
    return 'hears'
  }

  return {
    async check(): Promise<Verdict> {
      if (hasHeard()) return begin()
      quietChecks += 1
      if (rung === null) {
        if (quietChecks >= checksQuiet) rung = await ringAt(canary, quietChecks)
        return 'quiet'
      }
      if (quietChecks - rung.atCheck < checksDeaf) return 'quiet'
      const isUnheard = await canary.isWaiting(rung.id).catch(() => false)
      // It may have been heard while we asked.
      if (hasHeard()) return begin()
      rung = null
      return isUnheard ? 'deaf' : 'quiet'
    },
  }
}

/** While the queue is away nothing can be tried, and that it is away is not the listener's fault. */
const ringAt = async (canary: Canary, atCheck: number) => {
  const id = await canary.ring().catch(() => null)
  return id === null ? null : { id, atCheck }
}
