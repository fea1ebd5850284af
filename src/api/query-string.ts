import { unescape as unescapePercent } from 'node:querystring'

/** What a request may have; nobody needs as many, and every one more is work. */
export const maxParameters = 100

const bracketed = /^([a-z_]+)\[([^[\]]+)\]$/

/**
 * Reads a query string: a repeated parameter becomes an array, `metadata[order]=42` an entry of `metadata`. There,
 * where values may hold any character, a bare comma stands between two values and `%2C` is part of one. The objects
 * have no prototype, so a name such as `__proto__` is a name and nothing else.
 */
export const parseQueryString = (text: string): Record<string, unknown> => {
  const query: Record<string, unknown> = Object.create(null)
  for (const pair of text.split('&', maxParameters)) {
    if (pair === '') continue
    const [name, value] = halvesOf(pair)
    const [, outer, inner] = bracketed.exec(decode(name)) ?? []
    if (outer === undefined || inner === undefined) add(query, decode(name), [decode(value)])
    else add(entriesOf(query, outer), inner, value.split(',').map(decode))
  }
  return query
}

/** How many parameters there are in a URL. */
export const countParameters = (url: string): number => {
  const start = url.indexOf('?')
  return start === -1 ? 0 : url.slice(start + 1).split('&').length
}

const halvesOf = (pair: string): readonly [string, string] => {
  const equals = pair.indexOf('=')
  return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
}

/** What is no percent-encoding stays as it is. */
const decode = (text: string): string => unescapePercent(text.replaceAll('+', ' '))

const add = (target: Record<string, unknown>, name: string, values: readonly string[]): void => {
  const all = name in target ? [target[name], ...values].flat() : values
  target[name] = all.length === 1 ? all[0] : all
}

const entriesOf = (query: Record<string, unknown>, name: string): Record<string, unknown> => {
  const existing = query[name]
  if (typeof existing === 'object' && existing !== null && !Array.isArray(existing))
    return existing as Record<string, unknown>
  const entries: Record<string, unknown> = Object.create(null)
  query[name] = entries
  return entries
}
