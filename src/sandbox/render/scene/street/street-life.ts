import { type Color, css, darken, hex, lighten } from '../../color.ts'
import { drawCarEnd } from '../../subjects/car.ts'
import type { Pen, View } from '../view.ts'
import { type Lens, metersToPixels, screenX, screenY } from './lens.ts'
import { isLit } from './street-plan.ts'

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
}

const umbrellas = ['#e0455e', '#2fb8d6', '#f2c14e', '#8a5bd6', '#e8e8ee'].map(hex) as [Color, ...Color[]]

/** Who is about on a city street: a car each way, and people on both pavements. */
export function planStreetLife(view: View, roadHalfM: number): StreetLife {
  const random = view.random('street life')
  const { subjects, weather } = view.scene
  const isNamed = (kind: string) => subjects.some((subject) => subject.kind === kind)
  const laneM = roadHalfM * 0.48
  const vehicles: Vehicle[] = [
    { laneM: -laneM, startM: 62, speedMps: -6.5, color: hex('#26324f') },
    {
      laneM,
      startM: isNamed('car') ? 9.5 : 26,
      speedMps: 2.1,
      color: hex(
        view.scene.subjects.find((subject) => subject.kind === 'car')?.color ??
          (isNamed('car') ? '#f0b429' : '#3a1c2c'),
      ),
    },
  ]
  const carriesUmbrella = weather === 'rain' || weather === 'storm' || isLit(view)
  const walkers = Array.from({ length: isNamed('person') ? 9 : 6 }, (_, index) => ({
    x: (index % 2 === 0 ? 1 : -1) * (roadHalfM + random.between(0.55, 1.5)),
    startM: isNamed('person') && index === 0 ? 8.5 : 10 + index * 5.5 + random.between(0, 3),
    speedMps: random.chance(0.6) ? random.between(0.8, 1.3) : -random.between(0.5, 0.9),
    umbrella: carriesUmbrella && random.chance(0.62) ? random.pick(umbrellas) : null,
    phase: random.between(0, 7),
  }))
  return { vehicles, walkers }
}

export interface StreetMoment {
  readonly advancedM: number
  readonly timeS: number
  readonly isMirror: boolean
  /** Cars drive with their lights on. */
  readonly isDark: boolean
}

/** Draws everybody from far to near; with `isMirror` as the wet ground shows them: upside down and faint. */
export function paintStreetLife(pen: Pen, lens: Lens, life: StreetLife, moment: StreetMoment): void {
  const { advancedM, timeS, isMirror } = moment
  const distance = (thing: { startM: number; speedMps: number }) =>
    thing.startM + thing.speedMps * timeS - advancedM
  const everybody = [
    ...life.vehicles.map((vehicle) => ({
      z: distance(vehicle),
      draw: (z: number) => drawVehicle(pen, lens, vehicle, z, moment),
    })),
    ...life.walkers.map((walker) => ({
      z: distance(walker),
      draw: (z: number) => drawWalker(pen, lens, walker, z, timeS, isMirror),
    })),
  ]
  for (const { z, draw } of everybody.sort((one, other) => other.z - one.z)) {
    if (z > 3 && z < 120) draw(z)
  }
}

function standAt(pen: Pen, lens: Lens, x: number, z: number, unitM: number, isMirror: boolean): void {
  const scale = metersToPixels(lens, z) * unitM
  pen.translate(screenX(lens, x, z), screenY(lens, 0, z))
  pen.scale(scale, isMirror ? -scale : scale)
  pen.globalAlpha = isMirror ? 0.34 : 1
}

function drawVehicle(pen: Pen, lens: Lens, vehicle: Vehicle, z: number, moment: StreetMoment): void {
  pen.save()
  standAt(pen, lens, vehicle.laneM, z, 1.85, moment.isMirror)
  drawCarEnd(pen, vehicle.speedMps > 0 ? 'rear' : 'front', vehicle.color, moment.isDark)
  pen.restore()
}

function drawWalker(pen: Pen, lens: Lens, walker: Walker, z: number, timeS: number, isMirror: boolean): void {
  const step = Math.sin(timeS * 5.6 + walker.phase)
  pen.save()
  standAt(pen, lens, walker.x, z, 1.75, isMirror)
  pen.fillStyle = '#070811'
  for (const side of [-1, 1]) {
    const lift = Math.max(0, side * step) * 0.05
    pen.fillRect(side * 0.055 - 0.042, -0.5, 0.084, 0.5 - lift)
  }
  pen.beginPath()
  pen.moveTo(-0.15, -0.42)
  pen.quadraticCurveTo(-0.17, -0.8, -0.07, -0.84)
  pen.lineTo(0.07, -0.84)
  pen.quadraticCurveTo(0.17, -0.8, 0.15, -0.42)
  pen.closePath()
  pen.fill()
  pen.beginPath()
  pen.arc(0, -0.92, 0.073, 0, Math.PI * 2)
  pen.fill()
  if (walker.umbrella) drawUmbrella(pen, walker.umbrella, step * 0.012)
  pen.restore()
}

function drawUmbrella(pen: Pen, color: Color, sway: number): void {
  pen.strokeStyle = '#0a0b14'
  pen.lineWidth = 0.018
  pen.beginPath()
  pen.moveTo(0.08, -0.6)
  pen.lineTo(0.05 + sway, -1.3)
  pen.stroke()
  const gradient = pen.createLinearGradient(0, -1.34, 0, -1.02)
  gradient.addColorStop(0, css(lighten(color, 0.18)))
  gradient.addColorStop(1, css(darken(color, 0.55)))
  pen.fillStyle = gradient
  pen.beginPath()
  pen.moveTo(-0.4 + sway, -1.02)
  pen.quadraticCurveTo(-0.34 + sway, -1.32, 0.05 + sway, -1.34)
  pen.quadraticCurveTo(0.44 + sway, -1.32, 0.5 + sway, -1.02)
  for (let scallop = 0; scallop < 4; scallop += 1) {
    const from = 0.5 - scallop * 0.225 + sway
    pen.quadraticCurveTo(from - 0.1125, -1.07, from - 0.225, -1.02)
  }
  pen.fill()
}
