import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { createIntake } from '../../actions/create-intake.ts'
import { IntakeIn } from '../../actions/intake-in.ts'
import { actorOf, principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders } from '../schemas/ids.ts'
import { IntakeWithSecretOut, toIntakeOut } from '../schemas/intake-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendCreated } from '../send-created.ts'
import { mappingProblems, sendIntakeRefusal } from '../send-intake-refusal.ts'
import { leaveBodyToAction } from '../validation.ts'

export const createIntakeRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'POST',
      url: '/v1/intakes',
      onRequest: [requireKey('intakes:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createIntake',
        summary: 'Let the webhooks of another service make jobs',
        description:
          'Give the sender `links.receive` as its URL, and the secret. A secret that Clipline makes is shown in this answer and never again; one that you give is not repeated. The mapping is checked here and run for every event, for half a second at most, with nothing in sight but the payload.',
        tags: ['intakes'],
        headers: idempotencyHeaders,
        body: IntakeIn,
        response: {
          201: IntakeWithSecretOut,
          ...problems(...mappingProblems, 'idempotency_in_flight', 'idempotency_key_reused'),
        },
      },
      handler: async (request, reply) => {
        const result = await createIntake(deps, {
          tenantId: principalOf(request).tenantId,
          actor: actorOf(request),
          body: request.body,
          ...readKeyed(request, 'POST /v1/intakes', request.body),
          toBody: (intake, secret) => ({ ...toIntakeOut(intake, publicUrl), secret }),
        })
        return result.outcome === 'refused' || result.outcome === 'busy'
          ? sendIntakeRefusal(reply, result)
          : sendCreated(reply, result)
      },
    })
  }
