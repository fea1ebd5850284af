/**
 * Reads a JSON body that a stranger wrote (guarantees.md §4.4): strict UTF-8, a bound on the depth that holds before
 * anything is parsed, and no value that a later layer would choke on.
 */
import { type Fault, pointerTo } from '../actions/fault.ts'

const maxDepth = 16

export type JsonReading =
  | { readonly outcome: 'read'; readonly value: unknown }
  | { readonly outcome: 'refused'; readonly faults: readonly Fault[] }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What a body says, or what is wrong with it as JSON. An empty body is refused. */
export const readJson = (bytes: Buffer): JsonReading => {
  if (bytes.length === 0) return refused('missing', 'is required, as JSON')
  if (isDeeperThan(bytes, maxDepth))
    return refused('too_deep', `must be nested at most ${maxDepth} levels deep`)
  const value = parse(bytes)
  if (value === undefined) return refused('invalid_json', 'must be one JSON value in UTF-8 (RFC 8259)')
  const faults = findHostileValues(value)
  return faults.length === 0 ? { outcome: 'read', value } : { outcome: 'refused', faults }
}

const refused = (code: string, detail: string): JsonReading => ({
  outcome: 'refused',
  faults: [{ pointer: '', code, detail }],
})

/** Undefined when it is not JSON in UTF-8; no JSON text means undefined. */
const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

const quote = 0x22
const backslash = 0x5c
const openers = new Set([0x5b, 0x7b])
const closers = new Set([0x5d, 0x7d])

/** Counts brackets outside of strings, without recursion. */
const isDeeperThan = (bytes: Buffer, limit: number): boolean => {
  let depth = 0
  let isInString = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0
    if (isInString) {
      if (byte === backslash) index += 1
      else if (byte === quote) isInString = false
    } else if (byte === quote) isInString = true
    else if (openers.has(byte)) {
      depth += 1
      if (depth > limit) return true
    } else if (closers.has(byte)) depth -= 1
  }
  return false
}

/** Names that would reach the prototype of an object. */
const isPoisonous = (key: string, value: unknown): boolean =>
  key === '__proto__' ||
  (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'))

/** Postgres text holds no NUL, and half a surrogate pair is no character. */
const unstorable = (text: string): boolean => text.includes('\u0000') || !text.isWellFormed()

export const findHostileValues = (value: unknown, path: readonly PropertyKey[] = []): Fault[] => {
  if (typeof value === 'string')
    return unstorable(value)
      ? [fault(path, 'not_accepted', 'must not hold NUL characters or halves of surrogate pairs')]
      : []
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? []
      : [fault(path, 'out_of_range', 'must be a number that a double can hold')]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    isPoisonous(key, inner) || unstorable(key)
      ? [fault([...path, key], 'not_accepted', 'is not a name that is accepted here')]
      : findHostileValues(inner, [...path, key]),
  )
}

const fault = (path: readonly PropertyKey[], code: string, detail: string): Fault => ({
  pointer: pointerTo(path),
  code,
  detail,
})
