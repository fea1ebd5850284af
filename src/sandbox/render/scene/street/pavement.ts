import { css, hex, mix } from '../../color.ts'
import { createNoise, fractal } from '../../noise.ts'
import { litBy } from '../light.ts'
import { shadeBitmap } from '../pixels.ts'
import type { Bitmap, Pen, View } from '../view.ts'
import { groundDistance, type Lens, metersToPixels } from './lens.ts'
import { isLit, type StreetPlan } from './street-plan.ts'

/** The pavement from above, repeated along the street. */
interface GroundMap {
  readonly bitmap: Bitmap
  readonly halfWidthM: number
  readonly lengthM: number
  readonly pixelsPerM: number
}

export interface Pavement {
  /** Wet ground mirrors what is on it. */
  readonly isWet: boolean
  /** Lays the pavement below the horizon and lets it mirror what `pen`'s own picture shows above it. */
  paint(pen: Pen, lens: Lens, advancedM: number, timeS: number): void
}

/**
 * A wet street: asphalt with markings, laid row by row in perspective, and over it the mirrored street. A street's walls
 * mirror about the line where they meet the ground, which for one half of the picture is a plain flip and shear.
 * The mirror is made small and stretched, so that lights smear downward as they do on wet asphalt.
 */
export function createPavement(view: View, plan: StreetPlan): Pavement {
  const isWet = isLit(view) || view.scene.weather === 'rain' || view.scene.weather === 'storm'
  const surface = surfaceMap(view, plan)
  const dryness = drynessMap(view, plan)
  const mirror = createMirror(view, plan, dryness)
  return {
    isWet,
    paint(pen, lens, advancedM, timeS) {
      if (isWet) mirror.look(pen, lens, advancedM)
      pen.save()
      clipToGround(pen, view, lens, plan)
      layRows(pen, view, lens, surface, advancedM, view.detail > 0.5 ? 3 : 1, 1)
      if (isWet) mirror.paint(pen, timeS)
      pen.restore()
    },
  }
}

