import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

const noParameters = z.strictObject({})

/** Clients of tus build these requests, and know of no parameters of ours. */
const resumablePath = '/v1/uploads/resumable'

/**
 * A route that declares no query takes no parameter: `?dry_run=true` where it is a field of the body would make a real
 * job, and a filter that is not there would filter nothing (api.md §0).
 */
export const refuseUndeclaredQuery = (app: FastifyInstance): void => {
  app.addHook('onRoute', (route) => {
    const { schema = {}, url } = route
    if (!url.startsWith('/v1/') || url.startsWith(resumablePath)) return
    // What the description of the API leaves out only stands beside a route of it.
    if (schema.hide === true || schema.querystring !== undefined) return
    route.schema = { ...schema, querystring: noParameters }
  })
}
