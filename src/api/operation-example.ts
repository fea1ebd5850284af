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

/** Adds an example to the JSON body that the schema describes. */
export const withJson =
  (example: unknown): ((described: RequestBody | undefined) => RequestBody) =>
  (described) => {
    if (described === undefined || '$ref' in described) throw new Error('the operation describes no body')
    const media = described.content['application/json']
    return { ...described, content: { ...described.content, 'application/json': { ...media, example } } }
  }
