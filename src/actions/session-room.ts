/** A conversation holds so many jobs that have not ended, lines of batches that are held back included. */
import { maxOpenJobs } from '../job/conversation.ts'
import type { BatchLineStore } from '../store/batch-lines.ts'
import type { SessionRecord } from '../store/sessions.ts'
import type { Fault } from './fault.ts'

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
  readonly session: SessionRecord
}

/**
 * Says which lines of one stream their conversations have no room for, by their numbers. Lines that the batch has
 * already need none. Jobs that end while the stream comes in make room for the next one only.
 */
export const createSessionRoom = (
  store: Pick<BatchLineStore, 'findKnown'>,
  batchId: string,
): ((lines: readonly SpokenLine[]) => Promise<ReadonlySet<number>>) => {
  const left = new Map<string, number>()
  return async (lines) => {
    const full = new Set<number>()
    if (lines.length === 0) return full
    const keys = lines.flatMap(({ lineKey }) => (lineKey === null ? [] : [lineKey]))
    const known = await store.findKnown(batchId, keys)
    for (const { line, lineKey, session } of lines) {
      if (lineKey !== null && known.has(lineKey)) continue
      const room = left.get(session.id) ?? openJobRoom(session)
      if (room <= 0) full.add(line)
      else left.set(session.id, room - 1)
    }
    return full
  }
}
