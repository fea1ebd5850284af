import type { Bitmap, View } from './view.ts'

/** Writes the pixel at byte `offset` of `bytes`: red, green, blue, alpha. `u` and `v` run from 0 to 1. */
export type PixelShader = (u: number, v: number, bytes: Uint8ClampedArray, offset: number) => void

/** A bitmap computed pixel by pixel. Keep it small and let the drawing scale it up: each pixel costs a call. */
export function shadeBitmap(view: View, width: number, height: number, shade: PixelShader): Bitmap {
  const columns = Math.max(2, Math.round(width))
  const rows = Math.max(2, Math.round(height))
  const bitmap = view.createBitmap(columns, rows)
  const pen = bitmap.getContext('2d')
  const image = pen.createImageData(columns, rows)
  const bytes = image.data
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      shade((column + 0.5) / columns, (row + 0.5) / rows, bytes, (row * columns + column) * 4)
    }
  }
  pen.putImageData(image, 0, 0)
  return bitmap
}
