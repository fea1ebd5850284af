import { type Color, css, hex, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { dot } from '../scene/halo.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { fillSmooth, shape } from './shape.ts'

const backFin = shape('-0.02 -0.13, -0.14 -0.3, 0.12 -0.15')
const fluke = shape('-0.5 0.1, -0.66 0.02, -0.6 0.16, -0.68 0.3, -0.48 0.17')
const body = shape(
  '-0.52 0.12, -0.3 -0.04, 0 -0.15, 0.28 -0.1, 0.4 0, 0.54 0.045, 0.52 0.075, 0.36 0.09, 0.1 0.13, -0.25 0.14',
)
const underside = shape('0.34 0.075, 0.12 0.06, -0.2 0.09, 0 0.128')
const flipper = shape('0.14 0.08, 0.05 0.26, 0.24 0.1')

/** How long one leap takes, and how long it is until the next. */
const leapS = 1.5
const restS = 0.9

/** Dolphins that leap out of the water one after another. */
export function createDolphins(view: View, subject: SceneSubject): Painter {
  const color = mix(
    litBy(view.light, hex('#5f7f9a')),
    view.light.shade,
    view.scene.time === 'day' ? 0.1 : 0.5,
  )
  const belly = mix(color, hex('#ffffff'), 0.35)
  const size = Math.min(view.width, view.height) * 0.24
  const leapPx = Math.min(size * 2.3, view.width * 0.5)
  const surface = view.horizonY + (view.height - view.horizonY) * 0.3
  const school = Array.from({ length: Math.min(3, Math.max(2, subject.count)) }, (_, index) => index)
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, { camera, depth: 0.6 }, () => {
        for (const index of school) {
          const late = (timeS + 3 - index * 0.5) % (leapS + restS)
          const leap = late / leapS
          const startX = view.width * 0.14 + index * size * 0.42
          const footY = surface + index * size * 0.16
          if (leap < 1) {
            const x = startX + leap * leapPx
            const y = footY - Math.sin(Math.PI * leap) * size * 0.95 + size * 0.22
            pen.save()
            pen.beginPath()
            pen.rect(-view.width, -view.height, view.width * 3, footY + view.height)
            pen.clip()
            pen.translate(x, y)
            pen.rotate((leap - 0.5) * 1.9)
            pen.scale(size, size)
            drawDolphin(pen, color, belly)
            pen.restore()
          }
          drawSplash(pen, { x: startX + leapPx * 0.1, y: footY, size }, late / 0.7)
          drawSplash(pen, { x: startX + leapPx * 0.92, y: footY, size }, (late - leapS * 0.86) / 0.8)
        }
      })
    },
  }
}

function drawDolphin(pen: Pen, color: Color, belly: Color): void {
  fillSmooth(pen, backFin, color)
  fillSmooth(pen, fluke, color)
  fillSmooth(pen, body, color)
  fillSmooth(pen, underside, belly)
  fillSmooth(pen, flipper, color)
  pen.fillStyle = '#0c1220'
  dot(pen, 0.36, 0.005, 0.014)
}

interface Splash {
  readonly x: number
  readonly y: number
  readonly size: number
}

/** `age` runs from 0 to 1. */
function drawSplash(pen: Pen, { x, y, size }: Splash, age: number): void {
  if (age < 0 || age > 1) return
  for (let drop = 0; drop < 14; drop += 1) {
    const angle = Math.PI * (0.15 + (0.7 * drop) / 13)
    const speed = 0.35 + 0.25 * Math.sin(drop * 2.4)
    const rise = Math.sin(angle) * speed * age - 0.45 * age * age
    pen.fillStyle = css(hex('#ffffff'), 0.75 * (1 - age))
    dot(
      pen,
      x + Math.cos(angle) * speed * age * size,
      y - Math.max(-0.02, rise) * size,
      size * 0.02 * (1.2 - age * 0.6),
    )
  }
}
