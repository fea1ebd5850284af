/** The OpenAPI document: written from the schemas of the routes, so that neither can lie about the other (api.md). */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { OpenAPIV3_1 } from 'openapi-types'
import { examples } from './examples.ts'
import { securityOf, securitySchemes } from './route-security.ts'
import { webhooks } from './webhooks.ts'

type Document = OpenAPIV3_1.Document
type Operation = OpenAPIV3_1.OperationObject

const description = `Clipline turns a prompt into a finished video file: post a job, and be told when it is done.

Every request but the health checks needs an API key: \`Authorization: Bearer clk_…\`; what browsers and people without
one may read says that it takes a token. Every error is a problem
(RFC 9457) that names all that is wrong at once. Jobs are asynchronous: an unfinished one answers 202, a finished one
200, and links lead from each to what can be done next.`

const tags = [
  { name: 'jobs', description: 'One request each, from prompt to file.' },
  { name: 'batches', description: 'Many jobs at once, sent as a stream and let go of together.' },
  {
    name: 'sessions',
    description: 'Conversations: many messages about one draft, and the files made of it.',
  },
  { name: 'events', description: 'What happens to jobs, as pages or as streams.' },
  { name: 'uploads', description: 'Files that jobs take in.' },
  { name: 'artifacts', description: 'Files that jobs made.' },
  { name: 'skills', description: 'What can be asked for.' },
  { name: 'callbacks', description: 'Whom Clipline tells, how it is signed, and how each delivery went.' },
  { name: 'intakes', description: 'Webhooks of other services that come in and make jobs.' },
  { name: 'usage', description: 'What it costs.' },
  { name: 'keys', description: 'Who is let in, and with whose account at the provider the work is done.' },
  { name: 'admin', description: 'Tenants and what concerns all of them. Needs the scope `admin`.' },
  { name: 'health', description: 'For probes; no key is needed.' },
]

export const registerOpenApi = async (
  app: FastifyInstance,
  { publicUrl, version }: { readonly publicUrl: string; readonly version: string },
): Promise<void> => {
  const toSchema = createJsonSchemaTransform({})
  const toObject = createJsonSchemaTransformObject({})
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Clipline', version, description, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: publicUrl }],
      tags,
      security: [{ apiKey: [] }],
      components: {
        securitySchemes,
      },
    },
    convertConstToEnum: false,
    transform: (input) => {
      const { schema, url } = toSchema(input)
      const security = securityOf(input.route.onRequest)
      return { schema: security === null ? schema : { ...schema, security }, url }
    },
    transformObject: (input) => finish(toObject(input) as Document),
  })
}

const finish = (document: Document): Document => {
  for (const operation of operationsOf(document)) {
    addExamples(operation)
    describeParameters(operation)
  }
  return dropUnusedSchemas(dropIdleBounds({ ...document, webhooks }))
}

/** Every whole number is said to lie within what a double holds exactly, which says nothing. */
const dropIdleBounds = (document: Document): Document =>
  JSON.parse(JSON.stringify(document), (key, value) => {
    const isIdle =
      (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
      (key === 'minimum' && value === Number.MIN_SAFE_INTEGER)
    return isIdle ? undefined : value
  })

const operationsOf = ({ paths = {} }: Document): Operation[] =>
  Object.values(paths).flatMap(
    (item) =>
      Object.values(item ?? {}).filter(
        (member) => typeof member === 'object' && 'operationId' in member,
      ) as Operation[],
  )

const addExamples = (operation: Operation): void => {
  const example = examples[operation.operationId ?? '']
  if (example?.requestBody !== undefined) operation.requestBody = example.requestBody(operation.requestBody)
  for (const [status, value] of Object.entries(example?.responses ?? {})) {
    const response = operation.responses?.[status]
    if (response === undefined || '$ref' in response)
      throw new Error(`${operation.operationId} has an example for ${status}, which it never answers`)
    const media = response.content?.['application/json']
    if (media !== undefined) media.example = value
  }
}

/** As people write them: `Idempotency-Key`. */
const toHeaderName = (name: string): string => name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())

/** `metadata[key]=value` and lists in the query have a form that a schema alone does not say. */
const describeParameters = ({ parameters = [] }: Operation): void => {
  for (const parameter of parameters) {
    if ('$ref' in parameter) continue
    if (parameter.in === 'header') parameter.name = toHeaderName(parameter.name)
    if (parameter.in !== 'query') continue
    const { schema } = parameter
    const type = schema !== undefined && 'type' in schema ? schema.type : undefined
    if (type === 'object') Object.assign(parameter, { style: 'deepObject', explode: true })
    if (type === 'array') Object.assign(parameter, { style: 'form', explode: false })
  }
}

/** Each schema is offered as it comes in and as it goes out; only what something refers to is kept. */
const dropUnusedSchemas = (document: Document): Document => {
  const schemas = document.components?.schemas ?? {}
  const used = new Set<string>()
  const collect = (value: unknown): void => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue
      used.add(name)
      collect(schemas[name] ?? {})
    }
  }
  collect({ ...document, components: {} })
  const kept = Object.entries(schemas)
    .filter(([name]) => used.has(name))
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(kept) } }
}
