import type { Batch, CliplineClient } from '../client/index.ts'
import { exitCodes } from './exit.ts'
import { printList } from './print.ts'
import { createProgressBar, type ProgressBar } from './progress-bar.ts'

/** Follows a batch to its end; the exit code says whether every line succeeded. */
export const watchBatch = async (
  { batches }: CliplineClient,
  id: string,
  { isJson }: { readonly isJson: boolean },
): Promise<number> => {
  const bar = createProgressBar(`batch ${id}`, { isJson })
  const view = isJson ? showJson() : showBar(bar)
  const batch = await batches.wait(id, { onProgress: view }).finally(() => bar.end())
  if (!isJson) process.stdout.write(`${describe(batch)}\n`)
  return batch.state === 'completed' ? exitCodes.ok : exitCodes.jobFailed
}

/** A line for each change. */
const showJson = (): ((batch: Batch) => void) => {
  let shown = ''
  return (batch) => {
    const { state, jobs } = batch
    const now = JSON.stringify({ state, jobs })
    if (now !== shown) process.stdout.write(`${JSON.stringify(batch)}\n`)
    shown = now
  }
}

/** On a terminal the bar; elsewhere a line for each tenth of the way. */
const showBar = (bar: ProgressBar): ((batch: Batch) => void) => {
  let tenths = -1
  return (batch) => {
    if (process.stderr.isTTY) {
      bar.show(endedOf(batch), batch.lines.accepted, describe(batch))
      return
    }
    const now = Math.floor(batch.progress * 10)
    if (now !== tenths) process.stderr.write(`${describe(batch)}\n`)
    tenths = now
  }
}

const endedOf = ({ jobs }: Batch): number => jobs.succeeded + jobs.failed + jobs.canceled

const describe = (batch: Batch): string => {
  const { state, jobs, lines, credits, eta } = batch
  return [
    `${state.replaceAll('_', ' ')}: ${endedOf(batch)} of ${lines.accepted} ended`,
    ...(jobs.failed > 0 ? [`${jobs.failed} failed`] : []),
    ...(jobs.canceled > 0 ? [`${jobs.canceled} canceled`] : []),
    ...(lines.rejected > 0 ? [`${lines.rejected} ${lines.rejected === 1 ? 'line' : 'lines'} rejected`] : []),
    `${credits.spent} credits`,
    ...(eta === null ? [] : [`until about ${eta}`]),
  ].join(', ')
}

/** Prints one batch, and ends the command well. */
export const tellBatch = async (batch: Batch, isJson: boolean): Promise<number> => {
  process.stdout.write(isJson ? `${JSON.stringify(batch)}\n` : `${batch.id}  ${describe(batch)}\n`)
  return exitCodes.ok
}

export const printBatches = (batches: readonly Batch[], isJson: boolean): void => {
  const rows = batches.map((batch) => ({
    ...batch,
    accepted: batch.lines.accepted,
    ended: endedOf(batch),
    failed: batch.jobs.failed,
    credits: batch.credits.spent,
  }))
  printList(isJson ? batches : rows, {
    isJson,
    columns: ['id', 'name', 'state', 'accepted', 'ended', 'failed', 'credits', 'created_at'],
  })
}
