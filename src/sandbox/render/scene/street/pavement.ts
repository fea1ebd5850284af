import { css, hex, mix } from '../../color.ts'
import { litBy } from '../light.ts'
import type { Pen, View } from '../view.ts'
import { emptyGroundMap, type GroundMap, layGround } from './ground-map.ts'
import { createStreetMirror } from './street-mirror.ts'
import { isLit, type StreetPlan } from './street-plan.ts'
import type { StreetShot } from './street-shot.ts'

export interface Pavement {
  /** Wet ground mirrors what is on it. */
  readonly isWet: boolean
  /** Lays the pavement below the horizon and lets it mirror what the shot's picture shows above it. */
  paint(shot: StreetShot): void
}

/** Asphalt with markings, laid row by row in perspective, and over it the mirrored street when it is wet. */
export function createPavement(view: View, plan: StreetPlan): Pavement {
  const isWet = isLit(view) || view.scene.weather === 'rain' || view.scene.weather === 'storm'
  const surface = surfaceMap(view, plan)
  const mirror = isWet ? createStreetMirror(view, plan) : null
  const laying = { bottom: view.height + view.margin, bandPx: view.detail > 0.5 ? 3 : 1, scale: 1 }
  return {
    isWet,
    paint(shot) {
      mirror?.look(shot)
      shot.pen.save()
      clipToGround(shot, plan)
      layGround(shot.pen, surface, { ...laying, lens: shot.lens, advancedM: shot.advancedM })
      mirror?.paint(shot)
      shot.pen.restore()
    },
  }
}

/** Between the walls, from the vanishing point down. */
function clipToGround({ pen, view, lens }: StreetShot, plan: StreetPlan): void {
  const reach = view.width
  const fall = (reach * lens.eyeM) / plan.wallM
  pen.beginPath()
  pen.moveTo(lens.centerX, lens.horizonY)
  pen.lineTo(lens.centerX + reach, lens.horizonY + fall)
  pen.lineTo(lens.centerX + reach, view.height + fall)
  pen.lineTo(lens.centerX - reach, view.height + fall)
  pen.lineTo(lens.centerX - reach, lens.horizonY + fall)
  pen.closePath()
  pen.clip()
}

function surfaceMap(view: View, plan: StreetPlan): GroundMap {
  const map = emptyGroundMap(view, 30 * Math.max(0.3, view.detail))
  const pen = map.bitmap.getContext('2d')
  const night = mix(hex('#0d1020'), view.light.haze, 0.1)
  const asphalt = isLit(view) ? night : litBy(view.light, hex('#62646c'))
  const flags = isLit(view) ? mix(night, hex('#2a2c44'), 0.5) : litBy(view.light, hex('#a7a39c'))
  pen.fillStyle = css(flags)
  pen.fillRect(0, 0, map.bitmap.width, map.bitmap.height)
  pen.fillStyle = css(asphalt)
  const { left, width } = roadOn(map, plan)
  pen.fillRect(left, 0, width, map.bitmap.height)
  speckle(pen, view, map)
  paintLines(pen, map, plan)
  paintCrossing(pen, map, plan)
  return map
}

const roadOn = (map: GroundMap, plan: StreetPlan) => ({
  left: (map.halfWidthM - plan.roadHalfM) * map.pixelsPerM,
  width: plan.roadHalfM * 2 * map.pixelsPerM,
})

/** Curbs, the dashes in the middle, and the joints between the flagstones. */
function paintLines(pen: Pen, map: GroundMap, plan: StreetPlan): void {
  const { pixelsPerM, halfWidthM, lengthM } = map
  const { left, width } = roadOn(map, plan)
  pen.fillStyle = 'rgba(150,150,170,0.55)'
  pen.fillRect(left - 0.12 * pixelsPerM, 0, 0.18 * pixelsPerM, map.bitmap.height)
  pen.fillRect(left + width - 0.06 * pixelsPerM, 0, 0.18 * pixelsPerM, map.bitmap.height)
  pen.fillStyle = 'rgba(232,222,190,0.62)'
  for (let along = 0; along < lengthM; along += 5) {
    pen.fillRect((halfWidthM - 0.07) * pixelsPerM, along * pixelsPerM, 0.14 * pixelsPerM, 2.4 * pixelsPerM)
  }
  pen.fillStyle = 'rgba(20,22,40,0.5)'
  for (let along = 0; along < lengthM; along += 1.6) {
    pen.fillRect(0, along * pixelsPerM, left, 0.05 * pixelsPerM)
    pen.fillRect(left + width, along * pixelsPerM, left, 0.05 * pixelsPerM)
  }
}

/** A zebra crossing, the surest sign of a street. */
function paintCrossing(pen: Pen, map: GroundMap, plan: StreetPlan): void {
  const { pixelsPerM, halfWidthM } = map
  const top = map.bitmap.height - 8.6 * pixelsPerM
  pen.fillStyle = 'rgba(225,228,240,0.42)'
  for (let x = -plan.roadHalfM + 0.35; x < plan.roadHalfM - 0.5; x += 0.95) {
    pen.fillRect((halfWidthM + x) * pixelsPerM, top, 0.5 * pixelsPerM, 2.8 * pixelsPerM)
  }
}

function speckle(pen: Pen, view: View, { bitmap }: GroundMap): void {
  const random = view.random('asphalt')
  for (let index = 0; index < 2600 * view.detail; index += 1) {
    pen.fillStyle = random.chance(0.5) ? 'rgba(255,255,255,0.035)' : 'rgba(0,0,0,0.07)'
    const [x, y] = [random.between(0, bitmap.width), random.between(0, bitmap.height)]
    pen.fillRect(x, y, random.between(1, 4), random.between(2, 9))
  }
}
