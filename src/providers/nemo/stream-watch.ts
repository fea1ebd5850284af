import type { Clock } from '../../clock.ts'

export interface StreamTimings {
  /** The longest silence but for heartbeats. */
  readonly sseIdleMs: number
  /** For the whole message, from its sending on. */
  readonly sseMaxMs: number
  /** The longest silence after a text that may well have been the last: some servers leave the stream open. */
  readonly sseSettleMs: number
}

export type StreamCut = 'idle' | 'total' | 'settled'

/** Watches over a message from the moment it is sent (upstream-protocol.md P-6, P-22). */
export interface StreamWatch {
  /** Fires when a time is up, or with the caller's signal. */
  readonly signal: AbortSignal
  /** Which time was up, if one was. */
  cut(): StreamCut | null
  /** Something happened; `isResting` when it may have been the last. Heartbeats do not count. */
  touch(isResting: boolean): void
  end(): void
}

export const startStreamWatch = (clock: Clock, timings: StreamTimings, signal: AbortSignal): StreamWatch => {
  const controller = new AbortController()
  let reason: StreamCut | null = null
  const cutFor = (cut: StreamCut, ms: number) => () => {
    reason ??= cut
    controller.abort(new Error(describe(cut, ms)))
  }
  const wait = (cut: StreamCut, ms: number): (() => void) => clock.after(ms, cutFor(cut, ms))

  const cancelTotal = wait('total', timings.sseMaxMs)
  let cancelSilence = wait('idle', timings.sseIdleMs)
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    cut: () => reason,
    touch: (isResting) => {
      cancelSilence()
      cancelSilence = isResting ? wait('settled', timings.sseSettleMs) : wait('idle', timings.sseIdleMs)
    },
    end: () => {
      cancelTotal()
      cancelSilence()
    },
  }
}

const describe = (cut: StreamCut, ms: number): string => {
  switch (cut) {
    case 'idle':
      return `nothing but heartbeats for ${ms} ms`
    case 'total':
      return `the stream was still going on after ${ms} ms`
    case 'settled':
      return `nothing more within ${ms} ms after the last text`
  }
}
