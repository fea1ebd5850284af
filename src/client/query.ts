/**
 * A query string as the service reads it: an array repeats its parameter, an object has one for each of its names, such
 * as `metadata[order]=42`.
 */
export const toQueryString = (query: Readonly<Record<string, unknown>>): string =>
  Object.entries(query)
    .flatMap(([name, value]) => toPairs(name, value))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')

const toPairs = (name: string, value: unknown): [string, string][] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.flatMap((each) => toPairs(name, each))
  if (typeof value !== 'object') return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, each]) => toPairs(`${name}[${key}]`, each))
}
