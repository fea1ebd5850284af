const mostHeaders = 20
const longestValue = 1_024
const nameShape = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const valueShape = /^(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?$/

/** Ours to set, or between two ends of a connection; a client may not forge them. */
const reservedNames = new Set([
  'accept-encoding',
  'connection',
  'date',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-real-ip',
])
const reservedPrefixes = ['webhook-', 'content-', 'proxy-', 'x-forwarded-']

export interface CallbackHeaderProblem {
  /** Null where it is about all of them. */
  readonly name: string | null
  readonly detail: string
}

export type CallbackHeadersCheck =
  | { ok: true; headers: Readonly<Record<string, string>> }
  | { ok: false; problems: readonly CallbackHeaderProblem[] }

/** May a client's own headers go with its callbacks? Gives them with names in lower case, or every problem at once. */
export const checkCallbackHeaders = (headers: Readonly<Record<string, string>>): CallbackHeadersCheck => {
  const entries = Object.entries(headers)
  const seen = new Set<string>()
  const problems: CallbackHeaderProblem[] = entries.flatMap(([name, value]) => {
    const lowerName = name.toLowerCase()
    const detail = problemOf(lowerName, value, seen)
    seen.add(lowerName)
    return detail === null ? [] : [{ name, detail }]
  })
  if (entries.length > mostHeaders)
    problems.push({ name: null, detail: `must have at most ${mostHeaders} entries` })
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    headers: Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value])),
  }
}

/** The headers that may be sent, whenever and however they were stored. */
export const withoutReserved = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !isReserved(name)),
  )

const problemOf = (name: string, value: string, seen: ReadonlySet<string>): string | null => {
  if (!nameShape.test(name)) return 'must be the name of a header, of at most 64 characters'
  if (isReserved(name))
    return 'must be a header that Clipline does not set itself and that does not belong to the connection'
  if (seen.has(name)) return 'must be given once: names do not differ by case'
  if (value.length > longestValue) return `must have at most ${longestValue} characters`
  return valueShape.test(value) ? null : 'must be visible ASCII with blanks between'
}

const isReserved = (name: string): boolean =>
  reservedNames.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix))
