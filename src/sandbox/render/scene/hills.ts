import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { groundColor } from './land.ts'
import { litBy } from './light.ts'
import { createStrip } from './strip.ts'
import { drawLeafTree } from './trees/leaf-tree.ts'
import type { Painter, Pen, View } from './view.ts'

/** Rolling hills behind the open ground, with trees scattered on the nearer ones. */
export function createHills(view: View): readonly Painter[] {
  return [
    { depth: 0.12, height: 0.34, waves: 0.8 },
    { depth: 0.2, height: 0.22, waves: 1.1 },
    { depth: 0.3, height: 0.12, waves: 1.5 },
  ].map((ridge, index) => createRidge(view, ridge, index, hillColor(view)))
}

/** Dunes: long smooth crests, one side in the sun and the other in its own shadow. */
export function createDunes(view: View): readonly Painter[] {
  return [
    { depth: 0.12, height: 0.3, waves: 0.7 },
    { depth: 0.22, height: 0.2, waves: 0.9 },
    { depth: 0.34, height: 0.1, waves: 1.2 },
  ].map((ridge, index) => createDune(view, ridge, index))
}

interface Ridge {
  readonly depth: number
  /** As a fraction of the horizon's height. */
  readonly height: number
  readonly waves: number
}

const hillColor = (view: View): Color =>
  view.scene.ground === 'snow' ? groundColor(view) : litBy(view.light, hex('#5b9148'))

function ridgeLine(view: View, ridge: Ridge, index: number, period: number): (x: number) => number {
  const noise = createNoise(view.scene.seed + 300 + index * 17)
  return (x) => {
    const angle = (x / period) * Math.PI * 2
    const swell = fractal(noise, 9 + Math.cos(angle) * ridge.waves, 9 + Math.sin(angle) * ridge.waves, 3)
    return view.horizonY + view.unit * 12 - view.horizonY * ridge.height * (0.25 + 1.1 * swell)
  }
}

function fillRidge(pen: Pen, view: View, crestAt: (x: number) => number, period: number): void {
  pen.beginPath()
  pen.moveTo(0, view.horizonY + view.unit * 60)
  for (let x = 0; x <= period + 4; x += 4) pen.lineTo(x, crestAt(x))
  pen.lineTo(period, view.horizonY + view.unit * 60)
  pen.closePath()
  pen.fill()
}

function createRidge(view: View, ridge: Ridge, index: number, base: Color): Painter {
  const { light, horizonY, unit } = view
  const period = Math.round(view.width * 1.8)
  const crestAt = ridgeLine(view, ridge, index, period)
  const top = horizonY - horizonY * ridge.height * 1.5 - unit * 60
  const color = mix(mix(base, light.haze, 0.72), base, ridge.depth * 2.6)
  const random = view.random(`hill ${index}`)
  return createStrip(view, {
    depth: ridge.depth,
    top,
    bottom: horizonY + unit * 60,
    period,
    draw: (pen, place) => {
      if (index > 0 && view.scene.ground !== 'snow') {
        for (let count = 0; count < 16 * index; count += 1) {
          const x = random.between(0, period)
          const size = unit * random.between(26, 52) * (0.6 + index * 0.3)
          const tree = mix(darken(color, 0.28), light.shade, 0.2)
          const seed = `hill tree ${index} ${count}`
          place(x, (at, spot) =>
            drawLeafTree(
              at,
              { x: spot, footY: crestAt(x) + unit * 5, height: size },
              tree,
              view.random(seed),
            ),
          )
        }
      }
      const gradient = pen.createLinearGradient(0, top + unit * 60, 0, horizonY + unit * 40)
      gradient.addColorStop(0, css(lighten(color, 0.14)))
      gradient.addColorStop(1, css(mix(color, light.haze, 0.25)))
      pen.fillStyle = gradient
      fillRidge(pen, view, crestAt, period)
    },
  })
}

/** Where the shadow of a dune's lee side ends: deep below the falling side of a crest, on the crest along the rising one. */
function shadowLine(
  crestAt: (x: number) => number,
  dune: { readonly period: number; readonly depthPx: number; readonly lightFrom: number },
): (x: number) => number {
  const step = 4
  const falling = Array.from({ length: Math.ceil(dune.period / step) + 2 }, (_, index) => {
    const slope = (crestAt(index * step + 24) - crestAt(index * step - 24)) / 48
    return Math.max(0, slope * dune.lightFrom)
  })
  // Evened out over a hundred pixels, so that a shadow begins and ends softly.
  const even = (index: number) => {
    const around = falling.slice(Math.max(0, index - 14), index + 15)
    return around.reduce((sum, value) => sum + value, 0) / around.length
  }
  const depths = falling.map((_, index) => even(index) * dune.depthPx)
  return (x) => crestAt(x) + (depths[Math.round(x / step)] ?? 0)
}

function createDune(view: View, ridge: Ridge, index: number): Painter {
  const { light, horizonY, unit } = view
  const period = Math.round(view.width * 1.8)
  const crestAt = ridgeLine(view, ridge, index + 9, period)
  const sand = litBy(light, hex('#e6b56e'))
  const color = mix(mix(sand, light.haze, 0.5), sand, ridge.depth * 2)
  const lightFrom = (light.sun?.x ?? 0.3) < 0.5 ? 1 : -1
  return createStrip(view, {
    depth: ridge.depth,
    top: horizonY - horizonY * ridge.height * 1.6,
    bottom: horizonY + unit * 60,
    period,
    draw: (pen) => {
      pen.fillStyle = css(lighten(color, 0.08))
      fillRidge(pen, view, crestAt, period)
      const leeTo = shadowLine(crestAt, { period, depthPx: unit * 620, lightFrom })
      const shade = pen.createLinearGradient(0, horizonY * (1 - ridge.height), 0, horizonY)
      shade.addColorStop(0, css(mix(color, light.shade, 0.5), 0.85))
      shade.addColorStop(1, css(mix(color, light.shade, 0.3), 0.1))
      pen.fillStyle = shade
      pen.beginPath()
      for (let x = 0; x <= period; x += 4) pen.lineTo(x, crestAt(x))
      for (let x = period; x >= 0; x -= 4) pen.lineTo(x, leeTo(x))
      pen.fill()
    },
  })
}
