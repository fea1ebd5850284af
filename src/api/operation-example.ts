import type { OpenAPIV3_1 } from 'openapi-types'

export type RequestBody = NonNullable<OpenAPIV3_1.OperationObject['requestBody']>

export interface OperationExample {
  /** Completes, or makes, the description of the body. */
  readonly requestBody?: (described: RequestBody | undefined) => RequestBody
  /** By status. */
  readonly responses: Readonly<Record<string, unknown>>
}

/** Where the service of the examples is. */
export const exampleOrigin = 'https://clipline.example'

export const exampleJobId = 'job_0198c0de-7000-7000-8000-000000000001'

/** Of a file. */
export const exampleDigest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

/** Adds an example to the JSON body that the schema describes. */
export const withJson =
  (example: unknown): ((described: RequestBody | undefined) => RequestBody) =>
  (described) => {
    if (described === undefined || '$ref' in described) throw new Error('the operation describes no body')
    const media = described.content['application/json']
    return { ...described, content: { ...described.content, 'application/json': { ...media, example } } }
  }
