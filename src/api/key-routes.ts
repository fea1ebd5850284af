import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type CreateKeyInput, revokeKey } from '../actions/manage-keys.ts'
import type { Scope } from '../actions/scopes.ts'
import type { KeyRecord } from '../store/key-directory.ts'
import type { ListPage } from '../store/list-order.ts'
import { actorOf, principalOf } from './auth.ts'
import type { Principal } from './keyring.ts'
import { makeKey } from './make-key.ts'
import { answersJson } from './negotiation.ts'
import { sendProblem } from './problem.ts'
import type { ProblemCode } from './problem-catalog.ts'
import type { RouteContext } from './route-context.ts'
import { idempotencyHeaders, idParams } from './schemas/ids.ts'
import { KeyOut, KeyWithSecretOut, toKeyOut } from './schemas/key-out.ts'
import { listOf, toPage } from './schemas/list.ts'
import { problems } from './schemas/problem-out.ts'
import { sendPage } from './send-page.ts'
import { leaveBodyToAction } from './validation.ts'

/** How the description of the API names a call. */
interface CallWords {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
}

interface KeyListQuery {
  readonly tenant_id?: string | undefined
  readonly limit: number
  readonly cursor?: NonNullable<ListPage['after']> | undefined
}

/** Where keys are managed, by whom, and whose they are. */
export interface KeyPlace {
  readonly url: string
  readonly tag: string
  readonly scopes: readonly Scope[]
  /** Of the request for a new one, and what may be wrong with that besides what may be everywhere. */
  readonly schema: CreateKeyInput['schema']
  readonly createProblems: readonly ProblemCode[]
  readonly listQuery: z.ZodType<KeyListQuery>
  readonly words: Readonly<Record<'create' | 'list' | 'read' | 'revoke', CallWords>>
  /** Null: anybody's. */
  readonly ownerOf: (principal: Principal) => string | null
}

/** API keys: made, listed, read and revoked alike by their tenant and by administrators. */
export const keyRoutesAt =
  ({ url, tag, scopes, schema, createProblems, listQuery, words, ownerOf }: KeyPlace) =>
  ({ deps, requireKey, keyring }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (key: KeyRecord): KeyOut => toKeyOut(key, `${publicUrl}${url}`)
    const onRequest = [requireKey(...scopes), answersJson]
    const tags = [tag]

    app.route({
      method: 'POST',
      url,
      onRequest,
      validatorCompiler: leaveBodyToAction,
      schema: {
        ...words.create,
        tags,
        headers: idempotencyHeaders,
        body: schema,
        response: {
          201: KeyWithSecretOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'payload_too_large',
            'unsupported_content_type',
            ...createProblems,
            'out_of_range',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) =>
        makeKey({ deps }, request, reply, { schema, route: `POST ${url}`, toOut }),
    })

    app.route({
      method: 'GET',
      url,
      onRequest,
      schema: {
        ...words.list,
        tags,
        querystring: listQuery,
        response: { 200: listOf(KeyOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { tenant_id, limit, cursor } = request.query
        const owner = ownerOf(principalOf(request)) ?? tenant_id ?? null
        const keys = await deps.keyDirectory.list(owner, { limit: limit + 1, after: cursor ?? null })
        return sendPage(request, reply, publicUrl, toPage(keys, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: `${url}/:id`,
      onRequest,
      schema: {
        ...words.read,
        tags,
        params: idParams,
        response: { 200: KeyOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const key = await deps.keyDirectory.find(ownerOf(principalOf(request)), request.params.id)
        return key === null ? sendProblem(reply, 'not_found') : reply.send(toOut(key))
      },
    })

    app.route({
      method: 'DELETE',
      url: `${url}/:id`,
      onRequest,
      schema: {
        ...words.revoke,
        tags,
        params: idParams,
        response: {
          204: z.undefined().describe('It is revoked.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const place = { ownerId: ownerOf(principalOf(request)), keyId: request.params.id }
        const { outcome } = await revokeKey(deps, { ...place, actor: actorOf(request) })
        if (outcome === 'not_found') return sendProblem(reply, 'not_found')
        keyring.forget()
        return reply.code(204).send()
      },
    })
  }
