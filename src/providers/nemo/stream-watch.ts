import type { Clock } from '../../clock.ts'

export interface StreamTimings {
  /** The longest silence but for heartbeats. */
  readonly sseIdleMs: number
  /** For the whole message, from its sending on. */
  readonly sseMaxMs: number
  /** The longest silence, heartbeats included, after what may have been the last word: some servers leave a stream open. */
  readonly sseSettleMs: number
}

export type StreamCut = 'idle' | 'total' | 'settled'

/** Watches over a message from the moment it is sent (upstream-protocol.md P-6, P-22). */
export interface StreamWatch {
  /** Fires when a time is up, or with the caller's signal. */
  readonly signal: AbortSignal
  /** Which time was up, if one was. */
  cut(): StreamCut | null
  /** A frame came; `isResting` when the one before any heartbeats may have been the last. */
  touch(frame: { readonly isHeartbeat: boolean; readonly isResting: boolean }): void
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
  let cancelIdle = wait('idle', timings.sseIdleMs)
  let cancelSettle = (): void => undefined
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    cut: () => reason,
    touch: ({ isHeartbeat, isResting }) => {
      cancelSettle()
      if (isResting) cancelSettle = wait('settled', timings.sseSettleMs)
      if (isHeartbeat) return
      cancelIdle()
      cancelIdle = wait('idle', timings.sseIdleMs)
    },
    end: () => {
      cancelTotal()
      cancelIdle()
      cancelSettle()
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
      return `not even a heartbeat within ${ms} ms after the last word`
  }
}
