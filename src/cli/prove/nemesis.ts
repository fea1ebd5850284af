/** Disturbs the service by a seeded plan, and writes down what it did and when. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Disturbance } from './evidence.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'

/** One thing that goes wrong again and again. */
export interface Disaster {
  readonly name: string
  /** Either every so often, or once at each of these shares of the work done, from 0 to 1. */
  readonly when: { readonly everyMs: number } | { readonly atShares: readonly number[] }
  /** Waits for a moment that is worth it. */
  readonly lurk?: (random: SeededRandom) => Promise<void>
  /** Does it; says what it was, or null when there was nothing to disturb. */
  readonly strike: (random: SeededRandom) => Promise<string | null>
}

export interface Nemesis {
  readonly log: readonly Disturbance[]
  /** Rejects with the first thing that it could not do. Strikes that are under way come to their end. */
  stop(): Promise<void>
}

export interface NemesisOptions {
  readonly disasters: readonly Disaster[]
  readonly seed: number
  readonly nowMs: () => number
  /** The share of the work that is done, from 0 to 1. */
  readonly shareDone: () => number
  readonly onStrike?: (disturbance: Disturbance) => void
}

const tickMs = 100

export const startNemesis = ({ disasters, seed, nowMs, shareDone, onStrike }: NemesisOptions): Nemesis => {
  const log: Disturbance[] = []
  const stopping = new AbortController()

  const strike = async (disaster: Disaster, random: SeededRandom): Promise<void> => {
    const { name, lurk, strike: strikeNow } = disaster
    await lurk?.(random)
    const fromMs = nowMs()
    const detail = await strikeNow(random)
    if (detail === null) return
    const disturbance = { name, detail, fromMs, untilMs: nowMs() }
    log.push(disturbance)
    onStrike?.(disturbance)
  }

  const keepStriking = async (disaster: Disaster, index: number): Promise<void> => {
    const random = createSeededRandom(seed * 1_000 + index)
    const { when } = disaster
    if ('everyMs' in when)
      while (await isStillGoing(stopping.signal, when.everyMs)) await strike(disaster, random)
    else
      for (const share of when.atShares) {
        while (shareDone() < share) if (!(await isStillGoing(stopping.signal, tickMs))) return
        if (stopping.signal.aborted) return
        await strike(disaster, random)
      }
  }

  const ended = Promise.all(disasters.map(keepStriking))
  // Whoever stops it hears of a failure; until then it must not end the process.
  ended.catch(() => undefined)
  return {
    log,
    async stop() {
      stopping.abort()
      await ended
    },
  }
}

const isStillGoing = (signal: AbortSignal, ms: number): Promise<boolean> =>
  pause(ms, undefined, { signal }).then(
    () => true,
    () => false,
  )
