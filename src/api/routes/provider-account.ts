import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { removeProviderAccount, setProviderAccount } from '../../actions/manage-provider-account.ts'
import { accountToken } from '../../actions/provider-account-in.ts'
import { actorOf, principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { OwnAccountOut, toOwnAccountOut } from '../schemas/account-out.ts'
import { problems } from '../schemas/problem-out.ts'

const ProviderAccountIn = z
  .strictObject({
    token: accountToken.describe(
      'The token of your account at the provider. Kept sealed, never shown again.',
    ),
  })
  .meta({ id: 'ProviderAccountRequest' })

/** The account at the provider that one's own jobs are done with. */
export const providerAccountRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const url = '/v1/provider-account'
    const onRequest = [requireKey('keys:write', 'admin'), answersJson]

    app.route({
      method: 'GET',
      url,
      onRequest,
      schema: {
        operationId: 'getProviderAccount',
        summary: 'Read whether the tenant has a provider account of its own',
        description: 'Without one, which is a 404, its jobs are done with the account of the installation.',
        tags: ['keys'],
        response: { 200: OwnAccountOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const account = await deps.ownAccounts.find(principalOf(request).tenantId)
        return account === null ? sendProblem(reply, 'not_found') : reply.send(toOwnAccountOut(account))
      },
    })

    app.route({
      method: 'PUT',
      url,
      onRequest,
      schema: {
        operationId: 'setProviderAccount',
        summary: 'Let the jobs of the tenant be done with a provider account of its own',
        description:
          'Workers use the new token within 15 seconds. Jobs under way go on with it too: when it belongs to another account of the provider, those that have a session there fail.',
        tags: ['keys'],
        body: ProviderAccountIn,
        response: {
          200: OwnAccountOut,
          ...problems('not_acceptable', 'payload_too_large', 'unsupported_content_type'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { token } = request.body
        const account = await setProviderAccount(deps, { actor: actorOf(request), tenantId, token })
        return reply.send(toOwnAccountOut(account))
      },
    })

    app.route({
      method: 'DELETE',
      url,
      onRequest,
      schema: {
        operationId: 'removeProviderAccount',
        summary: 'Give the account of the tenant up',
        description:
          'Its token is erased. New jobs are done with the account of the installation; those that had begun with the own one fail with `provider_auth_failed`.',
        tags: ['keys'],
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems('not_acceptable', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const { outcome } = await removeProviderAccount(deps, { actor: actorOf(request), tenantId })
        return outcome === 'removed' ? reply.code(204).send() : sendProblem(reply, 'not_found')
      },
    })
  }
