/**
 * JSON that Postgres takes as jsonb. JSON knows a NUL and half of a surrogate pair, jsonb does not and would refuse the
 * whole statement; what providers and receivers say, or where it was cut short, may hold either. Both become U+FFFD.
 */
export const toJsonb = (value: unknown): string => {
  const json = JSON.stringify(value)
  return suspicion.test(json) ? json.replace(escapes, mendEscape) : json
}

const suspicion = /\\u(?:0000|d[89a-f])/
/** `JSON.stringify` writes whole pairs as they are, so that an escaped surrogate is always half of one. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g
const mendEscape = (sequence: string): string => (suspicion.test(sequence) ? '\uFFFD' : sequence)