/** Between the walls, from the vanishing point down. */
function clipToGround(pen: Pen, view: View, lens: Lens, plan: StreetPlan): void {
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

/** Draws a ground map in perspective: each band of rows is one strip of the map at that distance. */
function layRows(
  pen: Pen,
  view: View,
  lens: Lens,
  map: GroundMap,
  advancedM: number,
  bandPx: number,
  scale: number,
): void {
  const bottom = view.height + view.margin
  for (let y = lens.horizonY + 1; y < bottom; y += bandPx) {
    const far = groundDistance(lens, y)
    const near = groundDistance(lens, y + bandPx)
    const width = map.halfWidthM * 2 * metersToPixels(lens, (far + near) / 2)
    const rows = Math.max(1, (far - near) * map.pixelsPerM)
    const along = (((far + advancedM) % map.lengthM) / map.lengthM) * map.bitmap.height
    const top = Math.max(0, map.bitmap.height - along - 1)
    pen.drawImage(
      map.bitmap,
      0,
      top,
      map.bitmap.width,
      Math.min(rows, map.bitmap.height - top),
      (lens.centerX - width / 2) * scale,
      y * scale,
      width * scale,
      (bandPx + 0.6) * scale,
    )
  }
}

function surfaceMap(view: View, plan: StreetPlan): GroundMap {
  const map = emptyMap(view, 30 * Math.max(0.3, view.detail))
  const pen = map.bitmap.getContext('2d')
  const { pixelsPerM, halfWidthM } = map
  const asphalt = isLit(view) ? mix(hex('#0d1020'), view.light.haze, 0.1) : litBy(view.light, hex('#62646c'))
  pen.fillStyle = css(isLit(view) ? mix(asphalt, hex('#2a2c44'), 0.5) : litBy(view.light, hex('#a7a39c')))
  pen.fillRect(0, 0, map.bitmap.width, map.bitmap.height)
  const roadLeft = (halfWidthM - plan.roadHalfM) * pixelsPerM
  const roadWidth = plan.roadHalfM * 2 * pixelsPerM
  pen.fillStyle = css(asphalt)
  pen.fillRect(roadLeft, 0, roadWidth, map.bitmap.height)
  speckle(pen, view, map)
  pen.fillStyle = 'rgba(150,150,170,0.55)'
  for (const x of [roadLeft - 0.12 * pixelsPerM, roadLeft + roadWidth - 0.06 * pixelsPerM]) {
    pen.fillRect(x, 0, 0.18 * pixelsPerM, map.bitmap.height)
  }
  pen.fillStyle = 'rgba(232,222,190,0.62)'
  for (let along = 0; along < map.lengthM; along += 5) {
    pen.fillRect((halfWidthM - 0.07) * pixelsPerM, along * pixelsPerM, 0.14 * pixelsPerM, 2.4 * pixelsPerM)
  }
  pen.fillStyle = 'rgba(20,22,40,0.5)'
  for (let along = 0; along < map.lengthM; along += 1.6) {
    pen.fillRect(0, along * pixelsPerM, roadLeft, 0.05 * pixelsPerM)
    pen.fillRect(roadLeft + roadWidth, along * pixelsPerM, roadLeft, 0.05 * pixelsPerM)
  }
  paintCrossing(pen, map, plan)
  return map
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

function speckle(pen: Pen, view: View, map: GroundMap): void {
  const random = view.random('asphalt')
  for (let index = 0; index < 2600 * view.detail; index += 1) {
    pen.fillStyle = random.chance(0.5) ? 'rgba(255,255,255,0.035)' : 'rgba(0,0,0,0.07)'
    pen.fillRect(
      random.between(0, map.bitmap.width),
      random.between(0, map.bitmap.height),
      random.between(1, 4),
      random.between(2, 9),
    )
  }
}

/** Opaque where the ground is dry and mirrors nothing. */
function drynessMap(view: View, plan: StreetPlan): GroundMap {
  const map = emptyMap(view, 10 * Math.max(0.5, view.detail))
  const noise = createNoise(view.scene.seed ^ 0x9a7)
  const { halfWidthM, lengthM } = map
  const wetness = view.scene.weather === 'rain' || view.scene.weather === 'storm' ? 0.2 : 0.05
  const bitmap = shadeBitmap(view, map.bitmap.width, map.bitmap.height, (u, v, bytes, offset) => {
    const x = (u * 2 - 1) * halfWidthM
    const turn = v * Math.PI * 2
    // On a circle, so that the map's ends meet.
    const along = fractal(
      noise,
      x * 0.5 + 40 + Math.cos(turn) * (lengthM / 12),
      Math.sin(turn) * (lengthM / 12) + 40,
      3,
    )
    const gutter = Math.max(0, 1 - Math.abs(Math.abs(x) - plan.roadHalfM + 0.4) / 0.8) * 0.14
    const wet = Math.min(1, Math.max(0, (along + gutter + wetness - 0.42) / 0.16))
    bytes[offset + 3] = 255 * (0.55 - 0.55 * wet)
  })
  return { ...map, bitmap }
}

function emptyMap(view: View, pixelsPerM: number): GroundMap {
  const halfWidthM = 11
  const lengthM = 60
  return {
    bitmap: view.createBitmap(halfWidthM * 2 * pixelsPerM, lengthM * pixelsPerM),
    halfWidthM,
    lengthM,
    pixelsPerM,
  }
}

interface Mirror {
  /** Copies the street above the ground and lays it, mirrored, over a small picture of the ground. */
  look(pen: Pen, lens: Lens, advancedM: number): void
  paint(pen: Pen, timeS: number): void
}

function createMirror(view: View, plan: StreetPlan, dryness: GroundMap): Mirror {
  const scale = view.detail > 0.5 ? 0.25 : 0.5
  const smear = 0.12
  const { width, height, margin } = view
  const squeezed = view.createBitmap(width * scale, height * scale * smear)
  const ground = view.createBitmap(width * scale, height * scale)
  const squeezedPen = squeezed.getContext('2d')
  const groundPen = ground.getContext('2d')
  return {
    look(pen, lens, advancedM) {
      squeezedPen.drawImage(pen.canvas, 0, 0, squeezed.width, squeezed.height)
      groundPen.resetTransform()
      groundPen.globalCompositeOperation = 'copy'
      groundPen.fillStyle = 'rgba(0,0,0,0)'
      groundPen.fillRect(0, 0, ground.width, ground.height)
      groundPen.globalCompositeOperation = 'source-over'
      const slope = (2 * lens.eyeM) / plan.wallM
      for (const side of [-1, 1] as const) {
        groundPen.save()
        groundPen.scale(scale, scale)
        groundPen.beginPath()
        groundPen.rect(side < 0 ? -margin : lens.centerX, lens.horizonY, width / 2 + margin, height)
        groundPen.clip()
        groundPen.transform(1, slope * side, 0, -1, 0, 2 * lens.horizonY - slope * side * lens.centerX)
        groundPen.drawImage(squeezed, 0, 0, width, height)
        groundPen.restore()
      }
      groundPen.globalCompositeOperation = 'destination-out'
      layRows(groundPen, view, lens, dryness, advancedM, view.detail > 0.5 ? 5 : 2, scale)
    },
    paint(pen, timeS) {
      pen.save()
      pen.globalCompositeOperation = 'screen'
      pen.globalAlpha = 0.95
      const bandPx = view.detail > 0.5 ? 6 : 2
      const overhang = view.unit * 7
      for (let y = view.horizonY; y < height; y += bandPx) {
        const near = (y - view.horizonY) / (height - view.horizonY)
        const wobble =
          view.unit *
          (0.4 + 2.6 * near) *
          (Math.sin(y * 0.11 + timeS * 2.3) + Math.sin(y * 0.047 - timeS * 1.4))
        pen.drawImage(
          ground,
          0,
          y * scale,
          ground.width,
          bandPx * scale,
          wobble - overhang,
          y,
          width + overhang * 2,
          bandPx,
        )
      }
      pen.restore()
    },
  }
}
