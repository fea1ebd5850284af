/** Makes of lines what is written of them: jobs, and rejections. */
import type { Clock } from '../clock.ts'
import type { Sealer } from '../crypto/seal.ts'
import { createIdSequence } from '../job/ids.ts'
import type { BatchLineStore, GoodLine, RejectedLine } from '../store/batch-lines.ts'
import type { BatchRecord } from '../store/batches.ts'
import type { LineStream } from '../store/line-streams.ts'
import { openDefaults } from './batch-defaults.ts'
import type { CheckJobDeps } from './check-job.ts'
import { type AcceptableLine, type CheckedLine, createLineCheck } from './check-lines.ts'
import { toNewJob } from './create-job.ts'
import type { IncomingLine } from './incoming-line.ts'
import { createSessionRoom, type SpokenLine, sessionFull } from './session-room.ts'

export interface PrepareLinesDeps extends CheckJobDeps {
  readonly batchLines: Pick<BatchLineStore, 'findKnown' | 'findHeld'>
  readonly sealer: Sealer
  readonly clock: Clock
}

export interface PreparedLines {
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
}

export type Prepare = (lines: readonly IncomingLine[]) => Promise<PreparedLines>

/** For the lines of one stream. */
export const createPreparation = (
  deps: PrepareLinesDeps,
  batch: BatchRecord,
  stream: LineStream | null,
): Prepare => {
  const { tenantId } = batch
  const check = createLineCheck(deps, { tenantId, defaults: openDefaults(deps.sealer, batch) })
  const findFull = createSessionRoom(deps.batchLines, batch)
  const nextId = createIdSequence('job', deps.clock.nowMs)
  const toGood = (checked: AcceptableLine, lineKey: string | null): GoodLine => ({
    line: checked.line,
    customId: checked.customId,
    lineKey,
    job: toNewJob(deps, tenantId, checked, nextId()),
    onConflict: checked.request.dedupe?.on_conflict ?? null,
    replaces: null,
  })
  return async (lines) => {
    const keyed = (await check(lines)).map((checked) => ({ checked, lineKey: keyOf(checked, stream) }))
    const full = await findFull(keyed.flatMap(toSpoken))
    const good: GoodLine[] = []
    const bad: RejectedLine[] = []
    for (const [index, { checked, lineKey }] of keyed.entries()) {
      const { line, customId } = checked
      if (checked.outcome === 'refused') bad.push({ ...checked, lineKey })
      else if (!full.has(line)) good.push(toGood(checked, lineKey))
      else {
        const digest = lines[index]?.digest() ?? ''
        bad.push({ line, customId, lineKey, digest, isMalformed: false, faults: [sessionFull] })
      }
    }
    return { good, bad }
  }
}

const keyOf = ({ line, customId }: CheckedLine, stream: LineStream | null): string | null => {
  if (customId !== null) return `=${customId}`
  return stream === null ? null : `#${line}@${stream.id}`
}

const toSpoken = ({
  checked,
  lineKey,
}: {
  readonly checked: CheckedLine
  readonly lineKey: string | null
}): SpokenLine[] =>
  checked.outcome === 'acceptable' && checked.session !== null
    ? [{ line: checked.line, lineKey, dedupe: checked.request.dedupe, session: checked.session }]
    : []
