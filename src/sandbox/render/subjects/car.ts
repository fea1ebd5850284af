import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import { halo } from '../scene/sky.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { standingOf } from './animal.ts'
import { fillSmooth } from './shape.ts'

/** A car seen from the side, driving through the picture with turning wheels. */
export function createSideCar(view: View, subject: SceneSubject): Painter {
  const standing = standingOf(view, subject, 0, 1.5)
  const paint = litBy(view.light, hex(subject.color ?? '#d8402f'))
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk'
  return {
    paint(pen, moment) {
      inLayer(pen, view, moment.camera, 1, () => {
        pen.save()
        pen.translate(standing.x(moment) * view.width, standing.footY)
        pen.scale(standing.bodyPx, standing.bodyPx)
        drawCarSide(pen, paint, subject.pace === 'still' ? 0 : moment.timeS * 9, isDark)
        pen.restore()
      })
    },
  }
}

function drawCarSide(pen: Pen, color: Color, turn: number, isDark: boolean): void {
  pen.fillStyle = 'rgba(0,0,0,0.35)'
  pen.beginPath()
  pen.ellipse(0, 0.005, 0.54, 0.035, 0, 0, Math.PI * 2)
  pen.fill()
  const body = pen.createLinearGradient(0, -0.3, 0, -0.05)
  body.addColorStop(0, css(lighten(color, 0.22)))
  body.addColorStop(0.5, css(color))
  body.addColorStop(1, css(darken(color, 0.45)))
  fillSmooth(
    pen,
    [
      [-0.5, -0.09],
      [-0.51, -0.19],
      [-0.4, -0.22],
      [-0.26, -0.31],
      [-0.02, -0.335],
      [0.15, -0.3],
      [0.27, -0.215],
      [0.45, -0.185],
      [0.52, -0.13],
      [0.5, -0.07],
      [0.2, -0.055],
      [-0.2, -0.055],
    ],
    body,
  )
  const glass = hex(isDark ? '#1a2436' : '#a9cbe0')
  fillSmooth(
    pen,
    [
      [-0.25, -0.225],
      [-0.22, -0.29],
      [-0.06, -0.31],
      [-0.05, -0.225],
    ],
    glass,
  )
  fillSmooth(
    pen,
    [
      [-0.02, -0.225],
      [-0.02, -0.312],
      [0.12, -0.285],
      [0.21, -0.22],
    ],
    glass,
  )
  for (const x of [-0.3, 0.31]) drawWheel(pen, x, turn)
  pen.fillStyle = css(hex('#fff2c4'))
  pen.fillRect(0.465, -0.165, 0.035, 0.035)
  pen.fillStyle = css(hex('#ff3a2e'))
  pen.fillRect(-0.51, -0.18, 0.022, 0.05)
  if (!isDark) return
  pen.globalCompositeOperation = 'lighter'
  halo(pen, 0.5, -0.147, 0.3, hex('#ffe9b0'), 0.6)
  halo(pen, -0.5, -0.155, 0.16, hex('#ff2a20'), 0.5)
  pen.globalCompositeOperation = 'source-over'
}

function drawWheel(pen: Pen, x: number, turn: number): void {
  pen.save()
  pen.translate(x, -0.078)
  pen.fillStyle = '#14151b'
  pen.beginPath()
  pen.arc(0, 0, 0.082, 0, Math.PI * 2)
  pen.fill()
  pen.rotate(turn)
  pen.strokeStyle = '#b9bfca'
  pen.lineWidth = 0.014
  pen.beginPath()
  pen.arc(0, 0, 0.047, 0, Math.PI * 2)
  for (let spoke = 0; spoke < 5; spoke += 1) {
    const angle = (spoke / 5) * Math.PI * 2
    pen.moveTo(0, 0)
    pen.lineTo(Math.cos(angle) * 0.047, Math.sin(angle) * 0.047)
  }
  pen.stroke()
  pen.restore()
}

/** A car seen along the road, standing on the pen's origin; one unit is its width. */
export function drawCarEnd(pen: Pen, end: 'front' | 'rear', color: Color, isDark: boolean): void {
  pen.fillStyle = 'rgba(0,0,0,0.5)'
  pen.beginPath()
  pen.ellipse(0, 0, 0.56, 0.05, 0, 0, Math.PI * 2)
  pen.fill()
  pen.fillStyle = '#0b0c12'
  pen.fillRect(-0.46, -0.2, 0.16, 0.2)
  pen.fillRect(0.3, -0.2, 0.16, 0.2)
  const body = pen.createLinearGradient(0, -0.72, 0, -0.08)
  body.addColorStop(0, css(lighten(color, 0.2)))
  body.addColorStop(0.55, css(color))
  body.addColorStop(1, css(darken(color, 0.55)))
  fillSmooth(
    pen,
    [
      [-0.48, -0.1],
      [-0.5, -0.34],
      [-0.44, -0.46],
      [-0.34, -0.7],
      [0, -0.755],
      [0.34, -0.7],
      [0.44, -0.46],
      [0.5, -0.34],
      [0.48, -0.1],
      [0, -0.07],
    ],
    body,
  )
  fillSmooth(
    pen,
    [
      [-0.36, -0.47],
      [-0.28, -0.66],
      [0, -0.7],
      [0.28, -0.66],
      [0.36, -0.47],
      [0, -0.45],
    ],
    mix(hex('#0d1422'), color, 0.12),
  )
  pen.fillStyle = 'rgba(235,235,240,0.85)'
  pen.fillRect(-0.1, -0.25, 0.2, 0.07)
  drawEndLights(pen, end, isDark)
}

function drawEndLights(pen: Pen, end: 'front' | 'rear', isDark: boolean): void {
  const color = hex(end === 'rear' ? '#ff2b2b' : '#fff4d6')
  for (const x of [-0.38, 0.38]) {
    pen.fillStyle = css(color)
    pen.beginPath()
    pen.roundRect(x - 0.095, -0.4, 0.19, end === 'rear' ? 0.085 : 0.105, 0.04)
    pen.fill()
    if (!isDark) continue
    pen.globalCompositeOperation = 'lighter'
    halo(pen, x, -0.35, end === 'rear' ? 0.55 : 0.8, color, 0.75)
    pen.globalCompositeOperation = 'source-over'
  }
}
