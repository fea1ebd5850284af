/** Accounts at the provider: whose token a tenant's jobs are done with (api.md §7, guarantees.md §2.2 "Token"). */
import type { Pool } from 'pg'

export interface ProviderAccountRow {
  readonly id: string
  readonly tenantId: string | null
  readonly kind: 'token' | 'anonymous'
  readonly clientIdSealed: string | null
  readonly tokenSealed: string | null
  readonly userId: string | null
  /** Milliseconds until the token expires; null when it does not, or nobody said. */
  readonly expiresInMs: number | null
  /** An early renewal was refused, or would be too early: nobody asks for another one for now, as long as the token lives. */
  readonly isRenewalPostponed: boolean
  /** What a claim to ask for a token goes by; null while somebody else asks, or nobody may. */
  readonly claimEpoch: number | null
  /** For how long that is so yet, in milliseconds; not positive when it is over. */
  readonly claimedForMs: number
}

export interface NewProviderAccount {
  readonly id: string
  readonly tenantId: string | null
  readonly kind: 'token' | 'anonymous'
  /** What makes the account the same after a restart: unique. */
  readonly identity: string
}

export interface ProviderAccountStore {
  /** The account of that identity; makes it when there is none. */
  ensure(account: NewProviderAccount): Promise<ProviderAccountRow>
  /** The tenant's own account, or the given shared one. */
  findForTenant(tenantId: string, sharedAccountId: string): Promise<ProviderAccountRow | null>
  find(id: string): Promise<ProviderAccountRow | null>
  setClientId(id: string, clientIdSealed: string): Promise<string>
  /**
   * Only one process of the fleet may ask for a token at a time; the others get null and come back. So do those who
   * read the account before somebody else asked: the token that they want may be there by now.
   */
  claimRefresh(id: string, claimEpoch: number, forMs: number): Promise<number | null>
  /**
   * Keeps a token that was asked for under that claim, and ends the claim. One that comes late is still kept where
   * there is no other, or one that is over or ends sooner. Nobody asks for the next one in the first half of its life,
   * however short that is.
   */
  recordToken(
    id: string,
    epoch: number,
    token: {
      readonly tokenSealed: string
      readonly userId: string | null
      readonly expiresAtMs: number | null
    },
  ): Promise<void>
  /** Ends a claim that brought no token; nobody asks again before `forMs` have passed. */
  failRefresh(id: string, epoch: number, forMs: number): Promise<void>
  /** The same, where the kept token lives: only its renewal waits. Whoever has no token by then may ask at once. */
  postponeRenewal(id: string, epoch: number, forMs: number): Promise<void>
  /** A token that the provider refused is over, but kept, unless another one is there by now. */
  endToken(id: string, refusedTokenSealed: string): Promise<void>
}

const columns = `id, tenant_id, kind, client_id_sealed, token_sealed, user_id,
  (extract(epoch FROM token_expires_at - now()) * 1000)::float8 AS expires_in_ms,
  coalesce(renew_after > now(), false) AS is_renewal_postponed,
  CASE WHEN refresh_until > now() THEN NULL ELSE refresh_epoch END AS claim_epoch,
  coalesce(extract(epoch FROM refresh_until - now()) * 1000, 0)::float8 AS claimed_for_ms`

interface Row {
  id: string
  tenant_id: string | null
  kind: 'token' | 'anonymous'
  client_id_sealed: string | null
  token_sealed: string | null
  user_id: string | null
  expires_in_ms: number | null
  is_renewal_postponed: boolean
  claim_epoch: number | null
  claimed_for_ms: number
}

const toAccount = (row: Row): ProviderAccountRow => ({
  id: row.id,
  tenantId: row.tenant_id,
  kind: row.kind,
  clientIdSealed: row.client_id_sealed,
  tokenSealed: row.token_sealed,
  userId: row.user_id,
  expiresInMs: row.expires_in_ms,
  isRenewalPostponed: row.is_renewal_postponed,
  claimEpoch: row.claim_epoch,
  claimedForMs: row.claimed_for_ms,
})

export const createProviderAccountStore = ({ pool }: { pool: Pool }): ProviderAccountStore => {
  const findOne = async (where: string, values: unknown[]): Promise<ProviderAccountRow | null> => {
    const { rows } = await pool.query<Row>(`SELECT ${columns} FROM provider_accounts WHERE ${where}`, values)
    return rows[0] ? toAccount(rows[0]) : null
  }
  return {
    async ensure({ id, tenantId, kind, identity }) {
      await pool.query(
        `INSERT INTO provider_accounts (id, tenant_id, kind, identity) VALUES ($1, $2, $3, $4)
         ON CONFLICT (identity) DO NOTHING`,
        [id, tenantId, kind, identity],
      )
      const account = await findOne('identity = $1', [identity])
      if (account === null) throw new Error(`the provider account ${identity} was removed while it was made`)
      return account
    },
    findForTenant: (tenantId, sharedAccountId) =>
      findOne('tenant_id = $1 OR id = $2 ORDER BY tenant_id NULLS LAST LIMIT 1', [tenantId, sharedAccountId]),
    find: (id) => findOne('id = $1', [id]),
    async setClientId(id, clientIdSealed) {
      const { rows } = await pool.query<{ client_id_sealed: string }>(
        `UPDATE provider_accounts SET client_id_sealed = COALESCE(client_id_sealed, $2) WHERE id = $1
         RETURNING client_id_sealed`,
        [id, clientIdSealed],
      )
      return rows[0]?.client_id_sealed ?? clientIdSealed
    },
    async claimRefresh(id, claimEpoch, forMs) {
      const { rows } = await pool.query<{ refresh_epoch: number }>(
        `UPDATE provider_accounts
         SET refresh_until = now() + $3 * interval '1 millisecond', refresh_epoch = refresh_epoch + 1
         WHERE id = $1 AND refresh_epoch = $2 AND (refresh_until IS NULL OR refresh_until < now())
         RETURNING refresh_epoch`,
        [id, claimEpoch, forMs],
      )
      return rows[0]?.refresh_epoch ?? null
    },
    async recordToken(id, epoch, { tokenSealed, userId, expiresAtMs }) {
      await pool.query(
        `UPDATE provider_accounts SET token_sealed = $3, user_id = COALESCE($4, user_id), token_expires_at = $5,
           refresh_until = NULL, renew_after = now() + ($5::timestamptz - now()) / 2
         WHERE id = $1 AND (
           refresh_epoch = $2 OR token_sealed IS NULL OR token_expires_at <= now() OR token_expires_at < $5)`,
        [id, epoch, tokenSealed, userId, expiresAtMs === null ? null : new Date(expiresAtMs)],
      )
    },
    async failRefresh(id, epoch, forMs) {
      await pool.query(
        `UPDATE provider_accounts SET refresh_until = now() + $3 * interval '1 millisecond'
         WHERE id = $1 AND refresh_epoch = $2`,
        [id, epoch, forMs],
      )
    },
    async postponeRenewal(id, epoch, forMs) {
      await pool.query(
        `UPDATE provider_accounts SET refresh_until = NULL, renew_after = now() + $3 * interval '1 millisecond'
         WHERE id = $1 AND refresh_epoch = $2`,
        [id, epoch, forMs],
      )
    },
    async endToken(id, refusedTokenSealed) {
      await pool.query(
        `UPDATE provider_accounts SET token_expires_at = now() - interval '1 second'
         WHERE id = $1 AND kind = 'anonymous' AND token_sealed = $2`,
        [id, refusedTokenSealed],
      )
    },
  }
}
