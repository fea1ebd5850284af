/** What became of the lines of a batch, page by page: a reader holds one page, however many lines there are. */
import type { Pool } from 'pg'
import type { LineFault } from './batch-lines.ts'
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
  /** Lines that became jobs, in their order; only jobs in one of the states, where some are given. */
  results(batchId: string, states: readonly string[] | null): AsyncGenerator<readonly LineResult[]>
  /** Lines that did not. */
  rejections(batchId: string): AsyncGenerator<readonly LineRejection[]>
}

/** Of rows that may have a prompt and twenty steps each. */
const pageSize = 50

const resultsSql = `
SELECT q.batch_line, ${jobRecordColumns} FROM ${jobRecordTables}
WHERE j.batch_id = $1 AND j.id > $2 AND ($3::text[] IS NULL OR j.state = ANY ($3))
ORDER BY j.id LIMIT ${pageSize}`

const rejectionsSql = `
SELECT line, digest, custom_id, is_malformed, faults FROM batch_rejections
WHERE batch_id = $1 AND (line, digest) > ($2, $3)
ORDER BY line, digest LIMIT ${pageSize}`

interface RejectionRow {
  line: number
  digest: string
  custom_id: string | null
  is_malformed: boolean
  faults: LineFault[]
}

export const createBatchResultStore = ({ pool }: { readonly pool: Pool }): BatchResultStore => ({
  async *results(batchId, states) {
    let lastId = ''
    for (;;) {
      const { rows } = await pool.query<JobRecordRow & { batch_line: number }>({
        name: 'list-batch-results',
        text: resultsSql,
        values: [batchId, lastId, states],
      })
      const page = rows.map((row) => ({ line: row.batch_line, job: toJobRecord(row) }))
      if (page.length > 0) yield page
      const last = page.at(-1)
      if (last === undefined || page.length < pageSize) return
      lastId = last.job.id
    }
  },

  async *rejections(batchId) {
    let after = { line: 0, digest: '' }
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
      if (last === undefined || rows.length < pageSize) return
      after = last
    }
  },
})
