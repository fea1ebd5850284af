import type { Clock } from './clock.ts'

/** What a process may be told to look at, earlier than its next tick. */
export type WakeTopic = 'dispatch' | 'cancel' | 'batches'

/**
 * Notifications without content between the processes of a fleet, the own one included. One that is lost costs no
 * more than a tick, so nothing waits for them and nothing fails with them (architecture.md §4).
 */
export interface Wake {
  /** Wakes everybody who listens. Of many calls at once, one goes out at once and one after 5 ms. */
  notify(topic: WakeTopic): void
  /** Calls `onWake` after notifications, and after an outage in which some may have been missed. Returns the way out. */
  listen(topic: WakeTopic, onWake: () => void): () => void
  close(): Promise<void>
}

const restMs = 5

/** Lets at most one call of each topic through in 5 ms; what comes meanwhile becomes one call afterwards. */
export const coalesce = (clock: Clock, send: (topic: WakeTopic) => void): ((topic: WakeTopic) => void) => {
  const resting = new Map<WakeTopic, { isWanted: boolean }>()
  const notify = (topic: WakeTopic): void => {
    const rest = resting.get(topic)
    if (rest) {
      rest.isWanted = true
      return
    }
    const begun = { isWanted: false }
    resting.set(topic, begun)
    send(topic)
    clock.after(restMs, () => {
      resting.delete(topic)
      if (begun.isWanted) notify(topic)
    })
  }
  return notify
}

/** Who listens in this process. */
export interface WakeListeners {
  add(topic: WakeTopic, onWake: () => void): () => void
  call(topic: string | undefined): void
  callAll(): void
}

export const createWakeListeners = (): WakeListeners => {
  const listeners = new Set<{ readonly topic: WakeTopic; readonly onWake: () => void }>()
  return {
    add(topic, onWake) {
      const listener = { topic, onWake }
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    call(topic) {
      for (const listener of listeners) if (listener.topic === topic) listener.onWake()
    },
    callAll() {
      for (const { onWake } of listeners) onWake()
    },
  }
}
