import { type Color, css, darken, lighten } from '../../color.ts'
import { dot } from '../halo.ts'
import type { Pen } from '../view.ts'

/** A passer-by seen from the front or behind, feet at the pen's origin, one unit tall; `step` swings from -1 to 1. */
export function drawPedestrian(pen: Pen, step: number, umbrella: Color | null): void {
  pen.fillStyle = '#070811'
  for (const side of [-1, 1]) {
    const lift = Math.max(0, side * step) * 0.05
    pen.fillRect(side * 0.055 - 0.042, -0.5, 0.084, 0.5 - lift)
  }
  pen.beginPath()
  pen.moveTo(-0.15, -0.42)
  pen.quadraticCurveTo(-0.17, -0.8, -0.07, -0.84)
  pen.lineTo(0.07, -0.84)
  pen.quadraticCurveTo(0.17, -0.8, 0.15, -0.42)
  pen.closePath()
  pen.fill()
  dot(pen, 0, -0.92, 0.073)
  if (umbrella) drawUmbrella(pen, umbrella, step * 0.012)
}

function drawUmbrella(pen: Pen, color: Color, sway: number): void {
  pen.strokeStyle = '#0a0b14'
  pen.lineWidth = 0.018
  pen.beginPath()
  pen.moveTo(0.08, -0.6)
  pen.lineTo(0.05 + sway, -1.3)
  pen.stroke()
  const cloth = pen.createLinearGradient(0, -1.34, 0, -1.02)
  cloth.addColorStop(0, css(lighten(color, 0.18)))
  cloth.addColorStop(1, css(darken(color, 0.55)))
  pen.fillStyle = cloth
  pen.beginPath()
  pen.moveTo(-0.4 + sway, -1.02)
  pen.quadraticCurveTo(-0.34 + sway, -1.32, 0.05 + sway, -1.34)
  pen.quadraticCurveTo(0.44 + sway, -1.32, 0.5 + sway, -1.02)
  for (let scallop = 0; scallop < 4; scallop += 1) {
    const from = 0.5 - scallop * 0.225 + sway
    pen.quadraticCurveTo(from - 0.1125, -1.07, from - 0.225, -1.02)
  }
  pen.fill()
}
