import { type Color, darken, hex, mix } from '../color.ts'
import { litBy } from './light.ts'
import { createStrip } from './strip.ts'
import { drawPine } from './trees/pine.ts'
import { drawTrunk } from './trees/trunk.ts'
import type { Painter, View } from './view.ts'

export interface Forest {
  /** Rows of trees behind the subject, far to near. */
  readonly behind: readonly Painter[]
  /** Trunks that pass between the subject and the camera. */
  readonly before: readonly Painter[]
}

interface Row {
  readonly depth: number
  /** Feet below the horizon, as a fraction of the ground's height. */
  readonly foot: number
  /** Height of a tree, as a fraction of the horizon's height above the lower edge of the sky. */
  readonly height: number
  readonly spacing: number
}

const rows: readonly Row[] = [
  { depth: 0.1, foot: 0.008, height: 0.25, spacing: 0.03 },
  { depth: 0.18, foot: 0.022, height: 0.36, spacing: 0.048 },
  { depth: 0.3, foot: 0.055, height: 0.5, spacing: 0.1 },
  { depth: 0.46, foot: 0.11, height: 0.68, spacing: 0.2 },
  { depth: 0.68, foot: 0.19, height: 0.95, spacing: 0.52 },
]

/** Conifers in rows that fade into the haze with distance. */
export function createForest(view: View): Forest {
  return { behind: rows.map((row) => createRow(view, row)), before: [createNearTrunks(view)] }
}

const isSnowy = (view: View) => view.scene.ground === 'snow' || view.scene.weather === 'snow'

function snowColor(view: View): Color {
  return litBy(view.light, hex('#f4f7ff'))
}

function createRow(view: View, row: Row): Painter {
  const random = view.random(`forest ${row.depth}`)
  const { horizonY, height, light } = view
  const footY = horizonY + (height - horizonY) * row.foot
  const tall = horizonY * row.height
  const green = litBy(light, hex('#1d4a3a'))
  const color = mix(mix(light.haze, green, 0.25), mix(green, light.shade, 0.55), row.depth * 1.35)
  const snow = isSnowy(view) ? mix(light.haze, snowColor(view), 0.25 + row.depth * 0.9) : null
  const period = view.width * 1.7
  return createStrip(view, {
    depth: row.depth,
    top: Math.max(-view.margin, footY - tall * 1.25),
    bottom: footY + view.unit * 30,
    period,
    draw: (_pen, place) => {
      const step = row.spacing * Math.min(view.width, horizonY)
      for (let x = 0; x < period; x += step * random.between(0.6, 1.35)) {
        const seed = `${row.depth} ${x}`
        const size = tall * random.between(0.66, 1.15)
        const down = random.between(0, view.unit * 18)
        place(x, (pen, at) =>
          drawPine(pen, { x: at, footY: footY + down, height: size }, { color, snow }, view.random(seed)),
        )
      }
    },
  })
}

function createNearTrunks(view: View): Painter {
  const random = view.random('near trunks')
  const { width, height, horizonY, light } = view
  const footY = height + view.margin * 0.4
  const period = width * 4.2
  const color = darken(mix(litBy(light, hex('#2a2027')), light.shade, 0.5), 0.35)
  const look = {
    footY,
    topY: -view.margin,
    color,
    rim: mix(color, light.haze, 0.35),
    snow: isSnowy(view) ? darken(snowColor(view), 0.12) : null,
  }
  return createStrip(view, {
    depth: 1.7,
    softness: view.detail > 0.5 ? view.unit * 3.5 : 0,
    top: -view.margin,
    bottom: height + view.margin,
    period,
    draw: (_pen, place) => {
      const thick = Math.min(width, horizonY) * 0.1
      for (const x of [0.04, 1.2, 2.3, 3.3]) {
        const size = thick * random.between(0.75, 1.25)
        const seed = `trunk ${x}`
        place(x * width, (pen, at) => drawTrunk(pen, { ...look, x: at, width: size }, view.random(seed)))
      }
    },
  })
}
