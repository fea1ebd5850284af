import { type Color, css, darken, hex, lighten } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { halo } from '../scene/halo.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { standingOf } from './animal.ts'
import { fillSmooth, shape } from './shape.ts'

const body = shape(
  '-0.5 -0.09, -0.51 -0.19, -0.4 -0.22, -0.26 -0.31, -0.02 -0.335, 0.15 -0.3, 0.27 -0.215, ' +
    '0.45 -0.185, 0.52 -0.13, 0.5 -0.07, 0.2 -0.055, -0.2 -0.055',
)
const rearWindow = shape('-0.25 -0.225, -0.22 -0.29, -0.06 -0.31, -0.05 -0.225')
const frontWindow = shape('-0.02 -0.225, -0.02 -0.312, 0.12 -0.285, 0.21 -0.22')

/** A car seen from the side, driving through the picture with turning wheels. */
export function createSideCar(view: View, subject: SceneSubject): Painter {
  const standing = standingOf(view, subject, 0, 1.5)
  const paint = litBy(view.light, hex(subject.color ?? '#d8402f'))
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk'
  return {
    paint(pen, moment) {
      inLayer(pen, view, { camera: moment.camera, depth: 1 }, () => {
        pen.save()
        pen.translate(standing.x(moment) * view.width, standing.footY)
        pen.scale(standing.bodyPx, standing.bodyPx)
        drawCarSide(pen, paint, isDark ? 'night' : 'day')
        for (const x of [-0.3, 0.31]) drawWheel(pen, x, subject.pace === 'still' ? 0 : moment.timeS * 9)
        pen.restore()
      })
    },
  }
}

function drawCarSide(pen: Pen, color: Color, light: 'day' | 'night'): void {
  pen.fillStyle = 'rgba(0,0,0,0.35)'
  pen.beginPath()
  pen.ellipse(0, 0.005, 0.54, 0.035, 0, 0, Math.PI * 2)
  pen.fill()
  const enamel = pen.createLinearGradient(0, -0.3, 0, -0.05)
  enamel.addColorStop(0, css(lighten(color, 0.22)))
  enamel.addColorStop(0.5, css(color))
  enamel.addColorStop(1, css(darken(color, 0.45)))
  fillSmooth(pen, body, enamel)
  const glass = hex(light === 'night' ? '#1a2436' : '#a9cbe0')
  fillSmooth(pen, rearWindow, glass)
  fillSmooth(pen, frontWindow, glass)
  pen.fillStyle = '#fff2c4'
  pen.fillRect(0.465, -0.165, 0.035, 0.035)
  pen.fillStyle = '#ff3a2e'
  pen.fillRect(-0.51, -0.18, 0.022, 0.05)
  if (light === 'day') return
  pen.globalCompositeOperation = 'lighter'
  halo(pen, { x: 0.5, y: -0.147, radius: 0.3 }, hex('#ffe9b0'), 0.6)
  halo(pen, { x: -0.5, y: -0.155, radius: 0.16 }, hex('#ff2a20'), 0.5)
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
