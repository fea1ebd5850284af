import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { dot } from '../scene/halo.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { standingOf } from './animal.ts'
import { fillSmooth, limbOutline, type Point } from './shape.ts'

const coats = ['#c8452f', '#2f6db0', '#e0a52e', '#3f8f6a'].map(hex) as [Color, ...Color[]]

/** People seen from the side, walking or running across open ground, or standing and looking into the distance. */
export function createPeople(view: View, subject: SceneSubject): Painter {
  const people = Array.from({ length: Math.min(4, subject.count) }, (_, index) => ({
    standing: standingOf(view, subject, index, 1.15),
    coat: litBy(view.light, coats[index % coats.length] ?? hex('#c8452f')),
    lateS: index * 0.31,
  })).reverse()
  const skin = litBy(view.light, hex('#d9a07c'))
  const trousers = mix(litBy(view.light, hex('#2b3145')), view.light.shade, 0.3)
  return {
    paint(pen, moment) {
      inLayer(pen, view, { camera: moment.camera, depth: 1 }, () => {
        for (const { standing, coat, lateS } of people) {
          pen.save()
          pen.translate(standing.x(moment) * view.width, standing.footY)
          pen.scale(standing.bodyPx, standing.bodyPx)
          pen.fillStyle = css(view.light.shade, 0.3)
          pen.beginPath()
          pen.ellipse(0, 0.01, 0.22, 0.035, 0, 0, Math.PI * 2)
          pen.fill()
          drawPerson(pen, { coat, skin, trousers }, subject.pace, moment.timeS + lateS)
          pen.restore()
        }
      })
    },
  }
}

interface Dress {
  readonly coat: Color
  readonly skin: Color
  readonly trousers: Color
}

const strides = {
  run: { rate: 2.6, reach: 0.85 },
  walk: { rate: 1.5, reach: 0.42 },
  still: { rate: 0.25, reach: 0.03 },
} as const

function drawPerson(pen: Pen, dress: Dress, pace: SceneSubject['pace'], timeS: number): void {
  const { rate, reach } = strides[pace]
  const phase = timeS * rate * Math.PI
  const lean = pace === 'run' ? 0.12 : 0.03
  const bob = Math.abs(Math.sin(phase)) * reach * 0.035
  pen.save()
  pen.translate(0, -0.5 + 0.02 - bob)
  drawLeg(
    pen,
    Math.sin(phase + Math.PI) * reach,
    Math.max(0, Math.cos(phase + Math.PI)) * reach,
    darken(dress.trousers, 0.3),
  )
  drawArm(pen, { ...dress, coat: darken(dress.coat, 0.3) }, { swing: Math.sin(phase) * reach, lean })
  drawLeg(pen, Math.sin(phase) * reach, Math.max(0, Math.cos(phase)) * reach, dress.trousers)
  const neck: Point = [lean, -0.36]
  fillSmooth(
    pen,
    [
      [-0.075, 0.05],
      [-0.085 + lean * 0.4, -0.18],
      [neck[0] - 0.07, -0.33],
      [neck[0] + 0.05, -0.34],
      [neck[0] + 0.08, -0.22],
      [0.085, 0.05],
    ],
    dress.coat,
  )
  drawArm(
    pen,
    { ...dress, coat: lighten(dress.coat, 0.1) },
    { swing: Math.sin(phase + Math.PI) * reach, lean },
  )
  drawHead(pen, dress, neck)
  pen.restore()
}

function drawHead(pen: Pen, dress: Dress, [x, y]: Point): void {
  pen.fillStyle = css(dress.skin)
  pen.fillRect(x - 0.025, y - 0.05, 0.05, 0.07)
  dot(pen, x + 0.012, y - 0.078, 0.064)
  pen.fillStyle = css(darken(dress.trousers, 0.4))
  pen.beginPath()
  pen.arc(x + 0.002, y - 0.088, 0.067, Math.PI * 0.62, Math.PI * 1.82)
  pen.quadraticCurveTo(x + 0.02, y - 0.1, x - 0.02, y - 0.025)
  pen.fill()
}

function drawLeg(pen: Pen, swing: number, fold: number, color: Color): void {
  const knee: Point = [Math.sin(swing) * 0.25, Math.cos(swing) * 0.25]
  const shin = swing - fold * 1.1 - 0.04
  const ankle: Point = [knee[0] + Math.sin(shin) * 0.23, knee[1] + Math.cos(shin) * 0.23]
  fillSmooth(pen, limbOutline([[0, 0], knee, ankle], [0.12, 0.09, 0.055]), color)
  fillSmooth(
    pen,
    limbOutline([ankle, [ankle[0] + 0.085, ankle[1] + 0.015]], [0.055, 0.035]),
    darken(color, 0.4),
  )
}

function drawArm(
  pen: Pen,
  dress: Dress,
  { swing, lean }: { readonly swing: number; readonly lean: number },
): void {
  const shoulder: Point = [lean * 0.9, -0.29]
  const elbow: Point = [shoulder[0] + Math.sin(swing) * 0.15, shoulder[1] + Math.cos(swing) * 0.15]
  const fore = swing + 0.35 + Math.max(0, swing) * 0.5
  const hand: Point = [elbow[0] + Math.sin(fore) * 0.14, elbow[1] + Math.cos(fore) * 0.14]
  fillSmooth(pen, limbOutline([shoulder, elbow, hand], [0.075, 0.06, 0.042]), dress.coat)
  pen.fillStyle = css(dress.skin)
  pen.beginPath()
  pen.arc(hand[0], hand[1], 0.024, 0, Math.PI * 2)
  pen.fill()
}
