import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { halo } from '../scene/halo.ts'
import type { Pen } from '../scene/view.ts'
import { fillSmooth, shape } from './shape.ts'

const body = shape(
  '-0.49 -0.13, -0.515 -0.3, -0.47 -0.42, -0.3 -0.47, 0.3 -0.47, 0.47 -0.42, 0.515 -0.3, 0.49 -0.13, 0 -0.1',
)
const cabin = shape(
  '-0.43 -0.42, -0.36 -0.56, -0.27 -0.69, 0 -0.725, 0.27 -0.69, 0.36 -0.56, 0.43 -0.42, 0 -0.4',
)
const windowPane = shape(
  '-0.36 -0.45, -0.31 -0.55, -0.235 -0.645, 0 -0.672, 0.235 -0.645, 0.31 -0.55, 0.36 -0.45, 0 -0.435',
)

export interface CarEnd {
  readonly end: 'front' | 'rear'
  readonly color: Color
  readonly hasLights: boolean
}

/** A car seen along the road, standing on the pen's origin; one unit is its width. */
export function drawCarEnd(pen: Pen, car: CarEnd): void {
  const { color } = car
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
  const enamel = pen.createLinearGradient(0, -0.47, 0, -0.1)
  enamel.addColorStop(0, css(lighten(color, 0.3)))
  enamel.addColorStop(0.25, css(color))
  enamel.addColorStop(1, css(darken(color, 0.5)))
  fillSmooth(pen, body, enamel)
  pen.fillStyle = css(darken(color, 0.72))
  pen.beginPath()
  pen.roundRect(-0.45, -0.2, 0.9, 0.1, 0.05)
  pen.fill()
  pen.fillStyle = 'rgba(238,238,242,0.9)'
  pen.fillRect(-0.11, -0.265, 0.22, 0.07)
  drawLights(pen, car)
}

function drawCabin(pen: Pen, color: Color): void {
  fillSmooth(pen, cabin, darken(color, 0.15))
  const glass = pen.createLinearGradient(0, -0.68, 0, -0.44)
  glass.addColorStop(0, css(mix(hex('#26344a'), color, 0.1)))
  glass.addColorStop(1, css(hex('#0b111d')))
  fillSmooth(pen, windowPane, glass)
}

function drawLights(pen: Pen, { end, hasLights }: CarEnd): void {
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
    if (!hasLights) continue
    pen.globalCompositeOperation = 'lighter'
    halo(pen, { x, y: -0.35, radius: end === 'rear' ? 0.55 : 0.8 }, color, 0.75)
    pen.globalCompositeOperation = 'source-over'
  }
}
