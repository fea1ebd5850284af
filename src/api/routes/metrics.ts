import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { RouteContext } from '../route-context.ts'
import { problems } from '../schemas/problem-out.ts'

/** What goes on in the whole installation is the operator's to know: with a key here, without one on WORKER_PORT. */
export const metricsRoute =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/metrics',
      onRequest: requireKey('admin'),
      schema: {
        operationId: 'getMetrics',
        summary: 'Read the metrics of the process',
        description:
          'In the text format of Prometheus, which takes the key as `authorization: {credentials: …}`. Each process has its own; a worker also serves them on WORKER_PORT, without a key. No label names a tenant.',
        tags: ['health'],
        response: {
          200: { description: 'Metrics as text.', content: { 'text/plain': { schema: z.string() } } },
          ...problems(),
        },
      },
      handler: async (_request, reply) =>
        reply.type(deps.metrics.contentType).send(await deps.metrics.render()),
    })
  }
