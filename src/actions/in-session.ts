import type { IdempotencyStore } from '../store/idempotency.ts'
import type { SessionRecord, SessionStore } from '../store/sessions.ts'
import { findReplay, type IdempotencyGate, type KeyedRequest, type Replay } from './idempotency.ts'

export interface InSessionDeps {
  readonly sessions: Pick<SessionStore, 'find'>
  readonly idempotency: IdempotencyStore
  readonly gate: IdempotencyGate
}

/** A conversation, and the key of what is asked for in it. */
export interface SessionRequest {
  readonly tenantId: string
  readonly sessionId: string
  readonly keyed: KeyedRequest | null
}

export type NotInSession = { readonly outcome: 'in_flight' | 'not_found' } | Replay

/** Does something in a conversation, unless it was answered under its key before, or is being answered. */
export const inSession = async <Outcome>(
  deps: InSessionDeps,
  { tenantId, sessionId, keyed }: SessionRequest,
  act: (session: SessionRecord) => Promise<Outcome>,
): Promise<Outcome | NotInSession> => {
  const leave = keyed === null ? () => undefined : deps.gate.enter(tenantId, keyed)
  if (leave === null) return { outcome: 'in_flight' }
  try {
    const session = await deps.sessions.find(tenantId, sessionId)
    if (session === null) return { outcome: 'not_found' }
    const replay = keyed === null ? null : await findReplay(deps.idempotency, tenantId, keyed)
    return replay ?? (await act(session))
  } finally {
    leave()
  }
}
