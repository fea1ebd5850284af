import pg from 'pg'

const { builtins, getTypeParser } = pg.types

/** `bigint[]`, which the names of `pg` leave out. */
const bigintArrayOid = 1016 as typeof builtins.INT8

/** The farthest times that a Date can hold. */
const farthestMs = 8_640_000_000_000_000

/**
 * What raw queries return, beyond the defaults of `pg`:
 *
 * - `bigint` is a number. Nothing of ours counts beyond 2^53 (feed ids, bytes, sums of credits); a value that does is
 *   an error instead of a wrong number. Ids of others are text columns, and `xid8` stays text.
 * - `timestamptz` is always a Date; `infinity` is the farthest one, so that it still compares and sorts.
 *
 * Prisma has parsers of its own: there a `bigint` is a BigInt, and `infinity` an invalid Date.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === builtins.INT8) return toSafeInteger
    if (format !== 'binary' && oid === bigintArrayOid) return toSafeIntegers
    if (format !== 'binary' && oid === builtins.TIMESTAMPTZ) return toDate
    return getTypeParser(oid, format)
  }) as typeof getTypeParser,
}

const toSafeInteger = (text: string): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The database returned ${text}, which no number holds exactly`)
  return value
}

const parseBigintArray: (text: string) => (string | null)[] = getTypeParser(bigintArrayOid)

const toSafeIntegers = (text: string): (number | null)[] =>
  parseBigintArray(text).map((element) => (element === null ? null : toSafeInteger(element)))

const parseTimestamptz: (text: string) => Date | number = getTypeParser(builtins.TIMESTAMPTZ)

const toDate = (text: string): Date => {
  const value = parseTimestamptz(text)
  if (value instanceof Date) return value
  return new Date(value > 0 ? farthestMs : -farthestMs)
}
