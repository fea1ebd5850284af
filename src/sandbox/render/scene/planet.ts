import { type Color, css, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { inLayer } from './camera.ts'
import { type Disc, dot, halo } from './halo.ts'
import { type PixelShader, shadeBitmap } from './pixels.ts'
import type { Painter, Pen, View } from './view.ts'

/** A planet with bands of cloud, lit from one side, with an atmosphere, a ring and a moon. */
export function createPlanet(view: View): Painter {
  const disc = {
    x: view.width * 0.62,
    y: view.height * 0.44,
    radius: Math.min(view.width, view.height) * 0.3,
  }
  const { x, y, radius } = disc
  const base = hex(view.scene.palette.accents[0] ?? '#d98a52')
  const pale = lighten(base, 0.5)
  const size = radius * 2 * Math.max(0.3, view.detail * 0.6)
  const globe = shadeBitmap(view, size, size, globeShader(view, { base, pale, radius }))
  const air = { x: x - radius * 0.2, y: y - radius * 0.15, radius: radius * 1.7 }
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, { camera, depth: 0.5 }, () => {
        pen.globalCompositeOperation = 'screen'
        halo(pen, air, mix(base, hex('#9fc4ff'), 0.6), 0.38)
        pen.globalCompositeOperation = 'source-over'
        paintRing(pen, disc, pale, 'behind')
        pen.drawImage(globe, x - radius, y - radius, radius * 2, radius * 2)
        paintRing(pen, disc, pale, 'before')
        pen.fillStyle = '#dfe3ea'
        dot(pen, x - radius * 1.55, y + radius * 0.92, radius * 0.09)
      })
    },
  }
}

function globeShader(
  view: View,
  look: { readonly base: Color; readonly pale: Color; readonly radius: number },
): PixelShader {
  const noise = createNoise(view.scene.seed + 6)
  return (u, v, bytes, offset) => {
    const x = u * 2 - 1
    const y = v * 2 - 1
    const inside = 1 - x * x - y * y
    if (inside <= 0) return
    const z = Math.sqrt(inside)
    const latitude = y * 0.94 + x * 0.3
    const swirl = fractal(noise, x * 2 + 30, latitude * 7 + 30, 4)
    const band = 0.5 + 0.5 * Math.sin(latitude * 15 + swirl * 5)
    const light = Math.max(0, -x * 0.62 - y * 0.42 + z * 0.66)
    const surface = mix(mix(look.base, look.pale, band * 0.75), [70, 30, 40], Math.max(0, swirl - 0.55) * 1.2)
    const rim = (1 - z) ** 3 * light * 1.4
    const color = mix(
      mix([4, 5, 16], surface, Math.min(1, light * 1.15)),
      [170, 205, 255],
      Math.min(0.8, rim),
    )
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = 255 * Math.min(1, inside * look.radius * 0.12)
  }
}

/** Bands of the ring from the inside out; lengths are shares of the planet's radius. */
const ringBands = [
  { reach: 1.42, thickness: 0.05, alpha: 0.55 },
  { reach: 1.54, thickness: 0.1, alpha: 0.4 },
  { reach: 1.7, thickness: 0.05, alpha: 0.5 },
  { reach: 1.8, thickness: 0.02, alpha: 0.3 },
]

function paintRing(pen: Pen, { x, y, radius }: Disc, color: Color, part: 'behind' | 'before'): void {
  pen.save()
  pen.translate(x, y)
  pen.rotate(-0.3)
  const from = part === 'behind' ? Math.PI : 0
  for (const { reach, thickness, alpha } of ringBands) {
    pen.strokeStyle = css(color, alpha)
    pen.lineWidth = radius * thickness
    pen.beginPath()
    pen.ellipse(0, 0, radius * reach, radius * reach * 0.24, 0, from, from + Math.PI)
    pen.stroke()
  }
  pen.restore()
}
