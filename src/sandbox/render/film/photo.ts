import type { Image } from '@napi-rs/canvas'
import { easeInOut } from '../scene/camera.ts'
import type { Bitmap, CreateBitmap } from '../scene/view.ts'
import { createVignette } from '../scene/vignette.ts'
import type { ShotPainter } from './shot-painter.ts'

export interface PhotoOptions {
  readonly image: Image
  readonly width: number
  readonly height: number
  readonly durationS: number
  /** Odd shots move the other way, so that a slideshow breathes. */
  readonly index: number
  readonly createBitmap: CreateBitmap
}

const farthest = 1.06
const nearest = 1.2

/**
 * Animates a picture: a slow eased zoom, and a pan along the side that does not fit the canvas, so that a wide photo
 * in a tall clip is still seen from end to end.
 */
export function createPhoto(options: PhotoOptions): ShotPainter {
  const { width, height, durationS, index } = options
  const cover = Math.max(width / options.image.width, height / options.image.height)
  const bitmap = sized(options, cover * nearest)
  const isForward = index % 2 === 0
  const vignette = createVignette(options, 'rgba(0,0,0,0.3)')
  return {
    paint(pen, timeS) {
      const share = easeInOut(Math.min(1, timeS / durationS))
      const along = isForward ? share : 1 - share
      const zoom = farthest + (nearest - farthest) * along
      const drawnWidth = options.image.width * cover * zoom
      const drawnHeight = options.image.height * cover * zoom
      const left = -(drawnWidth - width) * (0.5 + panAcross(drawnWidth / width) * (along - 0.5))
      const top = -(drawnHeight - height) * (0.5 + panDown(drawnHeight / height) * (0.45 - along * 0.9))
      pen.imageSmoothingQuality = 'medium'
      pen.drawImage(bitmap, left, top, drawnWidth, drawnHeight)
      pen.imageSmoothingQuality = 'low'
      pen.drawImage(vignette, 0, 0)
    },
    close() {
      bitmap.width = 1
    },
  }
}

/**
 * How much of the overflow is panned across. From side to side nearly all of it; up and down only its middle, because a
 * photo's top is mostly sky and its bottom mostly ground.
 */
const panAcross = (overflow: number) => (overflow > 1.5 ? 0.72 : 0.5)
const panDown = (overflow: number) => (overflow > 1.5 ? 0.36 : 0.45)

/** The picture once at the size at which it is seen nearest; a photo of 50 megapixels is not scaled for every frame. */
function sized(options: PhotoOptions, scale: number): Bitmap {
  const { image } = options
  const shrink = Math.min(1, scale)
  const bitmap = options.createBitmap(image.width * shrink, image.height * shrink)
  const pen = bitmap.getContext('2d')
  pen.fillStyle = '#ffffff'
  pen.fillRect(0, 0, bitmap.width, bitmap.height)
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(image, 0, 0, bitmap.width, bitmap.height)
  return bitmap
}
