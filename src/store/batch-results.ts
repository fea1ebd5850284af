/** What became of the lines of a batch, page by page: a reader holds one page, however many lines there are. */
import type { Pool } from 'pg'
import type { LineFault } from './batch-lines.ts'
import { walkOf } from './batch-walk.ts'
import {
  type JobRecord,
  type JobRecordRow,
  jobRecordColumns,
  jobRecordTables,
  toJobRecord,
} from './job-record.ts'

export interface LineResult {
  readonly line: number
  readonly job: JobRecord
}

export interface LineRejection {
  readonly line: number
  readonly customId: string | null
  readonly isMalformed: boolean
  readonly faults: readonly LineFault[]
}

export interface BatchResultStore {
  /**
   * Lines that became jobs, in their order, behind the one of job `afterId`; only jobs in one of the states, where some
   * are given.
   */
  results(
    batchId: string,
    place: { readonly states: readonly string[] | null; readonly afterId: string | null },
  ): AsyncGenerator<readonly LineResult[]>
  /** Lines that did not, behind the one of that number. */
  rejections(batchId: string, afterLine: number): AsyncGenerator<readonly LineRejection[]>
}

/** Of jobs that may have a prompt and twenty steps each. */
const shownAtATime = 50
const lookedAtATime = 500

const walkSql = `
WITH RECURSIVE ${walkOf({ batch: '$1', after: '$2', most: String(lookedAtATime) }).trim()}
SELECT j.id, j.state FROM walk w CROSS JOIN LATERAL (SELECT j.id, j.state FROM jobs j WHERE j.id = w.id OFFSET 0) j
ORDER BY w.no`

const resultsSql = `
SELECT q.batch_line, ${jobRecordColumns} FROM ${jobRecordTables} WHERE j.id = ANY ($1) ORDER BY j.id`

const nextRejection = (after: string): string => `
  SELECT r.* FROM batch_rejections r
  WHERE r.batch_id = $1 AND (r.line, r.digest) > (${after}) ORDER BY r.line, r.digest LIMIT 1`

/** The same walk (batch-walk.ts) through the bad lines: $1 batch, $2 and $3 the one after which to begin. */
const rejectionsSql = `
WITH RECURSIVE walk AS (
  (SELECT first.*, 1 AS no FROM (${nextRejection('$2::int, $3::text')}) first)
  UNION ALL
  SELECT further.*, w.no + 1 FROM walk w CROSS JOIN LATERAL (${nextRejection('w.line, w.digest')}) further
  WHERE w.no < ${lookedAtATime}
)
SELECT line, digest, custom_id, is_malformed, faults FROM walk ORDER BY no`

interface RejectionRow {
  line: number
  digest: string
  custom_id: string | null
  is_malformed: boolean
  faults: LineFault[]
}

export const createBatchResultStore = ({ pool }: { readonly pool: Pool }): BatchResultStore => ({
  async *results(batchId, { states, afterId }) {
    let after = afterId ?? ''
    for (;;) {
      const { rows } = await pool.query<{ id: string; state: string }>({
        name: 'walk-batch',
        text: walkSql,
        values: [batchId, after],
      })
      const ids = rows.filter(({ state }) => states === null || states.includes(state)).map(({ id }) => id)
      for (let start = 0; start < ids.length; start += shownAtATime)
        yield await readResults(pool, ids.slice(start, start + shownAtATime))
      const last = rows.at(-1)
      if (last === undefined || rows.length < lookedAtATime) return
      after = last.id
    }
  },

  async *rejections(batchId, afterLine) {
    let after = { line: afterLine + 1, digest: '' }
    for (;;) {
      const { rows } = await pool.query<RejectionRow>({
        name: 'list-batch-rejections',
        text: rejectionsSql,
        values: [batchId, after.line, after.digest],
      })
      if (rows.length > 0)
        yield rows.map((row) => ({
          line: row.line,
          customId: row.custom_id,
          isMalformed: row.is_malformed,
          faults: row.faults,
        }))
      const last = rows.at(-1)
      if (last === undefined || rows.length < lookedAtATime) return
      after = last
    }
  },
})

/** Jobs that were erased are left out. */
const readResults = async (pool: Pool, ids: readonly string[]): Promise<LineResult[]> => {
  const { rows } = await pool.query<JobRecordRow & { batch_line: number }>({
    name: 'read-batch-results',
    text: resultsSql,
    values: [ids],
  })
  return rows.map((row) => ({ line: row.batch_line, job: toJobRecord(row) }))
}
