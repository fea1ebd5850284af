import type { Scope } from '../actions/scopes.ts'
import type { Clock } from '../clock.ts'
import { hashApiKey, isApiKeyShaped } from '../crypto/api-key.ts'
import type { ApiKeyRecord, ApiKeyStore, KeyEnds } from '../store/api-keys.ts'

/** Who asks, and what they may do. */
export interface Principal {
  /** Names the key in limits and logs; never the key itself. */
  readonly keyId: string
  readonly tenantId: string
  /** When the key ends; null where nobody said. */
  readonly expiresAt: Date | null
  readonly scopes: ReadonlySet<Scope>
  readonly ratePerMinute: number | null
  readonly queueBound: number | null
  /** Null: what the tenant's jobs spend in a day is not limited. */
  readonly maxCreditsPerDay: number | null
}

/** One that went with its tenant counts as revoked. */
export type KeyStanding = 'good' | 'expired' | 'revoked'

export interface Keyring {
  /** The holder of a key, or null when it is unknown, expired or revoked. */
  findPrincipal(apiKey: string): Promise<Principal | null>
  /** Was this key good when it was last looked up by this process? Asks nobody. */
  isKnown(apiKey: string): boolean
  /** How the key stands that made something which outlives its request: a token, a link. */
  readStanding(keyId: string): Promise<KeyStanding>
  /** Those of the keys that let nobody in any more. */
  listEnded(keyIds: readonly string[]): Promise<ReadonlySet<string>>
  /** A key or a tenant was changed by this process: what is held no longer holds. */
  forget(): void
}

/** How long a change of a key may go unnoticed by other processes than the one that made it. */
const holdMs = 2_000
const touchEveryMs = 60_000
const maxHeld = 10_000

interface Held {
  readonly record: ApiKeyRecord | null
  readonly principal: Principal | null
  readonly untilMs: number
}

/** Looks keys up by their hash and holds what it found for a moment, unknown keys included. */
export const createKeyring = (deps: {
  readonly apiKeys: ApiKeyStore
  readonly clock: Clock
  readonly pepper: Buffer
}): Keyring => {
  const held = new Map<string, Held>()
  const heldEnds = new Map<string, { readonly ends: KeyEnds | undefined; readonly untilMs: number }>()

  const lookUpEnds = async (keyId: string): Promise<KeyEnds | undefined> => {
    const [ends] = await deps.apiKeys.listEnds([keyId])
    if (heldEnds.size >= maxHeld) heldEnds.clear()
    heldEnds.set(keyId, { ends, untilMs: deps.clock.nowMs() + holdMs })
    return ends
  }

  const lookUp = async (hash: string): Promise<Held> => {
    const record = await deps.apiKeys.findByHash(hash)
    const nowMs = deps.clock.nowMs()
    const isStale = record !== null && nowMs - (record.lastUsedAt?.getTime() ?? 0) > touchEveryMs
    if (record !== null && isStale && isAlive(record, nowMs)) await deps.apiKeys.touch(record.id)
    const found = { record, principal: record === null ? null : toPrincipal(record), untilMs: nowMs + holdMs }
    if (held.size >= maxHeld) held.clear()
    held.set(hash, found)
    return found
  }

  return {
    forget() {
      held.clear()
      heldEnds.clear()
    },

    async readStanding(keyId) {
      const known = heldEnds.get(keyId)
      const isHeld = known !== undefined && deps.clock.nowMs() < known.untilMs
      const ends = isHeld ? known.ends : await lookUpEnds(keyId)
      if (ends === undefined || ends.revokedAt !== null) return 'revoked'
      return isAlive(ends, deps.clock.nowMs()) ? 'good' : 'expired'
    },

    async listEnded(keyIds) {
      const ends = await deps.apiKeys.listEnds(keyIds)
      const nowMs = deps.clock.nowMs()
      const alive = new Set(ends.filter((key) => isAlive(key, nowMs)).map(({ id }) => id))
      return new Set(keyIds.filter((keyId) => !alive.has(keyId)))
    },

    isKnown: (apiKey) =>
      isApiKeyShaped(apiKey) && (held.get(hashApiKey(deps.pepper, apiKey))?.principal ?? null) !== null,

    async findPrincipal(apiKey) {
      if (!isApiKeyShaped(apiKey)) return null
      const hash = hashApiKey(deps.pepper, apiKey)
      const known = held.get(hash)
      const { record, principal } =
        known !== undefined && deps.clock.nowMs() < known.untilMs ? known : await lookUp(hash)
      return record !== null && isAlive(record, deps.clock.nowMs()) ? principal : null
    },
  }
}

const isAlive = ({ expiresAt, revokedAt }: KeyEnds, nowMs: number): boolean =>
  revokedAt === null && (expiresAt === null || nowMs < expiresAt.getTime())

const toPrincipal = ({ id, tenantId, expiresAt, scopes, tenant }: ApiKeyRecord): Principal => ({
  keyId: id,
  tenantId,
  expiresAt,
  scopes: new Set(scopes as readonly Scope[]),
  ...tenant,
})
