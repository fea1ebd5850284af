/** The standard tables of baseline JPEG (ITU-T T.81, Annex K). */

/** Coefficient by coefficient, from low to high frequency: the place of each in its block. */
export const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46,
  53, 60, 61, 54, 47, 55, 62, 63,
] as const

const luminanceSteps = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22,
  29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103,
  121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
] as const

const chrominanceSteps = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
] as const

/** The quantization steps for a quality from 1 to 100, in the scale that all encoders have taken from libjpeg. */
const scaled = (steps: readonly number[], quality: number): number[] => {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
  return steps.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))))
}

export const luminanceQuantizers = (quality: number): number[] => scaled(luminanceSteps, quality)
export const chrominanceQuantizers = (quality: number): number[] => scaled(chrominanceSteps, quality)

/** A Huffman table as the file states it: how many codes of each length from 1 to 16, and their symbols in order. */
export interface HuffmanTable {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

const dcSymbols = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

export const luminanceDc: HuffmanTable = {
  counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  symbols: dcSymbols,
}

export const chrominanceDc: HuffmanTable = {
  counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  symbols: dcSymbols,
}

const fromHex = (hex: string): number[] => [...Buffer.from(hex, 'hex')]

export const luminanceAc: HuffmanTable = {
  counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d],
  symbols: fromHex(
    '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738' +
      '393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5' +
      'a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  ),
}

export const chrominanceAc: HuffmanTable = {
  counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
  symbols: fromHex(
    '000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738' +
      '393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4' +
      'a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
  ),
}

export interface HuffmanCode {
  readonly code: number
  readonly bits: number
}

/** The code of every symbol of a table (T.81, Annex C). */
export const huffmanCodes = ({ counts, symbols }: HuffmanTable): HuffmanCode[] => {
  const codes: HuffmanCode[] = []
  let code = 0
  let index = 0
  counts.forEach((count, lengthLessOne) => {
    for (const symbol of symbols.slice(index, index + count)) {
      codes[symbol] = { code, bits: lengthLessOne + 1 }
      code += 1
    }
    index += count
    code *= 2
  })
  return codes
}
