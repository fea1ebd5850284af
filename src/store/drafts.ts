import type { Pool } from 'pg'

/** Where the draft of a job is: in its session, which lives in the account that made it. */
export interface DraftPlace {
  readonly accountId: string | null
  /** Null until there is a session. */
  readonly providerSessionId: string | null
  readonly skill: string
}

export interface DraftStore {
  find(tenantId: string, jobId: string): Promise<DraftPlace | null>
}

const findSql = `
SELECT account_id, provider_session_id, skill FROM jobs
WHERE id = $1 AND tenant_id = $2 AND erased_at IS NULL`

interface Row {
  account_id: string | null
  provider_session_id: string | null
  skill: string
}

export const createDraftStore = ({ pool }: { readonly pool: Pool }): DraftStore => ({
  async find(tenantId, jobId) {
    const { rows } = await pool.query<Row>(findSql, [jobId, tenantId])
    const [row] = rows
    return row === undefined
      ? null
      : { accountId: row.account_id, providerSessionId: row.provider_session_id, skill: row.skill }
  },
})
