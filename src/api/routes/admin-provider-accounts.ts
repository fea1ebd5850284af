import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { changeProviderAccount, createProviderAccount } from '../../actions/manage-provider-account.ts'
import { ProviderAccountPatch, TenantAccountIn } from '../../actions/provider-account-in.ts'
import type { AccountRecord } from '../../store/own-accounts.ts'
import { actorOf, principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { AccountOut, toAccountOut } from '../schemas/account-out.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendCreated } from '../send-created.ts'
import { sendPage } from '../send-page.ts'
import { sendRefusal } from '../send-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

const path = '/v1/admin/provider-accounts'

/** Every account at the provider: those that tenants brought along, and the shared ones. */
export const adminProviderAccountRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings
    const toOut = (account: AccountRecord): AccountOut => toAccountOut(account, publicUrl)
    const onRequest = [requireKey('admin'), answersJson]

    app.route({
      method: 'POST',
      url: path,
      onRequest,
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createProviderAccount',
        summary: 'Let the jobs of a tenant be done with a provider account of its own',
        description:
          'As the tenant itself does it with PUT /v1/provider-account, which also replaces the token and gives the account up.',
        tags: ['admin'],
        headers: idempotencyHeaders,
        body: TenantAccountIn,
        response: {
          201: AccountOut,
          ...problems(
            'not_acceptable',
            'idempotency_in_flight',
            'account_taken',
            'payload_too_large',
            'unsupported_content_type',
            'unknown_tenant',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        const result = await createProviderAccount(deps, {
          tenantId: principalOf(request).tenantId,
          actor: actorOf(request),
          body: request.body,
          ...readKeyed(request, `POST ${path}`, request.body),
          toBody: toOut,
        })
        switch (result.outcome) {
          case 'account_taken':
            return sendProblem(reply, 'account_taken')
          case 'refused':
            return sendRefusal(reply, result)
          default:
            return sendCreated(reply, result)
        }
      },
    })

    app.route({
      method: 'GET',
      url: path,
      onRequest,
      schema: {
        operationId: 'listProviderAccounts',
        summary: 'List the accounts at the provider, without their tokens',
        tags: ['admin'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(AccountOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const accounts = await deps.ownAccounts.list({ limit: limit + 1, after: cursor ?? null })
        return sendPage(request, reply, publicUrl, toPage(accounts, limit, toOut))
      },
    })

    app.route({
      method: 'GET',
      url: `${path}/:id`,
      onRequest,
      schema: {
        operationId: 'readProviderAccount',
        summary: 'Read an account at the provider, without its token',
        tags: ['admin'],
        params: idParams,
        response: { 200: AccountOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const account = await deps.ownAccounts.findById(request.params.id)
        return account === null ? sendProblem(reply, 'not_found') : reply.send(toOut(account))
      },
    })

    app.route({
      method: 'PATCH',
      url: `${path}/:id`,
      onRequest,
      schema: {
        operationId: 'updateProviderAccount',
        summary: 'Change the limit of an account at the provider',
        description:
          'It holds from the next tick of the dispatcher on. Jobs under way go on, also where there are more of them than it says.',
        tags: ['admin'],
        params: idParams,
        body: ProviderAccountPatch,
        response: {
          200: AccountOut,
          ...problems('not_acceptable', 'not_found', 'payload_too_large', 'unsupported_content_type'),
        },
      },
      handler: async (request, reply) => {
        const account = await changeProviderAccount(deps, {
          actor: actorOf(request),
          actorTenantId: principalOf(request).tenantId,
          accountId: request.params.id,
          patch: request.body,
        })
        return account === null ? sendProblem(reply, 'not_found') : reply.send(toOut(account))
      },
    })
  }
