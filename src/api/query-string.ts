import { parse } from 'node:querystring'

const bracketed = /^([a-z_]+)\[([^[\]]+)\]$/
const maxParameters = 100

/**
 * Reads a query string: a repeated parameter becomes an array, `metadata[order]=42` an entry of `metadata`. The
 * objects have no prototype, so a name such as `__proto__` is a name and nothing else.
 */
export const parseQueryString = (text: string): Record<string, unknown> => {
  const query: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(parse(text, '&', '=', { maxKeys: maxParameters }))) {
    const [, outer, inner] = bracketed.exec(name) ?? []
    if (outer === undefined || inner === undefined) query[name] = value
    else query[outer] = Object.assign(nested(query[outer]), { [inner]: value })
  }
  return query
}

const nested = (existing: unknown): Record<string, unknown> =>
  typeof existing === 'object' && existing !== null && !Array.isArray(existing)
    ? (existing as Record<string, unknown>)
    : Object.create(null)
