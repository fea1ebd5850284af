import type pg from 'pg'

/** What a database was asked since the last reset, from `pg_stat_statements`. */
export interface StatementUse {
  readonly calls: number
  readonly totalMs: number
  readonly rows: number
  readonly text: string
}

export const resetStatements = async (client: pg.Client): Promise<void> => {
  await client.query(
    'SELECT pg_stat_statements_reset(0, oid) FROM pg_database WHERE datname = current_database()',
  )
}

/** Statements of this database, the most expensive first; the harness's own carry a mark and are left out. */
export const readStatements = async (client: pg.Client): Promise<readonly StatementUse[]> => {
  const { rows } = await client.query<StatementUse>(
    `/* bench */ SELECT s.calls::float8 AS calls, s.total_exec_time AS "totalMs", s.rows::float8 AS rows, s.query AS text
     FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
     WHERE d.datname = current_database() AND s.query NOT LIKE '%/* bench */%'
       AND s.query NOT LIKE '%pg_stat_statements_reset%'
     ORDER BY s.total_exec_time DESC`,
  )
  return rows
}

const ourTables =
  /\b(jobs|job_requests|job_events|job_inputs|attempts|permits|artifacts|uploads|tenants|api_keys|workers|callback_\w+|provider_\w+|idempotency_keys)\b/

/** What names none of our tables is the queue's, but for our wake-ups. */
const isOfQueue = ({ text }: StatementUse): boolean => !ourTables.test(text) && !text.includes('pg_notify')

export interface StatementsPerJob {
  readonly own: number
  readonly queue: number
}

export const countPerJob = (statements: readonly StatementUse[], jobs: number): StatementsPerJob => {
  const sum = (uses: readonly StatementUse[]) => uses.reduce((calls, use) => calls + use.calls, 0) / jobs
  return {
    own: sum(statements.filter((use) => !isOfQueue(use))),
    queue: sum(statements.filter(isOfQueue)),
  }
}
