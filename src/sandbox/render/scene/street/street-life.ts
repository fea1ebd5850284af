import { type Color, hex } from '../../color.ts'
import { drawCarEnd } from '../../subjects/car-end.ts'
import type { View } from '../view.ts'
import { type Lens, metersToPixels, screenX, screenY } from './lens.ts'
import { drawPedestrian } from './pedestrian.ts'
import { isLit } from './street-plan.ts'
import type { StreetShot } from './street-shot.ts'

/** A car on a street or road: it keeps its lane and drives away from the camera or toward it. */
export interface Vehicle {
  readonly laneM: number
  readonly startM: number
  /** Along the street, away from the camera positive. */
  readonly speedMps: number
  readonly color: Color
}

/** A passer-by with or without an umbrella. */
export interface Walker {
  readonly x: number
  readonly startM: number
  readonly speedMps: number
  readonly umbrella: Color | null
  readonly phase: number
}

export interface StreetLife {
  readonly vehicles: readonly Vehicle[]
  readonly walkers: readonly Walker[]
  /** Cars drive with their lights on. */
  readonly isDark: boolean
}

const umbrellas = ['#e0455e', '#2fb8d6', '#f2c14e', '#8a5bd6', '#e8e8ee'].map(hex) as [Color, ...Color[]]

/** Who is about on a city street: a car each way, and people on both pavements. */
export function planStreetLife(view: View, roadHalfM: number): StreetLife {
  const random = view.random('street life')
  const { subjects, weather } = view.scene
  const car = subjects.find((subject) => subject.kind === 'car')
  const hasPerson = subjects.some((subject) => subject.kind === 'person')
  const laneM = roadHalfM * 0.48
  const ahead = hex(car?.color ?? (car ? '#f0b429' : '#3a1c2c'))
  const hasUmbrellas = weather === 'rain' || weather === 'storm' || isLit(view)
  return {
    isDark: isLit(view),
    vehicles: [
      { laneM: -laneM, startM: 62, speedMps: -6.5, color: hex('#26324f') },
      { laneM, startM: car ? 9.5 : 26, speedMps: 2.1, color: ahead },
    ],
    walkers: Array.from({ length: hasPerson ? 9 : 6 }, (_, index) => ({
      x: (index % 2 === 0 ? 1 : -1) * (roadHalfM + random.between(0.55, 1.5)),
      startM: hasPerson && index === 0 ? 8.5 : 10 + index * 5.5 + random.between(0, 3),
      speedMps: random.chance(0.6) ? random.between(0.8, 1.3) : -random.between(0.5, 0.9),
      umbrella: hasUmbrellas && random.chance(0.62) ? random.pick(umbrellas) : null,
      phase: random.between(0, 7),
    })),
  }
}

const nearestM = 3
const farthestM = 120

/** Draws everybody from far to near: as they are, or as wet ground shows them, upside down and faint. */
export function paintStreetLife(shot: StreetShot, life: StreetLife, as: 'themselves' | 'mirrored'): void {
  const { pen, lens, advancedM, timeS } = shot
  const distance = (thing: Vehicle | Walker) => thing.startM + thing.speedMps * timeS - advancedM
  const farFirst = [...life.vehicles, ...life.walkers].sort((one, other) => distance(other) - distance(one))
  for (const thing of farFirst) {
    const z = distance(thing)
    if (z < nearestM || z > farthestM) continue
    pen.save()
    if (as === 'mirrored') {
      pen.globalAlpha = 0.34
      flipAbout(pen, screenY(lens, 0, z))
    }
    if ('laneM' in thing) {
      standAt(shot, { x: thing.laneM, z, unitM: 1.85 })
      const end = thing.speedMps > 0 ? 'rear' : 'front'
      drawCarEnd(pen, { end, color: thing.color, hasLights: life.isDark })
    } else {
      standAt(shot, { x: thing.x, z, unitM: 1.75 })
      drawPedestrian(pen, Math.sin(timeS * 5.6 + thing.phase), thing.umbrella)
    }
    pen.restore()
  }
}

function flipAbout(pen: StreetShot['pen'], y: number): void {
  pen.translate(0, 2 * y)
  pen.scale(1, -1)
}

interface Place {
  readonly x: number
  readonly z: number
  /** Meters that one unit of the drawing stands for. */
  readonly unitM: number
}

function standAt({ pen, lens }: { pen: StreetShot['pen']; lens: Lens }, { x, z, unitM }: Place): void {
  const scale = metersToPixels(lens, z) * unitM
  pen.translate(screenX(lens, x, z), screenY(lens, 0, z))
  pen.scale(scale, scale)
}
