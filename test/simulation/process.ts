import type { Clock } from '../../src/clock.ts'
import type { World } from './world.ts'

/** An operating-system process: it can be killed and frozen at any point at which it waits for something. */
export interface Process {
  readonly name: string
  readonly isAlive: boolean
  /** Its own idea of the time: the wall clock may be off, the monotonic one begins anywhere. */
  readonly clock: Clock
  /** What comes in from outside — an answer, a timer, a bell: now, after a freeze, or never. */
  deliver(action: () => void): void
  kill(): void
  /** Nothing runs for that long; what comes in meanwhile waits in line, timers included. */
  freeze(forMs: number): void
  onDeath(listener: () => void): void
  /** A point at which a fault may strike. */
  touch(where: string): void
}

const longestFreezeMs = 90_000
/** When a world begins, by a clock that is right. */
export const epochMs = 1_800_000_000_000

/** The world's time by the wall clock of a process, which is off. */
export const worldClockOf = ({ clock }: Process): number => clock.nowMs() - epochMs

export const createProcess = (world: World, name: string): Process => {
  const { scheduler, random, faults } = world
  const startedMs = random.between(0, 1_000_000)
  const skewMs = random.between(-600_000, 600_000)
  const line: (() => void)[] = []
  const deathListeners: (() => void)[] = []
  let isAlive = true
  let isFrozen = false

  const deliver = (action: () => void): void => {
    if (!isAlive) return
    if (isFrozen) line.push(action)
    else action()
  }

  /** One event for each thing that waited, as they come out of the kernel's buffers one after the other. */
  const thaw = (): void => {
    const next = line.shift()
    if (next === undefined || !isAlive) {
      isFrozen = false
      return
    }
    next()
    scheduler.at(0, thaw)
  }

  const process: Process = {
    name,
    get isAlive() {
      return isAlive
    },
    clock: {
      nowMs: () => epochMs + scheduler.nowMs + skewMs,
      monotonicMs: () => startedMs + scheduler.nowMs,
      after: (ms, callback) => scheduler.at(ms, () => deliver(callback)),
    },
    deliver,
    kill() {
      if (!isAlive) return
      world.trace(`${name} is killed`)
      world.count('kills')
      isAlive = false
      for (const listener of deathListeners) listener()
    },
    freeze(forMs) {
      if (!isAlive || isFrozen) return
      world.trace(`${name} freezes for ${forMs} ms`)
      world.count('freezes')
      isFrozen = true
      scheduler.at(forMs, thaw)
    },
    onDeath: (listener) => void deathListeners.push(listener),
    touch(where) {
      if (scheduler.nowMs > faults.untilMs || !isAlive) return
      if (random.chance(faults.kill)) {
        world.trace(`at ${where}:`)
        process.kill()
      } else if (random.chance(faults.pause)) {
        world.trace(`at ${where}:`)
        process.freeze(random.pick([50, 2_000, 12_000, 28_000, 31_000, longestFreezeMs]))
      }
    },
  }
  return process
}
