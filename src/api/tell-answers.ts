import type { FastifyInstance } from 'fastify'
import type { ApiDeps } from './deps.ts'

/** Methods outside of these are the client's own words, and no label. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** States each answer as a fact, by the pattern of its route: never by its path, which holds ids. */
export const tellAnswers = (app: FastifyInstance, { telemetry }: Pick<ApiDeps, 'telemetry'>): void => {
  app.addHook('onResponse', async (request, reply) => {
    telemetry.state('http.answered', {
      method: knownMethods.has(request.method) ? request.method : 'other',
      route: request.is404 ? 'none' : (request.routeOptions.url ?? 'none'),
      status: reply.statusCode,
      ms: reply.elapsedTime,
    })
  })
}
