import type { Pool } from 'pg'
import { hasAnyPriority } from './place-sql.ts'

export interface TenantStore {
  /** The id of the tenant of that name, which is made if there is none. */
  ensure(tenant: { readonly id: string; readonly name: string }): Promise<string>
  /** Gives the tenant its first callback secret; one that is there stays. */
  ensureCallbackSecret(tenantId: string, sealed: string): Promise<void>
  /** How many of the tenant's jobs are queued, counted up to `atMost`. Lines that batches hold back do not count. */
  countQueued(tenantId: string, atMost: number): Promise<number>
}

export const createTenantStore = ({ pool }: { readonly pool: Pool }): TenantStore => ({
  async ensure({ id, name }) {
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO tenants (id, name) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING id`,
      [id, name],
    )
    return rows[0]?.id ?? id
  },

  async ensureCallbackSecret(tenantId, sealed) {
    await pool.query(
      'UPDATE tenants SET callback_secret_sealed = $2 WHERE id = $1 AND callback_secret_sealed IS NULL',
      [tenantId, sealed],
    )
  },

  async countQueued(tenantId, atMost) {
    const { rows } = await pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (
         SELECT 1 FROM jobs q WHERE tenant_id = $1 AND state = 'queued' AND ${hasAnyPriority('q')}
           AND order_at < 'infinity' LIMIT $2) queued`,
      [tenantId, atMost],
    )
    return rows[0]?.count ?? 0
  },
})
