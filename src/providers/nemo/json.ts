/**
 * JSON from outside, read without loss and without trust. Session ids exceed 2^53, and a draft goes back to the
 * provider as it came: a number that a double cannot hold becomes what `JSON.rawJSON` makes of it, which
 * `JSON.stringify` writes out digit for digit (upstream-protocol.md §2.1, P-24).
 */

export type JsonRecord = Readonly<Record<string, unknown>>

export type JsonReading = { readonly isJson: true; readonly value: unknown } | { readonly isJson: false }

/** Deeper than any draft; beyond it, functions that walk a value could run out of stack. */
const maxDepth = 200

/**
 * A number that a double may not hold has sixteen digits in a row, or an exponent; a match within a string costs only
 * the slower parse.
 */
const longNumber = /(?:^|[[:,\s])-?[0-9.]*(?:[0-9]{16}|[0-9][eE])/

export const parseJson = (text: string): JsonReading => {
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  if (mayBeTooDeep(source) && isTooDeep(source)) return { isJson: false }
  try {
    const value = longNumber.test(source) ? parseLosslessly(source) : JSON.parse(source)
    return { isJson: true, value }
  } catch (error) {
    if (error instanceof SyntaxError) return { isJson: false }
    throw error
  }
}

/** Node ≥ 21 tells the reviver the text of a primitive and has `JSON.rawJSON`; TypeScript 5.9 does not know it yet. */
interface SourceTextJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

const sourceTextJson = JSON as unknown as SourceTextJson

const parseLosslessly = (text: string): unknown =>
  sourceTextJson.parse(text, (_key, value, { source }) => {
    if (typeof value !== 'number' || source === undefined) return value
    return isHeldExactly(value) ? value : sourceTextJson.rawJSON(source)
  })

const isHeldExactly = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))

const quote = 0x22
const backslash = 0x5c
const openers = new Set([0x5b, 0x7b])
const closers = new Set([0x5d, 0x7d])

/** Quickly: are there brackets enough for it at all? */
const mayBeTooDeep = (text: string): boolean => {
  let opened = 0
  for (const opener of '[{')
    for (let at = text.indexOf(opener); at !== -1; at = text.indexOf(opener, at + 1)) {
      opened += 1
      if (opened > maxDepth) return true
    }
  return false
}

/** One walk over the text, past its strings. */
const isTooDeep = (text: string): boolean => {
  let depth = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === quote) index = endOfString(text, index)
    else if (openers.has(code)) depth += 1
    else if (closers.has(code)) depth -= 1
    if (depth > maxDepth) return true
  }
  return false
}

/** Where the quote is that closes the string opened at `start`; the end of the text when none does. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === backslash) backslashes += 1
    if (backslashes % 2 === 0) return end
  }
  return text.length
}

/** The exact text of a number too large for a double, or null for any other value. */
export const findRawNumber = (value: unknown): string | null =>
  sourceTextJson.isRawJSON(value) ? value.rawJSON : null

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !sourceTextJson.isRawJSON(value)

/** The value as a record; an empty one for everything else, so that a lookup in it finds nothing. */
export const toRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : {})

/** A string that is not blank. */
export const findText = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null

/** An opaque id: a string, or the exact digits of a number. */
export const findId = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value)
  return findRawNumber(value) ?? findText(value)
}

/** A number that a double holds exactly, also from a numeric string. */
export const findNumber = (value: unknown): number | null => {
  const candidate = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof candidate === 'number' && isHeldExactly(candidate) ? candidate : null
}

/** The first reading that finds something. */
export const firstFound = <Value>(
  candidates: readonly unknown[],
  find: (candidate: unknown) => Value | null,
): Value | null => {
  for (const candidate of candidates) {
    const found = find(candidate)
    if (found !== null) return found
  }
  return null
}
