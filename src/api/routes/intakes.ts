import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { changeIntake, deleteIntake } from '../../actions/change-intake.ts'
import { IntakePatch } from '../../actions/intake-in.ts'
import { actorOf, principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { IntakeOut, IntakeWithSecretOut, toIntakeOut } from '../schemas/intake-out.ts'
import { cursorQuery, limitQuery, listOf, toPage } from '../schemas/list.ts'
import { problems } from '../schemas/problem-out.ts'
import { mappingProblems, sendIntakeRefusal } from '../send-intake-refusal.ts'
import { sendPage } from '../send-page.ts'
import { leaveBodyToAction } from '../validation.ts'

export const intakeRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'GET',
      url: '/v1/intakes',
      onRequest: [requireKey('intakes:read'), answersJson],
      schema: {
        operationId: 'listIntakes',
        summary: 'List intakes',
        tags: ['intakes'],
        querystring: z.strictObject({ limit: limitQuery, cursor: cursorQuery.optional() }),
        response: { 200: listOf(IntakeOut), ...problems('not_acceptable') },
      },
      handler: async (request, reply) => {
        const { limit, cursor } = request.query
        const page = { limit: limit + 1, after: cursor ?? null }
        const intakes = await deps.intakes.list(principalOf(request).tenantId, page)
        const shown = toPage(intakes, limit, (intake) => toIntakeOut(intake, publicUrl))
        return sendPage(request, reply, publicUrl, shown)
      },
    })

    app.route({
      method: 'GET',
      url: '/v1/intakes/:id',
      onRequest: [requireKey('intakes:read'), answersJson],
      schema: {
        operationId: 'getIntake',
        summary: 'Read an intake',
        tags: ['intakes'],
        params: idParams,
        response: { 200: IntakeOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const intake = await deps.intakes.find(principalOf(request).tenantId, request.params.id)
        return intake === null ? sendProblem(reply, 'not_found') : reply.send(toIntakeOut(intake, publicUrl))
      },
    })

    app.route({
      method: 'PATCH',
      url: '/v1/intakes/:id',
      onRequest: [requireKey('intakes:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'updateIntake',
        summary: 'Change an intake',
        description:
          'What is left out stays; `defaults` and `verifier` are replaced as a whole. A new secret holds at once: what is still signed with the former one is refused. `secret` is null unless Clipline made a new one, which it does where the type changes and none is given.',
        tags: ['intakes'],
        params: idParams,
        body: IntakePatch,
        response: {
          200: IntakeWithSecretOut,
          ...problems(...mappingProblems, 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const place = { tenantId, intakeId: request.params.id, actor: actorOf(request) }
        const result = await changeIntake(deps, { ...place, body: request.body })
        switch (result.outcome) {
          case 'changed':
            return reply.send({ ...toIntakeOut(result.intake, publicUrl), secret: result.issuedSecret })
          case 'not_found':
            return sendProblem(reply, 'not_found')
          case 'refused':
          case 'busy':
            return sendIntakeRefusal(reply, result)
        }
      },
    })

    app.route({
      method: 'DELETE',
      url: '/v1/intakes/:id',
      onRequest: [requireKey('intakes:write'), answersJson],
      schema: {
        operationId: 'deleteIntake',
        summary: 'Delete an intake',
        description:
          'Nothing more comes in, and the events that were kept as failures are gone. The jobs that it made stay.',
        tags: ['intakes'],
        params: idParams,
        response: { 204: z.undefined().describe('It is gone.'), ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const place = { tenantId, intakeId: request.params.id, actor: actorOf(request) }
        return (await deleteIntake(deps, place)) ? reply.code(204).send() : sendProblem(reply, 'not_found')
      },
    })
  }
