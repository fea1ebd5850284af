/** Writes a few hundred lines of a batch; where they are more than it may have, only as many as there is room for. */
import type { BatchLineStore, GoodLine, RejectedLine } from '../store/batch-lines.ts'

interface Lines {
  readonly good: readonly GoodLine[]
  readonly bad: readonly RejectedLine[]
}

export interface Taken {
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly RejectedLine[]
  /** Why not all of them were taken. */
  readonly stop: 'batch_not_open' | 'batch_full' | null
}

type Place = { readonly id: string; readonly tenantId: string }

export const takeLines = async (
  store: BatchLineStore,
  batch: Place,
  { good, bad }: Lines,
): Promise<Taken> => {
  if (good.length + bad.length === 0) return { accepted: 0, duplicates: 0, rejected: [], stop: null }
  const taken = await store.take({ batchId: batch.id, tenantId: batch.tenantId, good, bad })
  switch (taken.outcome) {
    case 'taken': {
      const rejected = bad.filter(({ line }) => !taken.knownLines.has(line))
      const accepted = good.filter(({ job }) => taken.acceptedIds.has(job.id)).length
      return {
        accepted,
        duplicates: good.length + bad.length - accepted - rejected.length,
        rejected,
        stop: null,
      }
    }
    case 'not_open':
      return { accepted: 0, duplicates: 0, rejected: [], stop: 'batch_not_open' }
    case 'too_many':
      return takeSome(store, batch, { good, bad }, taken.room)
  }
}

/** Lines that are there already need no room; of the others, the first ones get what is left. */
const takeSome = async (
  store: BatchLineStore,
  batch: Place,
  { good, bad }: Lines,
  room: number,
): Promise<Taken> => {
  const keys = [...good, ...bad].flatMap(({ lineKey }) => (lineKey === null ? [] : [lineKey]))
  const known = await store.findKnown(batch.id, keys)
  const isNew = ({ lineKey }: { readonly lineKey: string | null }) => lineKey === null || !known.has(lineKey)
  const newLines = [...good.filter(isNew), ...bad.filter(isNew)].map(({ line }) => line).sort((a, b) => a - b)
  const lastLine = newLines[room - 1] ?? (room > 0 ? Number.POSITIVE_INFINITY : 0)
  const fits = (line: GoodLine | RejectedLine) => isNew(line) && line.line <= lastLine
  const rest = await takeLines(store, batch, { good: good.filter(fits), bad: bad.filter(fits) })
  const duplicates = rest.duplicates + good.length + bad.length - newLines.length
  return { ...rest, duplicates, stop: rest.stop ?? (newLines.length > room ? 'batch_full' : null) }
}
