/**
 * Holds answers to `openapi/openapi.json`: one that the document does not describe fails the test that got it, whatever
 * that test looks at. For injected requests; `watched-fetch.ts` does the same over real sockets.
 */
import { readFileSync } from 'node:fs'
import type { OpenAPIV3_1 } from 'openapi-types'
import { z } from 'zod'

type Document = OpenAPIV3_1.Document
type Json = Readonly<Record<string, unknown>>

/** Refused before an operation has its say, on any of them: by the HTTP server, or by the guard of all requests. */
const anywhere = new Set([400, 404, 405, 408, 411, 413, 414, 415, 417, 431, 503])

interface Described {
  readonly operationId: string
  readonly responses: Readonly<Record<string, OpenAPIV3_1.ResponseObject>>
}

export interface AnswerHead {
  readonly method: string
  /** With or without an origin. */
  readonly url: string
  readonly statusCode: number
  readonly contentType: string | null
}

/** What is left to check once the status and the type of an answer are those of its operation. */
export type BodyCheck = (body: string) => void

/** Throws where the document says no such answer; null where nothing is said of the body, or it is no JSON. */
export type AnswerCheck = (head: AnswerHead) => BodyCheck | null

const file = new URL('../../openapi/openapi.json', import.meta.url)

/** The document is read, and its schemas, when the first answers come that need them. */
const createAnswerCheck = (): AnswerCheck => {
  let finder: ReturnType<typeof createFinder> | null = null
  const validators = new Map<string, z.ZodType>()

  const verify = (document: Document, key: string, schema: unknown, where: string): BodyCheck => {
    const validator = validators.get(key) ?? readSchema(document, schema)
    validators.set(key, validator)
    return (body) => {
      if (body === '') return
      const { error } = validator.safeParse(JSON.parse(body))
      if (error)
        throw new Error(`${where} with what its schema does not allow: ${z.prettifyError(error)}\n${body}`)
    }
  }

  return ({ method, url, statusCode, contentType }) => {
    finder ??= createFinder(JSON.parse(readFileSync(file, 'utf8')) as Document)
    const { document, find } = finder
    const operation = find(method, url)
    const type = contentType?.split(';')[0] ?? ''
    const where = `${method} ${pathOf(url)} answered ${statusCode}`
    const isProblem = type === 'application/problem+json'
    const checkProblem = (): BodyCheck =>
      verify(document, 'Problem', { $ref: '#/components/schemas/Problem' }, where)
    if (operation === null || (statusCode >= 400 && anywhere.has(statusCode)))
      return isProblem ? checkProblem() : null
    const described = operation.responses[statusCode]
    if (described === undefined)
      throw new Error(`${where}, which ${operation.operationId} does not say that it does`)
    const media = described.content?.[type]
    if (isProblem) return checkProblem()
    if (media === undefined && type !== '' && method !== 'HEAD')
      throw new Error(`${where} as ${type}, which ${operation.operationId} does not say`)
    if (media === undefined || type !== 'application/json' || method === 'HEAD') return null
    return verify(document, `${operation.operationId} ${statusCode}`, media.schema, where)
  }
}

export const checkAnswer = createAnswerCheck()

const pathOf = (url: string): string => new URL(url, 'http://any').pathname

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
      const path = pathOf(url)
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
