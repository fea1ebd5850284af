import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { eraseJob } from '../../actions/erase-job.ts'
import { actorOf, principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'

export const eraseJobRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'DELETE',
      url: '/v1/jobs/:id',
      onRequest: [requireKey('jobs:write'), answersJson],
      schema: {
        operationId: 'deleteJob',
        summary: 'Erase a finished job',
        description:
          'Erases the prompt, the steps, the metadata and tags, the inputs, the artifacts with their files, the words of the provider, what was said with it in a conversation, and the bodies of callbacks; a callback that is still to come is given up. Uploads that no other job takes are deleted too. What stays is a stub for the books: ids, times, state and credits. After that the job is not found (404). It cannot be undone.',
        tags: ['jobs'],
        params: idParams,
        response: {
          204: z.undefined().describe('The job is erased.'),
          ...problems('not_acceptable', 'not_found', 'not_finished'),
        },
      },
      handler: async (request, reply) => {
        const { tenantId } = principalOf(request)
        const jobId = request.params.id
        const { outcome } = await eraseJob(deps, { tenantId, jobId, actor: actorOf(request) })
        return outcome === 'erased' ? reply.code(204).send() : sendProblem(reply, outcome)
      },
    })
  }
