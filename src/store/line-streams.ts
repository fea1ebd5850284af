/** Streams of lines with an idempotency key that were not read to their end yet (api.md §4): how far each has come. */
import type { Pool } from 'pg'
import type { Clock } from '../clock.ts'

export interface LineStream {
  /** Names its lines that have no `custom_id`, with their numbers. */
  readonly id: string
  readonly mark: StreamMark
}

/** A place in a stream: the number of the last line that was taken, and the digest of all lines up to it. */
export interface StreamMark {
  readonly lines: number
  readonly digest: string
}

export interface LineStreamStore {
  /** The stream of a key that broke off, or a new one. A key whose time is over begins anew. */
  open(batchId: string, key: string): Promise<LineStream>
  /** Forgets a stream that was read to its end; its answer stands for it from then on. */
  close(id: string): Promise<void>
}

/** How long a key stands for its stream (api.md §0). */
const keyTtlMs = 24 * 3_600_000

const openSql = `
INSERT INTO line_streams (batch_id, key) VALUES ($1, $2)
ON CONFLICT (batch_id, key) DO UPDATE SET key = excluded.key
RETURNING id, lines, digest`

export const createLineStreamStore = ({
  pool,
  clock,
}: {
  readonly pool: Pool
  readonly clock: Clock
}): LineStreamStore => ({
  async open(batchId, key) {
    const since = new Date(clock.nowMs() - keyTtlMs)
    await pool.query('DELETE FROM line_streams WHERE batch_id = $1 AND key = $2 AND created_at < $3', [
      batchId,
      key,
      since,
    ])
    const { rows } = await pool.query<{ id: string; lines: number; digest: string }>(openSql, [batchId, key])
    const [row] = rows
    if (row === undefined) throw new Error('a stream of lines was neither found nor begun')
    return { id: row.id, mark: { lines: row.lines, digest: row.digest } }
  },

  async close(id) {
    await pool.query('DELETE FROM line_streams WHERE id = $1', [id])
  },
})
