import type { Bitmap, Pen, View } from '../view.ts'
import { groundDistance, type Lens, metersToPixels } from './lens.ts'

/** A stretch of ground seen from above, repeated along the street. */
export interface GroundMap {
  readonly bitmap: Bitmap
  readonly halfWidthM: number
  readonly lengthM: number
  readonly pixelsPerM: number
}

export function emptyGroundMap(view: View, pixelsPerM: number): GroundMap {
  const halfWidthM = 11
  const lengthM = 60
  const bitmap = view.createBitmap(halfWidthM * 2 * pixelsPerM, lengthM * pixelsPerM)
  return { bitmap, halfWidthM, lengthM, pixelsPerM }
}

export interface Laying {
  readonly lens: Lens
  readonly advancedM: number
  /** Last row of the picture that is covered. */
  readonly bottom: number
  /** Rows drawn at once: fewer are finer and dearer. */
  readonly bandPx: number
  /** Pixels of the target for one of the picture. */
  readonly scale: number
}

/** Lays a ground map in perspective: each band of rows is one strip of the map at that distance. */
export function layGround(
  pen: Pen,
  map: GroundMap,
  { lens, advancedM, bottom, bandPx, scale }: Laying,
): void {
  const { bitmap, halfWidthM, lengthM, pixelsPerM } = map
  for (let y = lens.horizonY + 1; y < bottom; y += bandPx) {
    const far = groundDistance(lens, y)
    const near = groundDistance(lens, y + bandPx)
    const width = halfWidthM * 2 * metersToPixels(lens, (far + near) / 2)
    const along = (((far + advancedM) % lengthM) / lengthM) * bitmap.height
    const top = Math.max(0, bitmap.height - along - 1)
    const rows = Math.min(Math.max(1, (far - near) * pixelsPerM), bitmap.height - top)
    const left = (lens.centerX - width / 2) * scale
    pen.drawImage(bitmap, 0, top, bitmap.width, rows, left, y * scale, width * scale, (bandPx + 0.6) * scale)
  }
}
