import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CreateOnceOutcome } from '../actions/create-once.ts'
import { pointerTo } from '../actions/fault.ts'
import type { KeyedRequest } from '../actions/idempotency.ts'
import { type CreateKeyInput, createKey, type KeyRefusal } from '../actions/manage-keys.ts'
import type { KeyRecord } from '../store/key-directory.ts'
import { actorOf, principalOf } from './auth.ts'
import { sendProblem } from './problem.ts'
import type { RouteContext } from './route-context.ts'
import { sendCreated } from './send-created.ts'

interface WantedKey {
  readonly wanted: CreateKeyInput['wanted']
  readonly keyed: KeyedRequest | null
  /** Whose key it will be. */
  readonly ownerId: string
  readonly toOut: (key: KeyRecord) => object
}

/** Makes the key, for somebody with a key of their own, and answers with it. */
export const makeKey = async (
  { deps }: Pick<RouteContext, 'deps'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { wanted, keyed, ownerId, toOut }: WantedKey,
): Promise<FastifyReply> => {
  const { tenantId, scopes: heldScopes } = principalOf(request)
  const result = await createKey(deps, {
    tenantId,
    ownerId,
    actor: actorOf(request),
    heldScopes,
    keyed,
    wanted,
    toBody: (key, apiKey) => ({ ...toOut(key), key: apiKey }),
  })
  return sendCreatedKey(reply, result, wanted)
}

/** Answers the making of a key, or why it may not be made. */
const sendCreatedKey = (
  reply: FastifyReply,
  result: CreateOnceOutcome | KeyRefusal,
  { scopes }: CreateKeyInput['wanted'],
): FastifyReply => {
  switch (result.outcome) {
    case 'scopes_not_held':
      return sendProblem(reply, 'forbidden', {
        errors: result.scopes.map((scope) => ({
          pointer: pointerTo(['scopes', scopes.indexOf(scope)]),
          code: 'forbidden',
          detail: `is ${scope}, which the key that asks does not have itself`,
        })),
      })
    case 'unknown_tenant':
      return sendProblem(reply, 'unknown_tenant', {
        errors: [{ pointer: '/tenant_id', code: 'unknown_tenant', detail: 'is no tenant' }],
      })
    case 'expired':
      return sendProblem(reply, 'out_of_range', {
        errors: [{ pointer: '/expires_at', code: 'out_of_range', detail: 'must be in the future' }],
      })
    default:
      return sendCreated(reply, result)
  }
}
