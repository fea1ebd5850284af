import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { explainJob } from '../../actions/explain-job.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { ExplanationOut, toExplanationOut } from '../schemas/explanation-out.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'

export const explainJobRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/v1/jobs/:id/explain',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'explainJob',
        summary: 'Say why a job is where it is',
        description:
          'What it waits for and until when, the limits that it stands under, its place in the line, its next try and the cause of it, and what a person can do. The predicted start is a guess from how long the last jobs of the tenant took.',
        tags: ['jobs'],
        params: idParams,
        response: { 200: ExplanationOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const explanation = await explainJob(deps, { tenantId, jobId: request.params.id })
        return explanation === null
          ? sendProblem(reply, 'not_found')
          : reply.send(toExplanationOut(explanation))
      },
    })
  }
