import { noUnsentMarks, type UnsentMarks } from '../../src/store/unsent-marks.ts'
import type { PlantedBug } from './bugs.ts'
import { drawFaults } from './faults.ts'
import { hasOpenWork, startFleet } from './fleet.ts'
import { createRandom } from './random.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import type { Violation, World } from './world.ts'

export interface SimulationResult {
  readonly seed: number
  readonly violation: Violation | null
  readonly stats: Readonly<Record<string, number>>
  /** How the jobs ended: a state, or the code of a failure. */
  readonly endings: readonly string[]
  readonly events: number
  readonly trace: readonly string[]
}

export interface SimulationOptions {
  readonly bug?: PlantedBug
  /** Keeps what happened, for a person to read. */
  readonly isTraced?: boolean
}

/** More than this is a run that does not come to its end. */
const mostEvents = 60_000
const mostVirtualMs = 3 * 86_400_000
/** What is still under way when all jobs have ended: frozen processes, generations, late messages. */
const aftermathMs = 300_000

/** One run of a whole fleet in virtual time: everything that happens follows from the seed. */
export const simulate = async (seed: number, options: SimulationOptions = {}): Promise<SimulationResult> => {
  const scheduler = createScheduler()
  const ending = new AbortController()
  try {
    return await run(seed, options, { scheduler, ending: ending.signal })
  } finally {
    ending.abort()
    scheduler.release()
  }
}

const createMarks = (): UnsentMarks => {
  const ids = new Set<string>()
  const givenUp = new Set<string>()
  return {
    put(id) {
      ids.add(id)
      return true
    },
    take: (id) => ids.delete(id),
    giveUp(id) {
      if (ids.delete(id)) givenUp.add(id)
      return givenUp.has(id)
    },
    forget(id) {
      ids.delete(id)
      givenUp.delete(id)
    },
    sweep: () => undefined,
  }
}

const run = async (
  seed: number,
  { bug, isTraced = false }: SimulationOptions,
  { scheduler, ending }: { readonly scheduler: Scheduler; readonly ending: AbortSignal },
): Promise<SimulationResult> => {
  const random = createRandom(seed)
  const trace: string[] = []
  const found: { violation: Violation | null } = { violation: null }
  const world: World = {
    seed,
    scheduler,
    random,
    faults: drawFaults(random),
    bug: bug ?? null,
    marks: random.chance(0.7) ? createMarks() : noUnsentMarks,
    stats: {},
    count: (what) => {
      world.stats[what] = (world.stats[what] ?? 0) + 1
    },
    violate: (invariant, details) => {
      found.violation ??= { invariant, details, atMs: scheduler.nowMs }
      world.trace(`VIOLATION of ${invariant}: ${details}`)
    },
    onAbort: (signal, listener) => signal.addEventListener('abort', listener, { once: true, signal: ending }),
    trace: (words) => {
      if (isTraced) trace.push(`${String(scheduler.nowMs).padStart(9)} ${words}`)
    },
  }
  const { database, auditor, receiver } = startFleet(world)
  let restSinceMs = 0
  const isOver = () => scheduler.nowMs > mostVirtualMs || scheduler.nowMs - restSinceMs > aftermathMs
  while (found.violation === null && !isOver() && scheduler.events < mostEvents) {
    if (scheduler.nowMs < world.faults.untilMs || hasOpenWork(database)) restSinceMs = scheduler.nowMs
    if (!(await scheduler.step())) break
  }
  if (found.violation === null) auditor.atRest()
  if (found.violation === null) receiver.atRest()
  return {
    seed,
    violation: found.violation,
    stats: world.stats,
    endings: [...database.jobs.values()].map(({ state, failure_code }) => failure_code ?? state),
    events: scheduler.events,
    trace,
  }
}
