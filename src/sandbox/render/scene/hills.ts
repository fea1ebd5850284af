import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { groundColor } from './land.ts'
import { litBy } from './light.ts'
import { createStrip } from './strip.ts'
import { drawLeafTree } from './tree.ts'
import type { Painter, Pen, View } from './view.ts'

/** Rolling hills behind the open ground, with trees scattered on the nearer ones. */
export function createHills(view: View): readonly Painter[] {
  return [
    { depth: 0.12, height: 0.2, waves: 1.3 },
    { depth: 0.2, height: 0.13, waves: 1.9 },
    { depth: 0.3, height: 0.075, waves: 2.6 },
  ].map((ridge, index) => createRidge(view, ridge, index, hillColor(view)))
}

/** Dunes: long smooth crests, one side in the sun and the other in its own shadow. */
export function createDunes(view: View): readonly Painter[] {
  return [
    { depth: 0.12, height: 0.16, waves: 1.1 },
    { depth: 0.24, height: 0.1, waves: 1.5 },
    { depth: 0.4, height: 0.04, waves: 1.9 },
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
          place(x, (at, spot) => drawLeafTree(at, spot, crestAt(x) + unit * 5, size, tree, view.random(seed)))
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
      pen.save()
      pen.fillStyle = css(mix(color, light.shade, 0.42), 0.75)
      // The lee side falls away from each crest, shifted with the sun and always below the crest itself.
      fillRidge(
        pen,
        view,
        (x) => {
          const slope = crestAt(x + 14) - crestAt(x - 14)
          return crestAt(x) + unit * (slope * lightFrom > 0 ? 2 : 34) + Math.abs(slope) * 1.5
        },
        period,
      )
      pen.restore()
    },
  })
}
