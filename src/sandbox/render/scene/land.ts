import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import type { Ground } from '../scene-spec.ts'
import { litBy } from './light.ts'
import { createStrip } from './strip.ts'
import type { Painter, Pen, View } from './view.ts'

const surfaces: Readonly<Record<Exclude<Ground, 'sea' | 'lake' | 'none'>, Color>> = {
  snow: hex('#eef3ff'),
  grass: hex('#5d9a3d'),
  sand: hex('#e3b878'),
  road: hex('#7a8a4c'),
  street: hex('#1a1c2c'),
}

export function groundColor(view: View): Color {
  const { ground } = view.scene
  if (ground === 'sea' || ground === 'lake' || ground === 'none') return view.light.shade
  const surface =
    ground === 'grass' && view.scene.layers.includes('forest') ? hex('#4a6b39') : surfaces[ground]
  const veil = view.scene.weather === 'fog' ? 0.4 : 0
  return mix(litBy(view.light, surface), view.light.haze, veil)
}

/** Open ground from the horizon down: low swells, each a little nearer, paler above and darker below. */
export function createLand(view: View): readonly Painter[] {
  const swells = [
    { depth: 0.34, from: 0, to: 0.18 },
    { depth: 0.55, from: 0.09, to: 0.36 },
    { depth: 0.8, from: 0.24, to: 0.58 },
    { depth: 1, from: 0.44, to: 1 },
  ]
  return swells.map((swell, index) => createSwell(view, swell, index))
}

/** `from` and `to`: where it begins and where the next one has surely begun, as fractions of the ground. */
interface Swell {
  readonly depth: number
  readonly from: number
  readonly to: number
}

function createSwell(view: View, swell: Swell, index: number): Painter {
  const { height, horizonY, unit, light } = view
  const ground = height + view.margin - horizonY
  const crest = horizonY + ground * swell.from
  const veil = view.scene.ground === 'sand' ? 0.3 : 0.55
  // Below, the next swell covers it.
  const bottom = Math.min(height + view.margin, horizonY + ground * (swell.to + 0.12))
  const color = mix(mix(groundColor(view), light.haze, veil), groundColor(view), swell.depth)
  const noise = createNoise(view.scene.seed + 31 * index)
  const period = Math.round(view.width * 2)
  const rise = unit * (index === 0 ? 10 : 26 + index * 8)
  return createStrip(view, {
    depth: swell.depth,
    top: crest - rise * 2,
    bottom,
    period,
    draw: (pen) => {
      const crestAt = (x: number) => crest + rise * (circleNoise(noise, x / period, 2.2) - 0.5) * 2
      pen.beginPath()
      pen.moveTo(0, height + view.margin)
      for (let x = 0; x <= period; x += 6) pen.lineTo(x, crestAt(x))
      pen.lineTo(period, height + view.margin)
      pen.closePath()
      const gradient = pen.createLinearGradient(0, crest - rise, 0, crest + ground * 0.5)
      gradient.addColorStop(0, css(lighten(color, 0.16)))
      gradient.addColorStop(0.3, css(color))
      gradient.addColorStop(1, css(darken(mix(color, light.shade, 0.16), 0.14)))
      pen.fillStyle = gradient
      pen.fill()
      paintTexture(pen, view, { crestAt, period, depth: swell.depth, index })
    },
  })
}

interface SwellTexture {
  readonly crestAt: (x: number) => number
  readonly period: number
  readonly depth: number
  readonly index: number
}

function paintTexture(pen: Pen, view: View, swell: SwellTexture): void {
  const random = view.random(`land ${swell.index}`)
  const { unit } = view
  const color = groundColor(view)
  const { ground } = view.scene
  const count = Math.round((swell.index + 1) * 120 * Math.max(0.2, view.detail))
  for (let index = 0; index < count; index += 1) {
    const x = random.between(0, swell.period)
    const y = swell.crestAt(x) + random.next() ** 1.3 * (view.height - swell.crestAt(x))
    const size = unit * (4 + 26 * swell.depth * ((y - view.horizonY) / (view.height - view.horizonY)))
    if (ground === 'grass' || ground === 'road') {
      tuft(pen, { x, y, size }, random.chance(0.5) ? lighten(color, 0.14) : darken(color, 0.22))
    } else {
      pen.fillStyle = css(random.chance(0.5) ? lighten(color, 0.3) : mix(color, view.light.shade, 0.35), 0.16)
      pen.beginPath()
      pen.ellipse(x, y, size * random.between(1, 3.4), size * 0.14, 0, 0, Math.PI * 2)
      pen.fill()
    }
  }
}

function tuft(pen: Pen, { x, y, size }: { x: number; y: number; size: number }, color: Color): void {
  pen.strokeStyle = css(color, 0.55)
  pen.lineWidth = Math.max(0.7, size * 0.07)
  pen.beginPath()
  for (let blade = -1; blade <= 1; blade += 1) {
    pen.moveTo(x + blade * size * 0.16, y)
    pen.quadraticCurveTo(x + blade * size * 0.2, y - size * 0.5, x + blade * size * 0.46, y - size * 0.85)
  }
  pen.stroke()
}

/** Noise along a circle, so that its ends meet; 0 to 1. */
function circleNoise(noise: ReturnType<typeof createNoise>, turn: number, radius: number): number {
  const angle = turn * Math.PI * 2
  return fractal(noise, 20 + Math.cos(angle) * radius, 20 + Math.sin(angle) * radius, 4)
}
