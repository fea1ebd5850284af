import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { toFaults } from '../actions/fault.ts'
import { readJson } from './json-body.ts'
import { invalidRequest } from './request-refusal.ts'

/** Of a route that asks for no body: none, or one that says nothing. What it does say would be passed over silently. */
const emptyBody = z.strictObject({}).nullish()

/** Has JSON read strictly. A route without a schema for its body takes no field in it. */
export const parseJsonBodies = (app: FastifyInstance): void => {
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0 && mayBeLeftOut(request)) return done(null, undefined)
    const reading = readJson(body)
    if (reading.outcome === 'refused') return done(invalidRequest(reading.faults))
    const faults = findNeedless(request, reading.value)
    if (faults.length > 0) done(invalidRequest(faults))
    else done(null, reading.value)
  })
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
