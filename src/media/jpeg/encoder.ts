/**
 * A baseline JPEG encoder (ITU-T T.81) with halved chrominance: what HEIC is converted with. No native code and no
 * dependency, for pictures of some megapixels in a thread of their own.
 */
import { type BitWriter, openBitWriter } from './bits.ts'
import {
  chrominanceAc,
  chrominanceDc,
  chrominanceQuantizers,
  type HuffmanCode,
  type HuffmanTable,
  huffmanCodes,
  luminanceAc,
  luminanceDc,
  luminanceQuantizers,
  zigzag,
} from './tables.ts'
import { at, factorsOf, transformBlock } from './transform.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  /** Four bytes a pixel, row by row; what is transparent is taken to lie on white. */
  readonly rgba: Uint8Array | Uint8ClampedArray
}

const uint16 = (value: number): [number, number] => [value >>> 8, value & 0xff]

const segment = (marker: number, ...body: readonly number[]): number[] => [
  0xff,
  marker,
  ...uint16(body.length + 2),
  ...body,
]

const quantizerSegment = (id: number, quantizers: readonly number[]): number[] =>
  segment(0xdb, id, ...zigzag.map((place) => at(quantizers, place)))

const huffmanSegment = (id: number, { counts, symbols }: HuffmanTable): number[] =>
  segment(0xc4, id, ...counts, ...symbols)

/** Everything before the scan: three components, luminance sampled twice as finely in both directions. */
const headerOf = ({ width, height }: Picture, quality: number): number[] => [
  ...[0xff, 0xd8],
  ...segment(0xe0, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0),
  ...quantizerSegment(0, luminanceQuantizers(quality)),
  ...quantizerSegment(1, chrominanceQuantizers(quality)),
  ...segment(0xc0, 8, ...uint16(height), ...uint16(width), 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1),
  ...huffmanSegment(0x00, luminanceDc),
  ...huffmanSegment(0x10, luminanceAc),
  ...huffmanSegment(0x01, chrominanceDc),
  ...huffmanSegment(0x11, chrominanceAc),
  ...segment(0xda, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0),
]

/** Sixteen by sixteen pixels: four blocks of luminance, one of each chrominance. */
const newUnit = () => ({
  luminance: Array.from({ length: 4 }, () => new Float32Array(64)),
  blueness: new Float32Array(64),
  redness: new Float32Array(64),
})

type Unit = ReturnType<typeof newUnit>

/** Fills a unit with the pixels from (left, top) on; beyond the edges the last ones are repeated. */
const readUnit = ({ width, height, rgba }: Picture, left: number, top: number, unit: Unit): void => {
  const { luminance, blueness, redness } = unit
  blueness.fill(0)
  redness.fill(0)
  for (let row = 0; row < 16; row += 1) {
    const line = Math.min(top + row, height - 1) * width
    for (let column = 0; column < 16; column += 1) {
      const pixel = (line + Math.min(left + column, width - 1)) * 4
      const opacity = at(rgba, pixel + 3) / 255
      const white = 255 * (1 - opacity)
      const red = at(rgba, pixel) * opacity + white
      const green = at(rgba, pixel + 1) * opacity + white
      const blue = at(rgba, pixel + 2) * opacity + white
      const block = luminance[(row >>> 3) * 2 + (column >>> 3)]
      if (block) block[(row & 7) * 8 + (column & 7)] = 0.299 * red + 0.587 * green + 0.114 * blue - 128
      const place = (row >>> 1) * 8 + (column >>> 1)
      blueness[place] = at(blueness, place) + (-0.168736 * red - 0.331264 * green + 0.5 * blue) / 4
      redness[place] = at(redness, place) + (0.5 * red - 0.418688 * green - 0.081312 * blue) / 4
    }
  }
}

const writeSymbol = (writer: BitWriter, codes: readonly HuffmanCode[], symbol: number): void => {
  const code = codes[symbol]
  if (code) writer.writeBits(code.code, code.bits)
}

/** The number of bits of a value, then those bits; a negative one is written as its one's complement. */
const writeValue = (writer: BitWriter, codes: readonly HuffmanCode[], zeros: number, value: number): void => {
  const bits = 32 - Math.clz32(Math.abs(value))
  writeSymbol(writer, codes, zeros * 16 + bits)
  if (bits > 0) writer.writeBits(value < 0 ? value + (1 << bits) - 1 : value, bits)
}

const zeroRun = 0xf0
const endOfBlock = 0x00

/** A component's way into the file: it remembers its last DC value, of which only the differences are written. */
const openComponent = (
  writer: BitWriter,
  quantizers: readonly number[],
  dc: HuffmanTable,
  ac: HuffmanTable,
) => {
  const factors = factorsOf(quantizers)
  const coefficients = new Int32Array(64)
  const dcCodes = huffmanCodes(dc)
  const acCodes = huffmanCodes(ac)
  let lastDc = 0
  return (block: Float32Array): void => {
    transformBlock(block, factors, coefficients)
    writeValue(writer, dcCodes, 0, at(coefficients, 0) - lastDc)
    lastDc = at(coefficients, 0)
    let zeros = 0
    for (let index = 1; index < 64; index += 1) {
      const value = at(coefficients, index)
      if (value === 0) {
        zeros += 1
        continue
      }
      for (; zeros > 15; zeros -= 16) writeSymbol(writer, acCodes, zeroRun)
      writeValue(writer, acCodes, zeros, value)
      zeros = 0
    }
    if (zeros > 0) writeSymbol(writer, acCodes, endOfBlock)
  }
}

/** A picture as a JPEG file. Quality from 1 to 100; sides of at most 65,535 pixels. */
export const encodeJpeg = (picture: Picture, quality: number): Uint8Array<ArrayBuffer> => {
  const { width, height } = picture
  const writer = openBitWriter((width * height) / 4)
  const luminance = openComponent(writer, luminanceQuantizers(quality), luminanceDc, luminanceAc)
  const blueness = openComponent(writer, chrominanceQuantizers(quality), chrominanceDc, chrominanceAc)
  const redness = openComponent(writer, chrominanceQuantizers(quality), chrominanceDc, chrominanceAc)
  const unit = newUnit()
  for (let top = 0; top < height; top += 16)
    for (let left = 0; left < width; left += 16) {
      readUnit(picture, left, top, unit)
      unit.luminance.forEach(luminance)
      blueness(unit.blueness)
      redness(unit.redness)
    }
  const header = headerOf(picture, quality)
  const scan = writer.finish()
  const file = new Uint8Array(header.length + scan.length + 2)
  file.set(header)
  file.set(scan, header.length)
  file.set([0xff, 0xd9], header.length + scan.length)
  return file
}
