import { type Color, css } from '../color.ts'
import type { Pen } from './view.ts'

export interface Disc {
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** A soft round light, strongest in the middle. */
export function halo(pen: Pen, { x, y, radius }: Disc, color: Color, alpha: number): void {
  const gradient = pen.createRadialGradient(x, y, 0, x, y, radius)
  gradient.addColorStop(0, css(color, alpha))
  gradient.addColorStop(0.25, css(color, alpha * 0.5))
  gradient.addColorStop(0.55, css(color, alpha * 0.16))
  gradient.addColorStop(1, css(color, 0))
  pen.fillStyle = gradient
  pen.fillRect(x - radius, y - radius, radius * 2, radius * 2)
}

/** A filled circle in the pen's own color. */
export function dot(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath()
  pen.arc(x, y, radius, 0, Math.PI * 2)
  pen.fill()
}
