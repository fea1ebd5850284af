import type { Pool } from 'pg'

/** A key with what its tenant allows: all that is needed to let a request in. */
export interface ApiKeyRecord {
  readonly id: string
  readonly tenantId: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
  readonly tenant: {
    readonly ratePerMinute: number | null
    readonly queueBound: number | null
    readonly maxCreditsPerDay: number | null
  }
}

/** Until when a key lets anybody in. */
export type KeyEnds = Pick<ApiKeyRecord, 'id' | 'expiresAt' | 'revokedAt'>

export interface ApiKeyStore {
  findByHash(hash: string): Promise<ApiKeyRecord | null>
  /** Those of the keys that are there and whose tenants are. */
  listEnds(keyIds: readonly string[]): Promise<readonly KeyEnds[]>
  /** Notes that the key is in use. */
  touch(keyId: string): Promise<void>
  /** Makes a key of a tenant unless its hash exists, in which case it gets the scopes. Revoked stays revoked. */
  ensure(key: NewApiKeyRow): Promise<void>
}

export interface NewApiKeyRow {
  readonly id: string
  readonly tenantId: string
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
}

interface Row {
  id: string
  tenant_id: string
  scopes: string[]
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
  rate_per_minute: number | null
  queue_bound: number | null
  max_credits_per_day: number | null
}

export const createApiKeyStore = ({ pool }: { readonly pool: Pool }): ApiKeyStore => ({
  async findByHash(hash) {
    const { rows } = await pool.query<Row>({
      name: 'find-api-key',
      text: `SELECT k.id, k.tenant_id, k.scopes, k.expires_at, k.revoked_at, k.last_used_at, t.rate_per_minute,
               t.queue_bound, t.max_credits_per_day
             FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
             WHERE k.hash = $1 AND t.deleted_at IS NULL`,
      values: [hash],
    })
    const [row] = rows
    if (row === undefined) return null
    return {
      id: row.id,
      tenantId: row.tenant_id,
      scopes: row.scopes,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      lastUsedAt: row.last_used_at,
      tenant: {
        ratePerMinute: row.rate_per_minute,
        queueBound: row.queue_bound,
        maxCreditsPerDay: row.max_credits_per_day,
      },
    }
  },

  async listEnds(keyIds) {
    const { rows } = await pool.query<Pick<Row, 'id' | 'expires_at' | 'revoked_at'>>({
      name: 'list-api-key-ends',
      text: `SELECT k.id, k.expires_at, k.revoked_at
             FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
             WHERE k.id = ANY ($1) AND t.deleted_at IS NULL`,
      values: [keyIds],
    })
    return rows.map(({ id, expires_at, revoked_at }) => ({
      id,
      expiresAt: expires_at,
      revokedAt: revoked_at,
    }))
  },

  async touch(keyId) {
    await pool.query('UPDATE api_keys SET last_used_at = now() WHERE id = $1', [keyId])
  },

  async ensure({ id, tenantId, name, hash, scopes }) {
    await pool.query(
      `INSERT INTO api_keys (id, tenant_id, name, hash, scopes) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (hash) DO UPDATE SET scopes = EXCLUDED.scopes`,
      [id, tenantId, name, hash, scopes],
    )
  },
})
