import type { RowPatch } from './decide.ts'
import type { Job } from './job.ts'

/** The job after a transition that its holder made, without reading it again. */
export const applyPatch = (job: Job, patch: RowPatch, seq: number): Job => {
  const { rows: _rows, failureMessage: _message, failureStage: _stage, ...columns } = patch
  return { ...job, ...columns, seq }
}
