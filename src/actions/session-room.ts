/** A conversation holds so many jobs that have not ended, lines of batches that are held back included. */
import { maxOpenJobs } from '../job/conversation.ts'
import type { BatchLineStore } from '../store/batch-lines.ts'
import type { BatchRecord } from '../store/batches.ts'
import type { SessionRecord } from '../store/sessions.ts'
import type { Fault } from './fault.ts'
import type { JobIn } from './job-in.ts'

export const openJobRoom = ({
  openJobIds,
  heldJobs,
}: Pick<SessionRecord, 'openJobIds' | 'heldJobs'>): number => maxOpenJobs - openJobIds.length - heldJobs

export const sessionFull: Fault = {
  pointer: '/session_id',
  code: 'session_full',
  detail: `has ${maxOpenJobs} jobs that have not ended; wait for some`,
}

/** A line that is to become a job of a conversation. */
export interface SpokenLine {
  readonly line: number
  readonly lineKey: string | null
  readonly dedupe: JobIn['dedupe']
  readonly session: SessionRecord
}

type Store = Pick<BatchLineStore, 'findKnown' | 'findHeld'>

/**
 * Says which lines of one stream their conversations have no room for, by their numbers. Lines that the batch has
 * already need none, nor do those whose dedupe key another job holds, unless they replace it. Jobs that end while the
 * stream comes in make room for the next one only.
 */
export const createSessionRoom = (
  store: Store,
  batch: Pick<BatchRecord, 'id' | 'tenantId'>,
): ((lines: readonly SpokenLine[]) => Promise<ReadonlySet<number>>) => {
  const left = new Map<string, number>()
  // While lines are judged, those before them are still being written.
  const placed = new Set<string>()
  return async (lines) => {
    const full = new Set<number>()
    if (lines.length === 0) return full
    const there = await findThere(store, batch, lines)
    for (const spoken of lines) {
      if (namesOf(spoken).some((name) => there.has(name) || placed.has(name))) continue
      const { line, dedupe, session } = spoken
      const room = left.get(session.id) ?? openJobRoom(session)
      if (room <= 0) {
        full.add(line)
        continue
      }
      left.set(session.id, room - 1)
      for (const name of namesOf(spoken)) placed.add(name)
      if (dedupe !== undefined) placed.add(nameOfKey(dedupe.key))
    }
    return full
  }
}

/** By what a line would be found to be there already. */
const namesOf = ({ lineKey, dedupe }: Pick<SpokenLine, 'lineKey' | 'dedupe'>): string[] => [
  ...(lineKey === null ? [] : [nameOfLine(lineKey)]),
  ...(dedupe === undefined || dedupe.on_conflict === 'replace' ? [] : [nameOfKey(dedupe.key)]),
]

const nameOfLine = (lineKey: string): string => `line ${lineKey}`
const nameOfKey = (dedupeKey: string): string => `key ${dedupeKey}`

const findThere = async (
  store: Store,
  { id, tenantId }: Pick<BatchRecord, 'id' | 'tenantId'>,
  lines: readonly SpokenLine[],
): Promise<ReadonlySet<string>> => {
  const lineKeys = lines.flatMap(({ lineKey }) => lineKey ?? [])
  const dedupeKeys = lines.flatMap(({ dedupe }) => dedupe?.key ?? [])
  const [known, held] = await Promise.all([
    store.findKnown(id, lineKeys),
    dedupeKeys.length === 0 ? [] : store.findHeld(tenantId, dedupeKeys),
  ])
  return new Set([...[...known].map(nameOfLine), ...[...held].map(nameOfKey)])
}
