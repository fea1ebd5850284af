import type { CallsPerJob, Ledger } from './ledger.ts'
import type { StatementUse } from './statements.ts'

/** Something that can do the benchmark's job. Built, started once, measured many times, stopped. */
export interface Engine {
  readonly name: string
  readonly callsPerJob: CallsPerJob
  start(): Promise<void>
  /** Does `jobs` jobs that are all there from the beginning. */
  drain(jobs: number): Promise<DrainMeasure>
  /** Does `jobs` jobs one after the other; the time from submit to callback of each, in milliseconds. */
  light(jobs: number): Promise<readonly number[]>
  stop(): Promise<void>
}

export interface DrainMeasure {
  readonly jobs: number
  /** From the first claim to the last callback. */
  readonly seconds: number
  /** CPU per job in milliseconds; null where the process is not ours to see. */
  readonly orchestratorCpuMs: number
  readonly storeCpuMs: number
  readonly ledger: Ledger
  /** Accepted per second while nothing else ran; null for an engine without an entrance. */
  readonly submitsPerSecond: number | null
  readonly statements: readonly StatementUse[]
  readonly walBytesPerJob: number | null
}
