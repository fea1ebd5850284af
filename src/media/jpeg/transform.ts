import { zigzag } from './tables.ts'

export const at = (values: ArrayLike<number>, index: number): number => values[index] ?? 0

/** One pass of the transform of Arai, Agui and Nakajima over eight values; its scale is left to the divisors. */
const transformEight = (block: Float32Array, start: number, step: number): void => {
  const [i0, i1, i2, i3] = [start, start + step, start + 2 * step, start + 3 * step]
  const [i4, i5, i6, i7] = [start + 4 * step, start + 5 * step, start + 6 * step, start + 7 * step]

  const sum07 = at(block, i0) + at(block, i7)
  const sum16 = at(block, i1) + at(block, i6)
  const sum25 = at(block, i2) + at(block, i5)
  const sum34 = at(block, i3) + at(block, i4)
  const even = sum07 - sum34
  const evenTurned = (sum16 - sum25 + even) * Math.SQRT1_2

  const difference07 = at(block, i0) - at(block, i7)
  const difference16 = at(block, i1) - at(block, i6)
  const difference25 = at(block, i2) - at(block, i5)
  const outer = difference07 + difference16
  const inner = at(block, i3) - at(block, i4) + difference25
  const middle = (difference16 + difference25) * Math.SQRT1_2
  const shared = (inner - outer) * 0.382683433
  const innerTurned = 0.5411961 * inner + shared
  const outerTurned = 1.306562965 * outer + shared

  block[i0] = sum07 + sum34 + sum16 + sum25
  block[i4] = sum07 + sum34 - sum16 - sum25
  block[i2] = even + evenTurned
  block[i6] = even - evenTurned
  block[i5] = difference07 - middle + innerTurned
  block[i3] = difference07 - middle - innerTurned
  block[i1] = difference07 + middle + outerTurned
  block[i7] = difference07 + middle - outerTurned
}

const scales = [1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379]

/** What the transformed values are multiplied with: the quantization steps and the transform's own scale in one. */
export const factorsOf = (quantizers: readonly number[]): Float32Array =>
  Float32Array.from(
    quantizers,
    (quantizer, place) => 1 / (quantizer * at(scales, place >>> 3) * at(scales, place & 7) * 8),
  )

/** Transforms a block of 8 × 8 samples in place and leaves its quantized coefficients in `result`, in zigzag order. */
export const transformBlock = (block: Float32Array, factors: Float32Array, result: Int32Array): void => {
  for (let row = 0; row < 64; row += 8) transformEight(block, row, 1)
  for (let column = 0; column < 8; column += 1) transformEight(block, column, 8)
  for (let index = 0; index < 64; index += 1) {
    const place = at(zigzag, index)
    result[index] = Math.round(at(block, place) * at(factors, place))
  }
}
