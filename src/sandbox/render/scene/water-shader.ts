import type { Color } from '../color.ts'
import { createWaveRow, enterRow, type Wave, type WaveRow } from './waves.ts'

/** Everything that decides how a surface of water looks. */
export interface Water {
  readonly columns: number
  readonly rows: number
  readonly waves: readonly Wave[]
  /** How far the slopes throw the mirrored picture, as a fraction of its height. */
  readonly roughness: number
  /** The mirrored picture, top row first, four bytes a pixel. */
  readonly mirror: Uint8ClampedArray
  readonly mirrorColumns: number
  readonly mirrorRows: number
  readonly deep: Color
  readonly glint: Color
  readonly glintStrength: number
  /** Of sun or moon: as a fraction of the width, and as a row of the mirrored picture counted from the horizon. */
  readonly sunAcross: number
  readonly sunRow: number
}

/** A sine read from a table: the water needs millions a second. */
const sineTable = Float32Array.from({ length: 4096 }, (_, index) => Math.sin((index * Math.PI * 2) / 4096))

/** Computes the picture of the water at a time into `bytes`, four a pixel. */
export function shadeWater(bytes: Uint8ClampedArray, water: Water, timeS: number): void {
  const state = createWaveRow(water.waves.length)
  for (let row = 0; row < water.rows; row += 1) {
    enterRow(state, water.waves, { row, rows: water.rows, columns: water.columns, timeS })
    shadeRow(bytes.subarray(row * water.columns * 4), water, state)
  }
}

function shadeRow(bytes: Uint8ClampedArray, water: Water, state: WaveRow): void {
  const { columns, mirror, mirrorColumns, mirrorRows, deep, glint, roughness } = water
  const { down, phase, turn, height, visible, unseen } = state
  const base = (down * 0.95 + unseen * unseen * 0.3 * roughness) * mirrorRows
  const reach = roughness * mirrorRows * (0.2 + 0.8 * down)
  const evenShine = 0.55 * unseen * unseen
  const fresnel = 0.93 - 0.58 * down
  for (let column = 0; column < columns; column += 1) {
    let slope = 0
    let tilt = 0
    for (let index = 0; index < visible; index += 1) {
      const turns = phase[index] as number
      phase[index] = turns + (turn[index] as number)
      // Long waves carry the short ones along, which breaks the regular pattern.
      const swing = (sineTable[((turns + slope * 0.45) * 4096) & 4095] as number) * (height[index] as number)
      slope += swing
      tilt += index & 1 ? -swing : swing
    }
    const mirrorRow = Math.min(mirrorRows - 1, Math.abs(base + slope * reach) | 0)
    const across = column / columns + tilt * 0.05
    const mirrorColumn = Math.min(mirrorColumns - 1, Math.max(0, (across * mirrorColumns) | 0))
    const from = ((mirrorRows - 1 - mirrorRow) * mirrorColumns + mirrorColumn) * 4
    const facing = Math.min(1, fresnel - slope * 0.3)
    const shine = shineAt(water, { mirrorRow, across, slope, evenShine })
    for (let channel = 0; channel < 3; channel += 1) {
      const dark = deep[channel] as number
      const surface = dark + ((mirror[from + channel] as number) - dark) * facing
      bytes[column * 4 + channel] = surface + ((glint[channel] as number) - surface) * shine
    }
    bytes[column * 4 + 3] = 255
  }
}

interface Facet {
  readonly mirrorRow: number
  readonly across: number
  readonly slope: number
  /** The glitter that is too fine to be seen as such. */
  readonly evenShine: number
}

/** How much of the sun a facet throws at the viewer: its image, the crests under it, and a sheen far away. */
function shineAt(water: Water, { mirrorRow, across, slope, evenShine }: Facet): number {
  const offRow = (mirrorRow - water.sunRow) / (water.mirrorRows * 0.12)
  const offColumn = (across - water.sunAcross) * 15
  const aside = offColumn * offColumn
  const image = Math.max(0, 1 - offRow * offRow - aside)
  const crest = Math.max(0, slope * 2.2 - 0.62) * Math.max(0, 1 - aside * 0.12)
  return Math.min(1, (image * image + crest + evenShine * Math.max(0, 1 - aside)) * water.glintStrength)
}
