/** Writes a few hundred lines of a batch; where they are more than it may have, only as many as there is room for. */
import type { BatchLineStore, GoodLine, RejectedLine, StreamProgress } from '../store/batch-lines.ts'

export interface Lines {
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
  readonly progress: StreamProgress | null
}

export interface Taken {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedLine[]
  /** Lines that take an upload which was deleted since they were judged; they are to be judged again. */
  readonly stale: ReadonlySet<number>
  /** Lines whose dedupe keys are held, and by which jobs; null: by an earlier one of these lines. */
  readonly conflicts: ReadonlyMap<number, string | null>
  /** Why not all of them were taken. */
  readonly stop: 'batch_not_open' | 'batch_full' | 'idempotency_in_flight' | null
}

type Place = { readonly id: string; readonly tenantId: string }

const nothing: Taken = {
  accepted: 0,
  duplicates: 0,
  rejected: [],
  stale: new Set(),
  conflicts: new Map(),
  stop: null,
}

export const takeLines = async (store: BatchLineStore, batch: Place, lines: Lines): Promise<Taken> => {
  const { good, bad, progress } = lines
  if (good.length + bad.length === 0 && (progress === null || progress.from.lines === progress.to.lines))
    return nothing
  const taken = await store.take({ batchId: batch.id, tenantId: batch.tenantId, good, bad, progress })
  switch (taken.outcome) {
    case 'taken': {
      const rejected = bad.filter(({ line }) => !taken.knownLines.has(line))
      const accepted = good.filter(({ job }) => taken.acceptedIds.has(job.id)).length
      const stale = new Set(good.filter(({ job }) => taken.lackingIds.has(job.id)).map(({ line }) => line))
      const { conflicts } = taken
      const duplicates = good.length + bad.length - accepted - rejected.length - stale.size - conflicts.size
      return { accepted, duplicates, rejected, stale, conflicts, stop: null }
    }
    case 'not_open':
      return { ...nothing, stop: 'batch_not_open' }
    case 'overtaken':
      return { ...nothing, stop: 'idempotency_in_flight' }
    case 'too_many':
      return takeSome(store, batch, lines, taken.room)
  }
}

/** Lines that are there already need no room; of the others, the first ones get what is left. */
const takeSome = async (
  store: BatchLineStore,
  batch: Place,
  { good, bad, progress }: Lines,
  room: number,
): Promise<Taken> => {
  const keys = [...good, ...bad].flatMap(({ lineKey }) => (lineKey === null ? [] : [lineKey]))
  const known = await store.findKnown(batch.id, keys)
  const isNew = ({ lineKey }: { readonly lineKey: string | null }) => lineKey === null || !known.has(lineKey)
  const newLines = [...good.filter(isNew), ...bad.filter(isNew)].map(({ line }) => line).sort((a, b) => a - b)
  const lastLine = newLines[room - 1] ?? (room > 0 ? Number.POSITIVE_INFINITY : 0)
  const fits = (line: GoodLine | RejectedLine) => isNew(line) && line.line <= lastLine
  const isFull = newLines.length > room
  // A stream that is cut short here stays where it was; it is at an end anyway.
  const some = { good: good.filter(fits), bad: bad.filter(fits), progress: isFull ? null : progress }
  const rest = await takeLines(store, batch, some)
  const duplicates = rest.duplicates + good.length + bad.length - newLines.length
  return { ...rest, duplicates, stop: rest.stop ?? (isFull ? 'batch_full' : null) }
}
