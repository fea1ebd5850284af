import { type Color, hex } from '../../color.ts'
import type { Random } from '../../random.ts'
import { litBy } from '../light.ts'
import type { View } from '../view.ts'

/** A street as built: everything in meters, before any camera looks at it. */
export interface StreetPlan {
  readonly roadHalfM: number
  readonly wallM: number
  readonly buildings: readonly Building[]
  readonly signs: readonly NeonSign[]
  readonly lamps: readonly Lamp[]
}

export type Side = -1 | 1

export interface Building {
  readonly side: Side
  /** Distance of its face from the middle of the street; the same for all, so that the pavement's edge is straight. */
  readonly faceM: number
  readonly fromM: number
  readonly toM: number
  readonly heightM: number
  readonly wall: Color
  readonly windows: readonly LitWindow[]
  readonly shop: { readonly glow: Color; readonly board: Color } | null
}

export interface LitWindow {
  /** Along the face and up it, in meters from its lower near corner. */
  readonly alongM: number
  readonly upM: number
  readonly tone: number
}

export interface NeonSign {
  readonly side: Side
  readonly zM: number
  readonly bottomM: number
  readonly widthM: number
  readonly heightM: number
  readonly text: string
  readonly isUpright: boolean
  readonly color: Color
  /** Where it hangs: distance of its middle from the middle of the street. */
  readonly offsetM: number
  /** Broken tubes flicker. */
  readonly isBroken: boolean
}

export interface Lamp {
  readonly side: Side
  readonly zM: number
}

/** Three kinds of lit windows and a dark one; by day, four panes that mirror the sky. */
export const windowTones = (view: View): readonly Color[] =>
  (isLit(view)
    ? ['#ffd08a', '#ffe6bb', '#8fc7ff', '#3c4a72']
    : ['#7d9bb8', '#94afc6', '#66829e', '#54697f']
  ).map(hex)

/** Whether lamps, signs and windows are on. */
export const isLit = (view: View): boolean => view.scene.time !== 'day' && view.scene.time !== 'dawn'
export const windowSizeM = { width: 1.15, height: 1.5 }
export const streetLengthM = 150

const nightWalls = ['#1a1f3a', '#231d3c', '#1b2740', '#2b2140', '#182236', '#2a2433'].map(hex)
const dayWalls = ['#b3957f', '#a8a39b', '#c4b49e', '#8f8a94', '#b0877a', '#97a3af'].map(hex)
const neonColors = ['#ff2e88', '#22e0ff', '#ff7a1a', '#a24bff', '#39ff9c', '#ffd83d', '#ff3b4e'].map(hex) as [
  Color,
  ...Color[],
]
const uprightWords = ['HOTEL', 'RAMEN', 'BAR', 'CAFE', 'JAZZ', 'CLUB', 'SUSHI', 'TAXI', 'MOTEL', '24H']
const levelWords = ['OPEN', 'BAR', 'NOODLES', 'ARCADE', 'LIVE', 'CINEMA', 'DINER', 'RECORDS', 'TATTOO']

export function planStreet(view: View): StreetPlan {
  const random = view.random('street')
  const isTall = view.height > view.width
  const roadHalfM = isTall ? 3.3 : 4.4
  const wallM = roadHalfM + (isTall ? 1.9 : 2.6)
  const sides: readonly Side[] = [-1, 1]
  const accents = view.scene.palette.accents.map(hex)
  const walls = (isLit(view) ? nightWalls : dayWalls.map((wall) => litBy(view.light, wall))) as [
    Color,
    ...Color[],
  ]
  const neon = [...accents, ...neonColors, ...accents] as [Color, ...Color[]]
  return {
    roadHalfM,
    wallM,
    buildings: sides.flatMap((side) => planBuildings(random, side, wallM, walls)),
    signs: sides.flatMap((side) => planSigns(random, side, wallM, neon)),
    lamps: sides.flatMap((side) =>
      Array.from({ length: 7 }, (_, index) => ({ side, zM: 9 + index * 19 + (side === 1 ? 8 : 0) })),
    ),
  }
}

function planBuildings(
  random: Random,
  side: Side,
  wallM: number,
  walls: readonly [Color, ...Color[]],
): Building[] {
  const buildings: Building[] = []
  let fromM = -2
  while (fromM < streetLengthM) {
    const lengthM = random.between(9, 17)
    const heightM = random.between(12, 24) + (random.chance(0.35) ? random.between(8, 20) : 0)
    buildings.push({
      side,
      faceM: wallM,
      fromM,
      toM: fromM + lengthM,
      heightM,
      wall: random.pick(walls),
      windows: planWindows(random, lengthM, heightM),
      shop: random.chance(0.85) ? { glow: random.pick(shopGlows), board: random.pick(neonColors) } : null,
    })
    fromM += lengthM + (random.chance(0.2) ? random.between(1, 3) : 0)
  }
  return buildings
}

const shopGlows = ['#ffdca0', '#fff0d0', '#9fe8ff', '#ffb3d9', '#ffc46b'].map(hex) as [Color, ...Color[]]

function planWindows(random: Random, lengthM: number, heightM: number): LitWindow[] {
  const windows: LitWindow[] = []
  const occupied = random.between(0.4, 0.75)
  for (let upM = 5.2; upM < heightM - 2; upM += 3.1) {
    for (let alongM = 1; alongM < lengthM - 1.6; alongM += 2.1) {
      windows.push({ alongM, upM, tone: random.chance(occupied) ? random.integer(0, 2) : 3 })
    }
  }
  return windows
}

function planSigns(
  random: Random,
  side: Side,
  wallM: number,
  neon: readonly [Color, ...Color[]],
): NeonSign[] {
  const signs: NeonSign[] = []
  const offset = random.integer(0, 9)
  let zM = side === 1 ? 11 : 14
  while (zM < 90) {
    const isUpright = random.chance(0.62)
    const words = isUpright ? uprightWords : levelWords
    const text = words[(offset + signs.length * 3) % words.length] ?? 'OPEN'
    const size = isUpright
      ? { widthM: 1.15, heightM: 0.75 + text.length * 0.78 }
      : { widthM: 0.6 + text.length * 0.46, heightM: 1.05 }
    signs.push({
      side,
      zM,
      bottomM: isUpright ? random.between(3.6, 5.4) : random.between(3.4, 8),
      ...size,
      text,
      isUpright,
      color: random.pick(neon),
      offsetM: wallM - 0.15 - size.widthM / 2,
      isBroken: random.chance(0.16),
    })
    zM += random.between(3.2, 6.5)
  }
  return signs
}
