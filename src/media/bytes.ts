/**
 * Reading numbers out of bytes that may end anywhere. Beyond the end a number is NaN, so that every comparison with it
 * is false: parsers here only ever go on after a comparison that holds.
 */

const isWithin = (bytes: Buffer, offset: number, length: number): boolean =>
  offset >= 0 && offset + length <= bytes.length

/** Unsigned, big-endian, 1 to 6 bytes. */
export const uintBe = (bytes: Buffer, offset: number, length: number): number =>
  isWithin(bytes, offset, length) ? bytes.readUIntBE(offset, length) : Number.NaN

/** Unsigned, little-endian, 1 to 6 bytes. */
export const uintLe = (bytes: Buffer, offset: number, length: number): number =>
  isWithin(bytes, offset, length) ? bytes.readUIntLE(offset, length) : Number.NaN

/** Shorter than asked where the bytes end. */
export const ascii = (bytes: Buffer, offset: number, length: number): string =>
  bytes.toString('latin1', offset, offset + length)

export const hasAscii = (bytes: Buffer, offset: number, text: string): boolean =>
  ascii(bytes, offset, text.length) === text

export const hasBytes = (bytes: Buffer, offset: number, wanted: readonly number[]): boolean =>
  wanted.every((byte, index) => bytes[offset + index] === byte)
