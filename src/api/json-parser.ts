import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import { toFaults } from '../actions/fault.ts'
import { readJson } from './json-body.ts'
import { isMediaType } from './request-headers.ts'
import { invalidRequest } from './request-refusal.ts'

/** Of a route that asks for no body: none, or one that says nothing. What it does say would be passed over silently. */
const emptyBody = z.strictObject({}).nullish()

/**
 * Has JSON read strictly. A route without a schema for its body takes no field in it. An empty body is no body, whatever
 * type it is declared as; what else is of another type is refused.
 */
export const parseJsonBodies = (app: FastifyInstance): void => {
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0 && mayBeLeftOut(request)) return done(null, undefined)
    const reading = readJson(body)
    if (reading.outcome === 'refused') return done(invalidRequest(reading.faults))
    const faults = findNeedless(request, reading.value)
    if (faults.length > 0) done(invalidRequest(faults))
    else done(null, reading.value)
  })
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    if (!(await isEmpty(request))) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE()
  })
  app.addHook('onRequest', (request, _reply, done) => {
    // Fastify refuses what is no media type before it asks whether there is a body of it.
    if (hasNone(request) && !isMediaType(request.headers['content-type']))
      delete request.headers['content-type']
    done()
  })
}

const hasNone = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

/** Of a body that has bytes, none but the first are waited for. The connection is still needed: for the answer. */
const isEmpty = async ({ headers, raw }: FastifyRequest): Promise<boolean> => {
  if (Number(headers['content-length'] ?? 0) > 0) return false
  for await (const part of raw.iterator({ destroyOnReturn: false })) if (part.length > 0) return false
  return true
}

/** Many clients declare JSON on every request; where no body is asked for, none need be there. */
const mayBeLeftOut = (request: FastifyRequest): boolean =>
  (bodySchemaOf(request) ?? emptyBody).safeParse(undefined).success

/** Routes that the description of the API leaves out are those of plugins, whose bodies only they know. */
const findNeedless = (request: FastifyRequest, value: unknown) => {
  const { schema } = request.routeOptions
  if (schema === undefined || schema.hide === true || schema.body !== undefined) return []
  const { success, error } = emptyBody.safeParse(value)
  return success ? [] : toFaults(emptyBody, value, error.issues)
}

const bodySchemaOf = ({ routeOptions }: FastifyRequest): z.ZodType | undefined =>
  routeOptions.schema?.body as z.ZodType | undefined
