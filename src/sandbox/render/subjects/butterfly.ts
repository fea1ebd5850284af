import { type Color, css, darken, hex } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { fillSmooth, shape } from './shape.ts'

const foreWing = shape('0.02 -0.02, 0.2 -0.42, 0.52 -0.5, 0.55 -0.2, 0.3 0.04')
const foreWingField = shape('0.05 -0.04, 0.21 -0.34, 0.46 -0.42, 0.47 -0.2, 0.28 0')
const hindWing = shape('0.02 0.02, 0.36 0.04, 0.42 0.3, 0.2 0.42, 0.06 0.2')
const hindWingField = shape('0.05 0.04, 0.31 0.08, 0.35 0.27, 0.2 0.34, 0.08 0.18')

const wings = ['#ff9d3c', '#4fb3ff', '#ff6fae', '#ffe066'].map(hex) as [Color, ...Color[]]

/** Butterflies that flutter about on wandering paths. */
export function createButterflies(view: View, subject: SceneSubject): Painter {
  const random = view.random('butterflies')
  const swarm = Array.from({ length: Math.max(3, Math.min(8, subject.count + 2)) }, (_, index) => ({
    x: index === 0 ? 0.48 : random.between(0.12, 0.88),
    y: index === 0 ? 0.56 : random.between(0.32, 0.86),
    size: view.unit * (index === 0 ? 120 : random.between(26, 60)),
    color: random.pick(wings),
    beat: random.between(9, 13),
    phase: random.between(0, 9),
  }))
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, { camera, depth: 1.1 }, () => {
        for (const { x, y, size, color, beat, phase } of swarm) {
          pen.save()
          pen.translate(
            (x + 0.07 * Math.sin(timeS * 0.7 + phase) + 0.02 * Math.sin(timeS * 2.1 + phase)) * view.width,
            (y + 0.04 * Math.sin(timeS * 1.1 + phase * 2) + 0.008 * Math.sin(timeS * beat)) * view.height,
          )
          pen.rotate(0.35 * Math.sin(timeS * 0.9 + phase))
          pen.scale(size, size)
          drawButterfly(pen, color, 0.25 + 0.75 * Math.abs(Math.sin(timeS * beat * 0.5 + phase)))
          pen.restore()
        }
      })
    },
  }
}

/** `open` 1 shows the wings flat, near 0 they are folded. */
function drawButterfly(pen: Pen, color: Color, open: number): void {
  const edge = darken(color, 0.72)
  for (const side of [-1, 1]) {
    pen.save()
    pen.scale(side * open, 1)
    fillSmooth(pen, foreWing, edge)
    fillSmooth(pen, foreWingField, color)
    fillSmooth(pen, hindWing, edge)
    fillSmooth(pen, hindWingField, color)
    pen.restore()
  }
  pen.fillStyle = css(hex('#1d1418'))
  pen.beginPath()
  pen.ellipse(0, 0, 0.035, 0.2, 0, 0, Math.PI * 2)
  pen.fill()
}
