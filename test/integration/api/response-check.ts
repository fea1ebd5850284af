/**
 * Holds every answer of the API suite to the OpenAPI document: an answer that the document does not describe fails the
 * test that got it, whatever that test looks at.
 */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'

type Document = OpenAPIV3_1.Document
type Json = Readonly<Record<string, unknown>>

/** Refused before an operation has its say, on any of them: by the HTTP server, or by the guard of all requests. */
const anywhere = new Set([400, 404, 405, 408, 411, 413, 414, 415, 431, 503])

interface Described {
  readonly operationId: string
  readonly responses: Readonly<Record<string, OpenAPIV3_1.ResponseObject>>
}

export type ResponseCheck = (
  request: { method: string; url: string },
  response: LightMyRequestResponse,
) => void

/** Reads the document when the first answer comes. */
export const createResponseCheck = (app: FastifyInstance): ResponseCheck => {
  let finder: ReturnType<typeof createFinder> | null = null
  const validators = new Map<string, z.ZodType>()

  const validatorOf = (document: Document, key: string, schema: unknown): z.ZodType => {
    const known = validators.get(key) ?? readSchema(document, schema)
    validators.set(key, known)
    return known
  }

  return ({ method, url }, response) => {
    finder ??= createFinder(app.swagger() as Document)
    const operation = finder.find(method, url)
    const { statusCode } = response
    const type = String(response.headers['content-type'] ?? '').split(';')[0] ?? ''
    const where = `${method} ${url.split('?')[0]} answered ${statusCode}`
    if (type === 'application/problem+json') {
      const schema = { $ref: '#/components/schemas/Problem' }
      verify(where, validatorOf(finder.document, 'Problem', schema), response)
    }
    if (operation === null || (statusCode >= 400 && anywhere.has(statusCode))) return
    const described = operation.responses[statusCode]
    if (described === undefined)
      throw new Error(`${where}, which ${operation.operationId} does not say that it does`)
    const media = described.content?.[type]
    if (type !== 'application/json' || method === 'HEAD') return
    if (media === undefined) throw new Error(`${where} as JSON, which ${operation.operationId} does not say`)
    const key = `${operation.operationId} ${statusCode}`
    verify(where, validatorOf(finder.document, key, media.schema), response)
  }
}

const verify = (where: string, validator: z.ZodType, response: LightMyRequestResponse): void => {
  if (response.body === '') return
  const { error } = validator.safeParse(response.json())
  if (error) throw new Error(`${where} with what its schema does not allow: ${z.prettifyError(error)}`)
}

const createFinder = (document: Document) => {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      shape: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
      operation: operation as Described,
    })),
  )
  // A path without parameters is meant rather than one with them.
  operations.sort((left, right) => left.path.split('{').length - right.path.split('{').length)
  return {
    document,
    find(method: string, url: string): Described | null {
      const [path = ''] = url.split('?')
      const asked = method === 'HEAD' ? 'GET' : method
      return operations.find((known) => known.method === asked && known.shape.test(path))?.operation ?? null
    },
  }
}

/** A schema of the document with what it refers to in it, as zod reads it. */
export const readSchema = (document: Document, schema: unknown): z.ZodType => {
  const inline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inline)
    if (typeof value !== 'object' || value === null) return value
    const { $ref: ref } = value as Json
    if (typeof ref === 'string') return inline(document.components?.schemas?.[ref.split('/').at(-1) ?? ''])
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inline(inner)]))
  }
  return z.fromJSONSchema(inline(schema) as Parameters<typeof z.fromJSONSchema>[0])
}
