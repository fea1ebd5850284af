import { type Color, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal, ridged } from '../noise.ts'
import { inLayer } from './camera.ts'
import { litBy } from './light.ts'
import { shadeBitmap } from './pixels.ts'
import type { Bitmap, Painter, View } from './view.ts'

interface Range {
  readonly depth: number
  /** Highest peak as a fraction of the horizon's height. */
  readonly height: number
  readonly peaks: number
  readonly seed: number
  /** Grown over, where there is no snow. */
  readonly isGreen: boolean
}

const ranges: readonly Range[] = [
  { depth: 0.06, height: 0.66, peaks: 5, seed: 11, isGreen: false },
  { depth: 0.13, height: 0.42, peaks: 7, seed: 29, isGreen: false },
  { depth: 0.24, height: 0.17, peaks: 10, seed: 47, isGreen: true },
]

/** Ranges of rock behind one another: faces lit from the sun's side, snow where it is high, haze where it is far. */
export function createMountains(view: View): readonly Painter[] {
  return ranges.map((range) => createRange(view, range))
}

function createRange(view: View, range: Range): Painter {
  const top = view.horizonY * (1 - range.height)
  const height = view.horizonY - top + view.unit * 6
  const width = (view.width + view.margin * 2) * 1.3
  const bitmap = rangeBitmap(view, range, { width, height })
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, { camera, depth: range.depth }, () => {
        const left = view.width / 2 - width / 2 - camera.traveled * view.width * range.depth * 0.25
        pen.drawImage(bitmap, left, top, width, height)
      })
    },
  }
}

/** A mountain as a tent: where its tip is (0 to 1 of the range), how high, and how steep each side. */
interface Peak {
  readonly at: number
  readonly height: number
  readonly slope: number
}

function peaksOf(view: View, range: Range, aspect: number): readonly Peak[] {
  const random = view.random(`peaks ${range.seed}`)
  const highest = random.integer(1, Math.max(1, range.peaks - 2))
  const peaks = Array.from({ length: range.peaks }, (_, index) => ({
    at: (index + random.between(0.25, 0.75)) / range.peaks,
    height: index === highest ? 0.97 : random.between(0.42, 0.78),
    slope: (random.between(0.85, 1.2) * aspect * 1.25) / (range.height > 0.3 ? 2 : 3.2),
  }))
  // The low ones stand in front.
  return peaks.sort((one, other) => one.height - other.height)
}

function rangeBitmap(
  view: View,
  range: Range,
  size: { readonly width: number; readonly height: number },
): Bitmap {
  const scale = 0.5 * view.detail
  const columns = Math.round(size.width * scale)
  const rows = Math.round(size.height * scale)
  const aspect = columns / rows
  const noise = createNoise(view.scene.seed + range.seed)
  const peaks = peaksOf(view, range, aspect)
  const look = rangeLook(view, range)
  const lightFrom = (view.light.sun?.x ?? view.light.moon?.x ?? 0.3) < 0.5 ? -1 : 1
  const jags = Float32Array.from({ length: columns }, (_, column) => {
    return (ridged(noise, (column / columns) * aspect * 4.5, range.seed, 5) - 0.62) * 0.2
  })
  return shadeBitmap(view, columns, rows, (u, v, bytes, offset) => {
    const jag = jags[Math.min(columns - 1, Math.floor(u * columns))] as number
    const found = peakAt(peaks, u, 1 - v, jag)
    if (!found) return
    const { peak, below } = found
    const x = u * aspect
    const grain = ridged(noise, x * 5 + below * 2, v * 4 + 9, 4)
    // The spine of a mountain wanders down from its tip; one side of it is lit.
    const spine = peak.at + (fractal(noise, v * 6 + peak.at * 40, range.seed, 4) - 0.5) * 0.42 * below
    const side = Math.min(1, Math.max(-1, ((u - spine) * lightFrom * aspect) / 0.05))
    const lit = Math.min(1, Math.max(0, 0.5 + side * 0.36 + (grain - 0.6) * 1.5))
    const snowLine = look.snowDepth * (0.6 + 0.8 * fractal(noise, x * 7, 3, 3)) * peak.height
    const isSnow = 1 - v > peak.height * (1 - snowLine) + (0.62 - grain) * 0.3 && look.snowDepth > 0
    const surface = isSnow ? mix(look.snowShade, look.snowLit, lit) : mix(look.rockShade, look.rockLit, lit)
    const foot = Math.min(1, Math.max(0, (v - 0.35) / 0.65))
    const color = mix(surface, look.haze, look.hazeAmount + (1 - look.hazeAmount) * 0.55 * foot * foot)
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = Math.min(255, below * rows * 200)
  })
}

/** The nearest mountain that covers a point `up` from the foot, and how far below its outline the point lies. */
function peakAt(
  peaks: readonly Peak[],
  u: number,
  up: number,
  jag: number,
): { peak: Peak; below: number } | null {
  for (const peak of peaks) {
    const crest = Math.min(0.985, peak.height - Math.abs(u - peak.at) * peak.slope + jag)
    if (crest >= up) return { peak, below: crest - up }
  }
  const first = peaks[0]
  return first && up < 0.08 + jag * 0.3 ? { peak: first, below: 0.08 + jag * 0.3 - up } : null
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

function rangeLook(view: View, range: Range): RangeLook {
  const { light, scene } = view
  const isSnowy = scene.weather === 'snow' || scene.ground === 'snow'
  const isGreen = range.isGreen && !isSnowy
  const rock = isGreen ? hex('#4d6a3e') : hex('#7b7580')
  const warm = light.sun?.glow ?? light.ambient
  return {
    rockLit: mix(litBy(light, lighten(rock, 0.22)), warm, 0.22),
    rockShade: mix(litBy(light, rock), light.shade, 0.52),
    snowLit: mix(litBy(light, hex('#ffffff')), warm, 0.2),
    snowShade: mix(litBy(light, hex('#aebfe0')), light.cloudShade, 0.3),
    snowDepth: isGreen ? 0 : isSnowy ? 0.75 : 0.36,
    haze: light.haze,
    hazeAmount: Math.max(0.06, 0.38 - range.depth * 1.7),
  }
}
