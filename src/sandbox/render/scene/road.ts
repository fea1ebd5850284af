import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { groundColor } from './land.ts'
import { litBy } from './light.ts'
import { createRoadside, halfRoadM } from './roadside.ts'
import { createLens, groundDistance, metersToPixels, traceGround } from './street/lens.ts'
import { paintStreetLife, type StreetLife } from './street/street-life.ts'
import type { StreetShot } from './street/street-shot.ts'
import type { Painter, View } from './view.ts'

/** How fast the camera drives. */
const driveMps = 16

/** A road that runs to the horizon: dashes, posts and trees come toward the camera. */
export function createRoad(view: View): Painter {
  const lens = { ...createLens(view), eyeM: 1.5 }
  const roadside = createRoadside(view)
  const traffic = planTraffic(view)
  return {
    paint(pen, { timeS, camera }) {
      const moved = { ...lens, centerX: lens.centerX - camera.x * 0.4 }
      const shot = { pen, view, lens: moved, advancedM: timeS * driveMps, timeS }
      paintGround(shot)
      paintMarkings(shot)
      roadside(shot)
      paintStreetLife({ ...shot, advancedM: 0 }, traffic, 'themselves')
    },
  }
}

/** The car ahead and one that comes the other way. Seen from a moving car, so speeds are relative to it. */
function planTraffic(view: View): StreetLife {
  const car = view.scene.subjects.find((subject) => subject.kind === 'car')
  const laneM = halfRoadM * 0.48
  const color = hex(car?.color ?? '#c8352b')
  return {
    isDark: view.scene.time === 'night' || view.scene.time === 'dusk',
    vehicles: [
      { laneM, startM: car ? 8 : 36, speedMps: car ? 0.55 : 1.2, color },
      { laneM: -laneM, startM: 118, speedMps: -26, color: hex('#d9dde4') },
    ],
    walkers: [],
  }
}

function vergeColor(view: View): Color {
  if (view.scene.layers.includes('dunes')) return litBy(view.light, hex('#dcae6a'))
  return view.scene.weather === 'snow' ? litBy(view.light, hex('#eef3ff')) : groundColor(view)
}

const bandPx = 3

/** Bands of two tones that come closer give the ground its speed. */
function paintGround({ pen, view, lens, advancedM }: StreetShot): void {
  const { light, width, height, margin } = view
  const asphalt = litBy(light, hex('#4a4c55'))
  const verge = vergeColor(view)
  for (let y = view.horizonY; y < height + margin; y += bandPx) {
    const z = groundDistance(lens, y + bandPx / 2)
    const fade = Math.min(1, z / 150)
    const isPale = Math.floor((z + advancedM) / 7) % 2 === 0
    pen.fillStyle = css(mix(isPale ? verge : darken(verge, 0.05), light.haze, fade * 0.75))
    pen.fillRect(-margin, y, width + margin * 2, bandPx + 1)
    const half = halfRoadM * metersToPixels(lens, z)
    pen.fillStyle = css(mix(isPale ? asphalt : lighten(asphalt, 0.018), light.haze, fade * 0.8))
    pen.fillRect(lens.centerX - half, y, half * 2, bandPx + 1)
  }
}

function paintMarkings({ pen, view, lens, advancedM }: StreetShot): void {
  const nearest = 1.2
  const paint = litBy(view.light, hex('#f3eede'))
  pen.fillStyle = css(paint, 0.9)
  pen.beginPath()
  for (const side of [-1, 1]) {
    traceGround(pen, lens, { x: side * (halfRoadM - 0.25), widthM: 0.12, near: nearest, far: 140 })
  }
  pen.fill()
  pen.fillStyle = css(mix(paint, hex('#ffc93c'), 0.6), 0.95)
  pen.beginPath()
  for (let along = -(advancedM % 9); along < 130; along += 9) {
    const near = Math.max(nearest, along)
    if (along + 4 > nearest) traceGround(pen, lens, { x: 0, widthM: 0.14, near, far: along + 4 })
  }
  pen.fill()
}
