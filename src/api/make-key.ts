import type { FastifyReply, FastifyRequest } from 'fastify'
import { type CreateKeyInput, createKey } from '../actions/manage-keys.ts'
import type { KeyRecord } from '../store/key-directory.ts'
import { actorOf, principalOf } from './auth.ts'
import { readKeyed } from './keyed-body.ts'
import type { RouteContext } from './route-context.ts'
import { sendCreated } from './send-created.ts'
import { sendRefusal } from './send-refusal.ts'

interface WantedKey {
  readonly schema: CreateKeyInput['schema']
  readonly route: string
  readonly toOut: (key: KeyRecord) => object
}

/** Makes the key, for somebody with a key of their own, and answers with it. */
export const makeKey = async (
  { deps }: Pick<RouteContext, 'deps'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { schema, route, toOut }: WantedKey,
): Promise<FastifyReply> => {
  const { tenantId, scopes: heldScopes } = principalOf(request)
  const result = await createKey(deps, {
    tenantId,
    actor: actorOf(request),
    heldScopes,
    schema,
    body: request.body,
    ...readKeyed(request, route, request.body),
    toBody: (key, apiKey) => ({ ...toOut(key), key: apiKey }),
  })
  return result.outcome === 'refused' ? sendRefusal(reply, result) : sendCreated(reply, result)
}
