/** Creates one thing per `Idempotency-Key`, however often and at once it is asked for (api.md §0, guarantees.md I10). */
import { type Sealer, sealedPlace } from '../crypto/seal.ts'
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { KeyedAnswer } from '../store/keyed-write.ts'
import {
  findReplay,
  fingerprintOf,
  type IdempotencyGate,
  type KeyedRequest,
  type Replay,
} from './idempotency.ts'

export interface CreateOnceDeps {
  readonly idempotency: IdempotencyStore
  readonly gate: IdempotencyGate
  readonly sealer: Sealer
}

/** Who asks, and under which key. */
export interface CreateRequest {
  readonly tenantId: string
  readonly keyed: KeyedRequest | null
}

/** Something that was checked and only has to be written. */
export interface Draft {
  readonly outcome: 'draft'
  readonly resourceId: string
  readonly status: 201 | 202
  readonly body: object
  /** Writes it with the answer; `false` when the key, or something else that is unique, is taken. */
  readonly insert: (answer: KeyedAnswer | null) => Promise<boolean>
}

export type CreateOnceOutcome =
  | { readonly outcome: 'created'; readonly status: 201 | 202; readonly body: object }
  | { readonly outcome: 'in_flight' }
  | Replay

/**
 * `make` checks what is asked, and says what to write or why not. It is asked again when something unique was taken
 * meanwhile. Stored answers are sealed, because they may hold a secret that is shown once.
 */
export const createOnce = async <Refusal extends { readonly outcome: string }>(
  deps: CreateOnceDeps,
  request: CreateRequest,
  make: () => Promise<Draft | Refusal>,
): Promise<CreateOnceOutcome | Refusal> => {
  const { tenantId, keyed } = request
  const leave = keyed === null ? () => undefined : deps.gate.enter(tenantId, keyed)
  if (leave === null) return { outcome: 'in_flight' }
  try {
    for (let round = 0; round < maxRounds; round += 1) {
      const replay = keyed === null ? null : await findSealedReplay(deps, tenantId, keyed)
      if (replay !== null) return replay
      const made = await make()
      if (!isDraft(made)) return made
      if (await made.insert(keyed === null ? null : toAnswer(deps, tenantId, keyed, made)))
        return { outcome: 'created', status: made.status, body: made.body }
      if (keyed !== null)
        await deps.idempotency.forgetExpired({ tenantId, route: keyed.route, key: keyed.key })
    }
    throw new Error('what is to be created was taken again and again')
  } finally {
    leave()
  }
}

const maxRounds = 3

const isDraft = (made: Draft | { readonly outcome: string }): made is Draft => made.outcome === 'draft'

const toAnswer = (
  { sealer }: CreateOnceDeps,
  tenantId: string,
  keyed: KeyedRequest,
  { resourceId, status, body }: Draft,
): KeyedAnswer => ({
  tenantId,
  ...keyed,
  resourceId,
  status,
  body: { sealed: sealer.seal(JSON.stringify(body), placeOf(tenantId, keyed)) },
})

const findSealedReplay = async (
  { idempotency, sealer }: CreateOnceDeps,
  tenantId: string,
  keyed: KeyedRequest,
): Promise<Replay | null> => {
  const replay = await findReplay(idempotency, tenantId, keyed)
  if (replay?.outcome !== 'replayed') return replay
  const { sealed } = replay.body as { readonly sealed: string }
  return { ...replay, body: JSON.parse(sealer.open(sealed, placeOf(tenantId, keyed))) }
}

const placeOf = (tenantId: string, { route, key }: KeyedRequest): string =>
  sealedPlace({ table: 'idempotency_keys', rowId: fingerprintOf([route, key]), tenantId })
