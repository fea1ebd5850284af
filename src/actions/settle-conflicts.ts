/** What becomes of lines whose dedupe keys are held by other jobs: as it would of those jobs by themselves (api.md §1). */
import type { GoodLine, RejectedLine } from '../store/batch-lines.ts'
import { type CancelJobDeps, cancelJob } from './cancel-job.ts'
import type { IncomingLine } from './incoming-line.ts'

interface Rivals {
  readonly batch: { readonly tenantId: string }
  readonly chunk: readonly IncomingLine[]
  readonly good: readonly GoodLine[]
}

/** Lines that are to be taken now, and how many are there already. */
interface SettledLines {
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
  readonly duplicates: number
}

/** `conflicts`: by the numbers of lines, which jobs hold their keys; null where an earlier line had it first. */
export const settleConflicts = async (
  deps: CancelJobDeps,
  { batch, chunk, good }: Rivals,
  conflicts: ReadonlyMap<number, string | null>,
): Promise<SettledLines> => {
  const again: GoodLine[] = []
  const bad: RejectedLine[] = []
  let duplicates = 0
  for (const line of good) {
    const holder = conflicts.get(line.line)
    if (holder === undefined) continue
    if (holder === null) again.push(line)
    else if (line.onConflict === 'reject') bad.push(toRejected(line, chunk, holder))
    else if (line.onConflict === 'replace') {
      await cancelJob(deps, { tenantId: batch.tenantId, jobId: holder })
      again.push({ ...line, replaces: holder })
    } else duplicates += 1
  }
  return { good: again, bad, duplicates }
}

const toRejected = (
  { line, customId, lineKey }: GoodLine,
  chunk: readonly IncomingLine[],
  holder: string,
): RejectedLine => ({
  line,
  customId,
  lineKey,
  digest: chunk.find((incoming) => incoming.line === line)?.digest() ?? '',
  isMalformed: false,
  faults: [{ pointer: '/dedupe/key', code: 'duplicate_job', detail: `is held by the job ${holder}` }],
})
