import type { FastifySchemaCompiler } from 'fastify'
import type { FastifyRouteSchemaDef } from 'fastify/types/schema.js'
import type { z } from 'zod'
import { toFaults } from '../actions/fault.ts'
import { invalidRequest } from './request-refusal.ts'

/** Where a fault is, as the first part of its pointer; a body's pointers start at the body itself. */
const places: Record<string, readonly string[]> = { querystring: ['query'], params: ['path'], body: [] }

/**
 * Checks what comes in against the schemas of the routes. Schemas of headers only document: each header has a reader
 * of its own.
 */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  if (httpPart === 'headers') return (value: unknown) => ({ value })
  const at = places[httpPart ?? 'body'] ?? []
  return (value: unknown) => {
    const result = schema.safeParse(value)
    return result.success
      ? { value: result.data }
      : { error: invalidRequest(toFaults(schema, value, result.error.issues, at)) }
  }
}

/** For a route whose action checks the body itself, so that every fault is named at once (api.md §0). */
export const leaveBodyToAction: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler(route as FastifyRouteSchemaDef<z.ZodType>)

/** What the routes answer is typed by their schemas; checking it again for every answer would only cost time. */
export const serializerCompiler = () => (value: unknown) => JSON.stringify(value)
