import { inLayer } from './camera.ts'
import type { Bitmap, Painter, Pen, View } from './view.ts'

/** Draws something at `x`; it is drawn again beyond the strip's ends, so that the strip repeats without a seam. */
export type Place = (x: number, draw: (pen: Pen, x: number) => void) => void

export interface StripOptions {
  /** 0 for the sky, 1 for the subject's plane, more for what passes before it. */
  readonly depth: number
  /** Rows of the picture that the strip covers. */
  readonly top: number
  readonly bottom: number
  /** Length in pixels after which the strip repeats. */
  readonly period: number
  /** Out of focus by this many pixels. */
  readonly softness?: number
  readonly draw: (pen: Pen, place: Place) => void
}

/** A layer drawn once and moved past the camera: the parallax of everything that stands on the ground. */
export function createStrip(view: View, options: StripOptions): Painter {
  const { depth, top, period } = options
  const drawn = view.createBitmap(period, options.bottom - top)
  const pen = drawn.getContext('2d')
  pen.translate(0, -top)
  options.draw(pen, (x, draw) => {
    for (const shift of [-period, 0, period]) draw(pen, x + shift)
  })
  const bitmap = options.softness ? softened(view, drawn, options.softness) : drawn
  return {
    paint(target, { camera }) {
      inLayer(target, view, { camera, depth }, () => {
        const left = -view.margin * 2 - ((camera.traveled * view.width * depth) % period)
        for (let x = left; x < view.width + view.margin * 2; x += period) {
          target.drawImage(bitmap, x, top)
        }
      })
    },
  }
}

/** Blurred once; blurring every frame would cost more than all the rest. */
function softened(view: View, sharp: Bitmap, softness: number): Bitmap {
  const bitmap = view.createBitmap(sharp.width, sharp.height)
  const pen = bitmap.getContext('2d')
  pen.filter = `blur(${softness.toFixed(1)}px)`
  pen.drawImage(sharp, 0, 0)
  return bitmap
}
