import { type Color, css, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal, type Noise, ridged } from '../noise.ts'
import { inLayer } from './camera.ts'
import { litBy } from './light.ts'
import { shadeBitmap } from './pixels.ts'
import type { Bitmap, Painter, View } from './view.ts'

interface Range {
  readonly depth: number
  /** Highest peak as a fraction of the horizon's height. */
  readonly height: number
  readonly roughness: number
  readonly seed: number
}

const ranges: readonly Range[] = [
  { depth: 0.06, height: 0.5, roughness: 1.7, seed: 11 },
  { depth: 0.13, height: 0.38, roughness: 2.4, seed: 29 },
  { depth: 0.24, height: 0.2, roughness: 3.6, seed: 47 },
]

/** Ranges of rock behind one another: faces lit from the sun's side, snow where it is high, haze where it is far. */
export function createMountains(view: View): readonly Painter[] {
  return ranges.map((range, index) => createRange(view, range, index))
}

function createRange(view: View, range: Range, index: number): Painter {
  const top = view.horizonY * (1 - range.height * 1.15)
  const height = view.horizonY - top + view.unit * 6
  const width = (view.width + view.margin * 2) * 1.3
  const bitmap = rangeBitmap(view, range, index, width, height)
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, camera, range.depth, () => {
        const left = view.width / 2 - width / 2 - camera.traveled * view.width * range.depth * 0.25
        pen.drawImage(bitmap, left, top, width, height)
      })
    },
  }
}

function rangeBitmap(view: View, range: Range, index: number, width: number, height: number): Bitmap {
  const scale = 0.5 * view.detail
  const columns = Math.round(width * scale)
  const rows = Math.round(height * scale)
  const noise = createNoise(view.scene.seed + range.seed)
  const crest = crestLine(noise, range, columns, columns / rows)
  const look = rangeLook(view, range, index)
  const lightFrom = (view.light.sun?.x ?? view.light.moon?.x ?? 0.3) < 0.5 ? 1 : -1
  return shadeBitmap(view, columns, rows, (u, v, bytes, offset) => {
    const column = Math.min(columns - 1, Math.floor(u * columns))
    const edge = 1 - (crest[column] as number)
    const below = v - edge
    if (below < 0) {
      bytes[offset + 3] = Math.max(0, 1 + below * rows) * 0
      return
    }
    const x = (u * columns) / rows
    const rock = ridged(noise, x * 3.1 * range.roughness + below * 1.6, v * 2.4 * range.roughness + 9, 4)
    const beside = ridged(
      noise,
      x * 3.1 * range.roughness + below * 1.6 + 0.06 * lightFrom,
      v * 2.4 * range.roughness + 9,
      4,
    )
    const lit = Math.min(1, Math.max(0, 0.5 + (rock - beside) * 4.6))
    const snowLine = look.snowDepth * (0.5 + fractal(noise, x * 9, 3, 3)) * (crest[column] as number)
    const isSnow = below < snowLine + (rock - 0.62) * 0.36
    const surface = isSnow ? mix(look.snowShade, look.snowLit, lit) : mix(look.rockShade, look.rockLit, lit)
    const foot = Math.min(1, Math.max(0, (v - 0.45) / 0.55))
    const color = mix(surface, look.haze, look.hazeAmount + (1 - look.hazeAmount) * 0.6 * foot * foot)
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = Math.min(255, below * rows * 200)
  })
}

/** Height of the range at each column, 0 to 1: folded noise with one peak that stands out. */
function crestLine(noise: Noise, range: Range, columns: number, aspect: number): Float32Array {
  const peakAt = 0.36 + 0.3 * noise(range.seed + 0.5, 0.5)
  return Float32Array.from({ length: columns }, (_, column) => {
    const x = (column / columns) * aspect
    const folds = ridged(noise, x * range.roughness * 0.62 + 50, range.seed, 6)
    const peak = Math.max(0, 1 - Math.abs(column / columns - peakAt) * aspect * 1.4)
    return Math.min(0.97, 0.06 + 0.62 * folds ** 1.7 + 0.34 * peak ** 1.2)
  })
}

interface RangeLook {
  readonly rockLit: Color
  readonly rockShade: Color
  readonly snowLit: Color
  readonly snowShade: Color
  readonly snowDepth: number
  readonly haze: Color
  readonly hazeAmount: number
}

function rangeLook(view: View, range: Range, index: number): RangeLook {
  const { light, scene } = view
  const isGreen = index === 2 && scene.weather !== 'snow' && scene.ground !== 'snow'
  const rock = isGreen ? hex('#4d6a3e') : hex('#7b7580')
  const warm = light.sun?.glow ?? light.ambient
  const isSnowy = scene.weather === 'snow' || scene.ground === 'snow'
  return {
    rockLit: mix(litBy(light, lighten(rock, 0.22)), warm, 0.22),
    rockShade: mix(litBy(light, rock), light.shade, 0.52),
    snowLit: mix(litBy(light, hex('#ffffff')), warm, 0.2),
    snowShade: mix(litBy(light, hex('#aebfe0')), light.cloudShade, 0.3),
    snowDepth: isGreen ? 0 : isSnowy ? 0.9 : 0.34,
    haze: light.haze,
    hazeAmount: Math.max(0.08, 0.5 - range.depth * 1.9),
  }
}

/** A dark headland or island on the horizon of a sea. */
export function createIsland(view: View): Painter {
  const noise = createNoise(view.scene.seed + 71)
  const width = view.width * 0.62
  const height = view.unit * 95
  const left = view.light.sun && view.light.sun.x > 0.5 ? -view.margin : view.width - width * 0.8
  const bitmap = view.createBitmap(width, height)
  const pen = bitmap.getContext('2d')
  const color = mix(view.light.shade, view.light.haze, 0.35)
  const gradient = pen.createLinearGradient(0, 0, 0, height)
  gradient.addColorStop(0, css(color))
  gradient.addColorStop(1, css(mix(color, view.light.haze, 0.35)))
  pen.fillStyle = gradient
  pen.beginPath()
  pen.moveTo(0, height)
  for (let x = 0; x <= width; x += 2) {
    const share = x / width
    const hump = Math.sin(Math.PI * share) ** 0.8
    pen.lineTo(x, height - height * hump * (0.25 + 0.7 * fractal(noise, share * 5, 2, 5)))
  }
  pen.lineTo(width, height)
  pen.fill()
  return {
    paint(target, { camera }) {
      inLayer(target, view, camera, 0.08, () => {
        target.drawImage(bitmap, left, view.horizonY - height + view.unit * 2)
      })
    },
  }
}
