/** How a batch ends (api.md §4): by what became of its lines, unless that was decided before. Pure. */
export type BatchEndState = 'completed' | 'completed_with_errors' | 'failed' | 'canceled'

export const batchEndingOf = (batch: {
  /** What it was told to end as, whatever becomes of its lines. */
  readonly ending: 'canceled' | 'failed' | null
  /** Lines that became jobs, and lines that did not. */
  readonly accepted: number
  readonly rejected: number
  readonly succeeded: number
}): BatchEndState => {
  const { ending, accepted, rejected, succeeded } = batch
  if (ending !== null) return ending
  if (succeeded === accepted && rejected === 0) return 'completed'
  return succeeded === 0 ? 'failed' : 'completed_with_errors'
}
