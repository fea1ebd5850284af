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
  pen.ellipse(0, 0, 0.56, 0.045, 0, 0, Math.PI * 2)
  pen.fill()
  pen.fillStyle = '#0b0c12'
  for (const x of [-0.47, 0.29]) {
    pen.beginPath()
    pen.roundRect(x, -0.24, 0.18, 0.24, 0.04)
    pen.fill()
  }
  drawCabin(pen, color)
  const body = pen.createLinearGradient(0, -0.47, 0, -0.1)
  body.addColorStop(0, css(lighten(color, 0.3)))
  body.addColorStop(0.25, css(color))
  body.addColorStop(1, css(darken(color, 0.5)))
  fillSmooth(
    pen,
    [
      [-0.49, -0.13],
      [-0.515, -0.3],
      [-0.47, -0.42],
      [-0.3, -0.47],
      [0.3, -0.47],
      [0.47, -0.42],
      [0.515, -0.3],
      [0.49, -0.13],
      [0, -0.1],
    ],
    body,
  )
  pen.fillStyle = css(darken(color, 0.72))
  pen.beginPath()
  pen.roundRect(-0.45, -0.2, 0.9, 0.1, 0.05)
  pen.fill()
  pen.fillStyle = 'rgba(238,238,242,0.9)'
  pen.fillRect(-0.11, -0.265, 0.22, 0.07)
  drawEndLights(pen, end, isDark)
}

function drawCabin(pen: Pen, color: Color): void {
  fillSmooth(
    pen,
    [
      [-0.43, -0.42],
      [-0.36, -0.56],
      [-0.27, -0.69],
      [0, -0.725],
      [0.27, -0.69],
      [0.36, -0.56],
      [0.43, -0.42],
      [0, -0.4],
    ],
    darken(color, 0.15),
  )
  const glass = pen.createLinearGradient(0, -0.68, 0, -0.44)
  glass.addColorStop(0, css(mix(hex('#26344a'), color, 0.1)))
  glass.addColorStop(1, css(hex('#0b111d')))
  fillSmooth(
    pen,
    [
      [-0.36, -0.45],
      [-0.31, -0.55],
      [-0.235, -0.645],
      [0, -0.672],
      [0.235, -0.645],
      [0.31, -0.55],
      [0.36, -0.45],
      [0, -0.435],
    ],
    glass,
  )
}

function drawEndLights(pen: Pen, end: 'front' | 'rear', isDark: boolean): void {
  const color = hex(end === 'rear' ? '#ff2b2b' : '#fff4d6')
  for (const x of [-0.375, 0.375]) {
    pen.fillStyle = '#14080c'
    pen.beginPath()
    pen.roundRect(x - 0.115, -0.405, 0.23, 0.12, 0.05)
    pen.fill()
    pen.fillStyle = css(color)
    pen.beginPath()
    pen.roundRect(x - 0.095, -0.39, 0.19, 0.09, 0.04)
    pen.fill()
    pen.fillStyle = css(lighten(color, 0.55))
    pen.fillRect(x - 0.06, -0.375, 0.12, 0.025)
    if (!isDark) continue
    pen.globalCompositeOperation = 'lighter'
    halo(pen, x, -0.35, end === 'rear' ? 0.55 : 0.8, color, 0.75)
    pen.globalCompositeOperation = 'source-over'
  }
}
