import type {
  Attribution,
  Credits,
  IssuedToken,
  ProviderAccess,
  ProviderSession,
  SessionState,
} from '../provider.ts'
import { ProviderError } from '../provider.ts'
import type { Client } from './client.ts'
import { unreadableAnswer } from './errors.ts'
import { accessHeaders, clientIdHeaders } from './headers.ts'
import { findId, findNumber, findText, isRecord, toRecord } from './json.ts'
import { toSessionState } from './session-state.ts'

/** Upstream-protocol.md §2.2. An answer without a token is final: another request would use up the quota. */
export const requestToken = async (
  client: Client,
  clientId: string,
  attribution: Attribution,
  signal: AbortSignal,
): Promise<IssuedToken> => {
  const headers = clientIdHeaders(clientId, attribution)
  const path = '/api/auth/anonymous-token'
  const issued = toRecord(await client.call({ operation: 'token', method: 'POST', path, headers }, signal))
  const token = findText(issued['token'])
  if (token === null) {
    throw new ProviderError('provider_auth_failed', 'NemoVideo, requesting a token: the answer holds none', {
      evidence: 'answered',
    })
  }
  return {
    token,
    userId: findId(issued['user_id']),
    credits: findNumber(issued['credits']),
    expiresAtMs: findInstant(issued['expires_at']),
  }
}

/** ISO 8601, or seconds or milliseconds since the epoch. */
const findInstant = (value: unknown): number | null => {
  const epoch = findNumber(value)
  if (epoch !== null) return epoch > 1e11 ? epoch : epoch * 1000
  const atMs = Date.parse(findText(value) ?? '')
  return Number.isNaN(atMs) ? null : atMs
}

/** Upstream-protocol.md §2.3. Every call makes a new task and session. */
export const createSession = async (
  client: Client,
  access: ProviderAccess,
  { taskName, language }: { readonly taskName: string; readonly language: string },
  signal: AbortSignal,
): Promise<ProviderSession> => {
  const payload = await client.call(
    {
      operation: 'session',
      method: 'POST',
      path: '/api/tasks/me/with-session/nemo_agent',
      headers: accessHeaders(access),
      json: { task_name: taskName, ...(language === '' ? {} : { language }) },
    },
    signal,
  )
  const session = toRecord(payload)
  const sessionId = findId(session['session_id'])
  if (sessionId === null) throw unreadableAnswer('session', 'the answer holds no session id')
  return { sessionId, taskId: findId(session['task_id']), userId: findId(session['user_id']) }
}

/** Upstream-protocol.md §2.7. */
export const readSession = async (
  client: Client,
  access: ProviderAccess,
  sessionId: string,
  signal: AbortSignal,
): Promise<SessionState> => {
  const path = `/api/state/nemo_agent/me/${encodeURIComponent(sessionId)}/latest`
  const headers = accessHeaders(access)
  const payload = await client.call({ operation: 'state', method: 'GET', path, headers }, signal)
  if (!holdsState(payload)) throw unreadableAnswer('state', 'the answer holds no state')
  return toSessionState(payload)
}

/** An answer without a state must not pass for an empty session, which would look like a change. */
const holdsState = (payload: unknown): boolean =>
  isRecord(payload) && (isRecord(payload['state']) || 'draft' in payload || 'video_infos' in payload)

/** Upstream-protocol.md §2.6: `total` is the sum of what is available and what is held for work in progress. */
export const readCredits = async (
  client: Client,
  access: ProviderAccess,
  signal: AbortSignal,
): Promise<Credits> => {
  const path = '/api/credits/balance/simple'
  const headers = accessHeaders(access)
  const balance = toRecord(await client.call({ operation: 'credits', method: 'GET', path, headers }, signal))
  const available = findNumber(balance['available'])
  if (available === null) throw unreadableAnswer('credits', 'the answer holds no balance')
  const frozen = findNumber(balance['frozen']) ?? 0
  return { available, frozen, total: findNumber(balance['total']) ?? available + frozen }
}
