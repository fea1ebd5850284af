/** Which credentials a route takes, as the OpenAPI document says it: the hooks that ask for them tell. */
import type { OpenAPIV3_1 } from 'openapi-types'

type Security = OpenAPIV3_1.SecurityRequirementObject[]

export const securitySchemes = {
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key: `clk_` and 40 to 64 characters. Where scopes are named, it needs one of those that are.',
  },
  token: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'A token that opens one thing for a while, for people and browsers without a key.',
  },
} as const satisfies Record<string, OpenAPIV3_1.SecuritySchemeObject>

export const byKey = (scopes: readonly string[]): Security =>
  scopes.length === 0 ? [{ apiKey: [] }] : scopes.map((scope) => ({ apiKey: [scope] }))

export const byToken: Security = [{ token: [] }]

const told = new WeakMap<object, Security>()

/** The hook itself: it lets through who meets one of the requirements. */
export const tellSecurity = <Hook extends object>(hook: Hook, security: Security): Hook => {
  told.set(hook, security)
  return hook
}

/** What the `onRequest` hooks of a route ask for; null where none of them asks for anything. */
export const securityOf = (hooks: unknown): Security | null => {
  const requirements = [hooks]
    .flat()
    .flatMap((hook) => (typeof hook === 'function' ? (told.get(hook) ?? []) : []))
  return requirements.length === 0 ? null : requirements
}
