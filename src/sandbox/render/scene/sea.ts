import { type Color, hex, mix } from '../color.ts'
import { inLayer } from './camera.ts'
import { luminaryPlace, skyColor } from './sky.ts'
import type { Bitmap, Moment, Painter, View } from './view.ts'

/** A sine read from a table: the water needs millions a second. */
const sineTable = Float32Array.from({ length: 4096 }, (_, index) => Math.sin((index * Math.PI * 2) / 4096))

interface Wave {
  /** Cycles per unit of the water plane, along and away from the viewer. */
  readonly across: number
  readonly away: number
  readonly speed: number
  readonly height: number
}

/**
 * Water in perspective, computed pixel by pixel at a fraction of the canvas: each pixel's wave slope picks what it
 * mirrors from `reflected` (the picture above the horizon), and where it mirrors the sun it glitters.
 */
export function createWater(view: View, reflected: Bitmap, kind: 'sea' | 'lake'): Painter {
  const { width, height, margin, horizonY } = view
  const scale = view.detail > 0.5 ? Math.min(0.5, 540 / Math.min(width, height)) : 1
  const columns = Math.round((width + margin * 2) * scale)
  const rows = Math.round((height + margin - horizonY) * scale)
  const bitmap = view.createBitmap(columns, rows)
  const pen = bitmap.getContext('2d')
  const image = pen.createImageData(columns, rows)
  const water = waterOf(view, reflected, kind, columns, rows)
  return {
    paint(target, moment: Moment) {
      shadeWater(image.data, water, moment.timeS)
      pen.putImageData(image, 0, 0)
      inLayer(target, view, moment.camera, 0, () => {
        target.drawImage(bitmap, -margin, horizonY, width + margin * 2, height + margin - horizonY)
      })
    },
  }
}

interface Water {
  readonly columns: number
  readonly rows: number
  readonly waves: readonly Wave[]
  /** How far the slopes throw the mirrored picture, as a fraction of its height. */
  readonly roughness: number
  readonly mirror: Uint8ClampedArray
  readonly mirrorColumns: number
  readonly mirrorRows: number
  readonly deep: Color
  readonly glint: Color
  readonly glintStrength: number
  /** As a fraction of the width, and as a row of the mirrored picture counted from the horizon. */
  readonly sunAcross: number
  readonly sunRow: number
}

function waterOf(view: View, reflected: Bitmap, kind: 'sea' | 'lake', columns: number, rows: number): Water {
  const mirrorColumns = reflected.width
  const mirrorRows = reflected.height
  const luminary = view.light.sun ?? view.light.moon
  const place = luminary && luminaryPlace(view, luminary)
  return {
    columns,
    rows,
    waves: kind === 'sea' ? wavesOf(0.4, 9, 0.2) : wavesOf(1.3, 6, 0.2),
    roughness: kind === 'sea' ? 0.62 : 0.2,
    mirror: reflected.getContext('2d').getImageData(0, 0, mirrorColumns, mirrorRows).data,
    mirrorColumns,
    mirrorRows,
    deep: mix(view.light.waterDeep, skyColor(view, 0.8), 0.2),
    glint: luminary ? mix(luminary.disk, luminary.glow, 0.3) : hex('#ffffff'),
    glintStrength: luminary ? (view.light.sun ? 1 : 0.7) : 0,
    sunAcross: place ? (place.x + view.margin) / (view.width + view.margin * 2) : 0.5,
    sunRow: (luminary?.altitude ?? 1) * mirrorRows,
  }
}

/** Crests that come toward the viewer, each shorter than the one before and from a slightly different side. */
function wavesOf(longest: number, count: number, height: number): Wave[] {
  const angles = [0.1, -0.32, 0.5, -0.66, 0.2, -0.47, 0.78, -0.12, 0.36]
  return angles.slice(0, count).map((angle, index) => {
    const frequency = longest * 1.58 ** index
    return {
      across: Math.sin(angle) * frequency * 1.6,
      away: Math.cos(angle) * frequency,
      speed: 0.24 * Math.sqrt(frequency),
      height: height * 0.87 ** index,
    }
  })
}

/** Per-row state of each wave: where it begins, how fast it turns, and how much of it can be seen at that distance. */
interface RowWaves {
  /** Waves of this row; the shorter ones beyond are too fine to see. */
  visible: number
  /** Share of the slopes that is too fine to see, 0 to 1: such water mirrors a higher part of the sky. */
  unseen: number
  readonly phase: Float64Array
  readonly turn: Float64Array
  readonly height: Float64Array
}

function setRow(state: RowWaves, water: Water, down: number, timeS: number): void {
  const distance = 1.15 / (down + 0.012)
  const distancePerRow = 1.15 / (down + 0.012) ** 2 / water.rows
  const acrossPerColumn = (distance * 0.42) / water.rows
  let seen = 0
  let total = 0
  state.visible = 0
  water.waves.forEach((wave, index) => {
    const cyclesPerRow = Math.hypot(wave.away * distancePerRow, wave.across * acrossPerColumn)
    const height = wave.height * Math.max(0, 1 - cyclesPerRow * 2.1)
    state.height[index] = height
    seen += height
    total += wave.height
    if (height > 0) state.visible = index + 1
    state.turn[index] = wave.across * acrossPerColumn
    const start = (-water.columns / 2) * acrossPerColumn * wave.across
    state.phase[index] = start + distance * wave.away + timeS * wave.speed + 4096
  })
  state.unseen = 1 - seen / total
}

function shadeWater(bytes: Uint8ClampedArray, water: Water, timeS: number): void {
  const count = water.waves.length
  const state: RowWaves = {
    visible: 0,
    unseen: 0,
    phase: new Float64Array(count),
    turn: new Float64Array(count),
    height: new Float64Array(count),
  }
  for (let row = 0; row < water.rows; row += 1) {
    const down = (row + 0.5) / water.rows
    setRow(state, water, down, timeS)
    shadeRow(bytes, water, state, row, down)
  }
}

function shadeRow(bytes: Uint8ClampedArray, water: Water, state: RowWaves, row: number, down: number): void {
  const { columns, mirror, mirrorColumns, mirrorRows, deep, glint, roughness } = water
  const { phase, turn, height, visible, unseen } = state
  const base = (down * 0.95 + unseen * unseen * 0.3 * roughness) * mirrorRows
  const reach = roughness * mirrorRows * (0.2 + 0.8 * down)
  const even = 0.55 * unseen * unseen
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
    const offRow = (mirrorRow - water.sunRow) / (mirrorRows * 0.12)
    const offColumn = (across - water.sunAcross) * 15
    const hit = Math.max(0, 1 - offRow * offRow - offColumn * offColumn)
    const crest = Math.max(0, slope * 2.2 - 0.62) * Math.max(0, 1 - offColumn * offColumn * 0.12)
    const shine = (hit * hit + crest + even * Math.max(0, 1 - offColumn * offColumn)) * water.glintStrength
    const offset = (row * columns + column) * 4
    bytes[offset] = blend(deep[0], mirror[from] as number, facing, glint[0], Math.min(1, shine))
    bytes[offset + 1] = blend(deep[1], mirror[from + 1] as number, facing, glint[1], Math.min(1, shine))
    bytes[offset + 2] = blend(deep[2], mirror[from + 2] as number, facing, glint[2], Math.min(1, shine))
    bytes[offset + 3] = 255
  }
}

function blend(deep: number, mirrored: number, facing: number, glint: number, shine: number): number {
  const surface = deep + (mirrored - deep) * facing
  return surface + (glint - surface) * shine
}
