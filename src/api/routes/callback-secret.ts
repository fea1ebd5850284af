import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  type CallbackSecret,
  readCallbackSecret,
  rotateCallbackSecret,
} from '../../actions/callback-secret.ts'
import { RotationIn } from '../../actions/endpoint-in.ts'
import { jwksOf, signingKeyFromSeed } from '../../callbacks/signing-key.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { problems } from '../schemas/problem-out.ts'

const CallbackSecretOut = z
  .object({
    secret: z.string().describe('Signs the callbacks of jobs that bring no secret of their own.'),
    previous: z
      .object({ secret: z.string(), expires_at: z.iso.datetime() })
      .nullable()
      .describe('The former secret, as long as it signs too.'),
  })
  .meta({ id: 'CallbackSecret' })

const toOut = ({ secret, previous }: CallbackSecret): z.output<typeof CallbackSecretOut> => ({
  secret,
  previous:
    previous === null ? null : { secret: previous.secret, expires_at: previous.expiresAt.toISOString() },
})

const JwksOut = z
  .object({
    keys: z.array(
      z.object({
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        x: z.string(),
        kid: z.string(),
        use: z.literal('sig'),
        alg: z.literal('EdDSA'),
      }),
    ),
  })
  .meta({ id: 'JsonWebKeySet' })

/** What receivers verify callbacks with: the tenant's secret, and the public keys of the installation. */
export const callbackSecretRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/callback-secret',
      onRequest: [requireKey('callbacks:read'), answersJson],
      schema: {
        operationId: 'getCallbackSecret',
        summary: 'Read the secret that signs the callbacks of jobs',
        tags: ['callbacks'],
        response: { 200: CallbackSecretOut, ...problems('not_acceptable') },
      },
      handler: async (request, reply) =>
        reply.send(toOut(await readCallbackSecret(deps, principalOf(request).tenantId))),
    })

    app.route({
      method: 'POST',
      url: '/v1/callback-secret/rotate',
      onRequest: [requireKey('callbacks:write'), answersJson],
      schema: {
        operationId: 'rotateCallbackSecret',
        summary: 'Replace the secret that signs the callbacks of jobs',
        description:
          'For `overlap_s` seconds (a day when left out) callbacks carry the signatures of both secrets. Rotating again within that time ends the one before the last.',
        tags: ['callbacks'],
        body: RotationIn.nullish(),
        response: { 200: CallbackSecretOut, ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { overlap_s: overlapS } = request.body ?? RotationIn.parse({})
        const { tenantId } = principalOf(request)
        return reply.send(toOut(await rotateCallbackSecret(deps, { tenantId, overlapS })))
      },
    })

    app.route({
      method: 'GET',
      url: '/.well-known/clipline-keys.json',
      schema: {
        operationId: 'getCallbackKeys',
        summary: 'Read the public keys that verify callbacks',
        description:
          'A JSON Web Key Set. Every callback has, besides its `v1` signature, a `v1a` one (ed25519) by one of these keys.',
        tags: ['callbacks'],
        security: [],
        response: { 200: JwksOut },
      },
      handler: async (_request, reply) =>
        reply
          .header('cache-control', 'public, max-age=3600')
          .send(jwksOf([signingKeyFromSeed(deps.keys.callbacks)])),
    })
  }
