import type { Painter, View } from './view.ts'
import { createVignette } from './vignette.ts'

/** What a camera adds: bright things bloom, and the corners fall off. A small picture goes without the bloom. */
export function createGrade(view: View): Painter {
  const bloom = view.detail > 0.5 ? createBloom(view) : null
  const isBright = view.scene.time === 'day' || view.scene.time === 'dawn'
  const vignette = createVignette(view, isBright ? 'rgba(10,14,34,0.2)' : 'rgba(4,4,14,0.44)')
  return {
    paint(pen, moment) {
      bloom?.paint(pen, moment)
      pen.drawImage(vignette, 0, 0)
    },
  }
}

/** Shrinks the picture, keeps its bright parts (by multiplying it with itself), and lays it back on as soft light. */
function createBloom(view: View): Painter {
  const strength = view.scene.time === 'night' || view.scene.time === 'dusk' ? 0.42 : 0.26
  const quarter = view.createBitmap(view.width / 4, view.height / 4)
  const bright = view.createBitmap(view.width / 8, view.height / 8)
  const wide = view.createBitmap(view.width / 32, view.height / 32)
  const quarterPen = quarter.getContext('2d')
  const brightPen = bright.getContext('2d')
  const widePen = wide.getContext('2d')
  brightPen.imageSmoothingQuality = 'high'
  return {
    paint(pen) {
      quarterPen.drawImage(pen.canvas, 0, 0, quarter.width, quarter.height)
      brightPen.globalCompositeOperation = 'copy'
      brightPen.drawImage(quarter, 0, 0, bright.width, bright.height)
      brightPen.globalCompositeOperation = 'multiply'
      brightPen.drawImage(quarter, 0, 0, bright.width, bright.height)
      widePen.drawImage(bright, 0, 0, wide.width, wide.height)
      brightPen.globalCompositeOperation = 'lighter'
      brightPen.drawImage(wide, 0, 0, bright.width, bright.height)
      pen.save()
      pen.globalCompositeOperation = 'screen'
      pen.globalAlpha = strength
      pen.drawImage(bright, 0, 0, view.width, view.height)
      pen.restore()
    },
  }
}
