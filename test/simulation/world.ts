import type { UnsentMarks } from '../../src/store/unsent-marks.ts'
import type { PlantedBug } from './bugs.ts'
import type { FaultProfile } from './faults.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

/** What all parts of a simulated world share. */
export interface World {
  readonly seed: number
  readonly scheduler: Scheduler
  readonly random: Random
  readonly faults: FaultProfile
  readonly bug: PlantedBug | null
  /** What the machine keeps of its processes; in some worlds nothing. */
  readonly marks: UnsentMarks
  /** An invariant does not hold: the run ends here. */
  violate(invariant: string, details: string): void
  /** For whoever reads a failing run. Ids are shortened to their order of appearance. */
  trace(words: string): void
  /** Calls `listener` when the signal fires. Forgotten with the world, which a signal would otherwise keep for ever. */
  onAbort(signal: AbortSignal, listener: () => void): void
  readonly stats: Record<string, number>
  count(what: string): void
}

export interface Violation {
  readonly invariant: string
  readonly details: string
  readonly atMs: number
}
