import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { groundColor } from './land.ts'
import { litBy } from './light.ts'
import { createLens, groundDistance, type Lens, metersToPixels, screenX, screenY } from './street/lens.ts'
import { paintStreetLife, type StreetLife } from './street/street-life.ts'
import { drawLeafTree, drawPine } from './tree.ts'
import type { Bitmap, Painter, Pen, View } from './view.ts'

/** How fast the camera drives. */
const driveMps = 16
const halfRoadM = 3.6
const roadsideM = 170

/** A road that runs to the horizon: dashes, posts and trees come toward the camera. */
export function createRoad(view: View): Painter {
  const lens = { ...createLens(view), eyeM: 1.5 }
  const verges = [vergeColor(view), darken(vergeColor(view), 0.05)] as const
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk'
  const roadside = createRoadside(view)
  const traffic = planTraffic(view)
  return {
    paint(pen, { timeS, camera }) {
      const shifted = { ...lens, centerX: lens.centerX - camera.x * 0.4 }
      const advancedM = timeS * driveMps
      paintGround(pen, view, shifted, verges, advancedM)
      paintMarkings(pen, view, shifted, advancedM)
      roadside(pen, shifted, advancedM)
      paintStreetLife(pen, shifted, traffic, { advancedM: 0, timeS, isMirror: false, isDark })
    },
  }
}

/** The car ahead, when the words name one, and one that comes the other way. Seen from a moving car, so speeds are relative. */
function planTraffic(view: View): StreetLife {
  const car = view.scene.subjects.find((subject) => subject.kind === 'car')
  const color = hex(car?.color ?? '#c8352b')
  return {
    vehicles: [
      { laneM: halfRoadM * 0.48, startM: car ? 8 : 36, speedMps: car ? 0.55 : 1.2, color },
      { laneM: -halfRoadM * 0.48, startM: 118, speedMps: -26, color: hex('#d9dde4') },
    ],
    walkers: [],
  }
}

const vergeColor = (view: View): Color =>
  view.scene.ground === 'road' && view.scene.layers.includes('dunes')
    ? litBy(view.light, hex('#dcae6a'))
    : view.scene.weather === 'snow'
      ? litBy(view.light, hex('#eef3ff'))
      : groundColor(view)

function paintGround(
  pen: Pen,
  view: View,
  lens: Lens,
  verges: readonly [Color, Color],
  advancedM: number,
): void {
  const { light } = view
  const bottom = view.height + view.margin
  const asphalt = litBy(light, hex('#4a4c55'))
  const bandPx = 3
  for (let y = view.horizonY; y < bottom; y += bandPx) {
    const z = groundDistance(lens, y + bandPx / 2)
    const fade = Math.min(1, z / 150)
    const isOdd = Math.floor((z + advancedM) / 7) % 2 === 0
    const verge = mix(verges[isOdd ? 0 : 1], light.haze, fade * 0.75)
    pen.fillStyle = css(verge)
    pen.fillRect(-view.margin, y, view.width + view.margin * 2, bandPx + 1)
    const half = halfRoadM * metersToPixels(lens, z)
    pen.fillStyle = css(mix(isOdd ? asphalt : lighten(asphalt, 0.018), light.haze, fade * 0.8))
    pen.fillRect(lens.centerX - half, y, half * 2, bandPx + 1)
  }
}

function paintMarkings(pen: Pen, view: View, lens: Lens, advancedM: number): void {
  const paint = litBy(view.light, hex('#f3eede'))
  pen.fillStyle = css(paint, 0.9)
  for (const side of [-1, 1]) {
    groundQuad(pen, lens, side * (halfRoadM - 0.25), 0.12, 1.2, 140)
    pen.fill()
  }
  pen.fillStyle = css(mix(paint, hex('#ffc93c'), 0.6), 0.95)
  for (let along = -(advancedM % 9); along < 130; along += 9) {
    if (along + 4 < 1.2) continue
    groundQuad(pen, lens, 0, 0.14, Math.max(1.2, along), along + 4)
    pen.fill()
  }
}

function groundQuad(pen: Pen, lens: Lens, x: number, widthM: number, near: number, far: number): void {
  pen.beginPath()
  pen.moveTo(screenX(lens, x - widthM / 2, near), screenY(lens, 0, near))
  pen.lineTo(screenX(lens, x + widthM / 2, near), screenY(lens, 0, near))
  pen.lineTo(screenX(lens, x + widthM / 2, far), screenY(lens, 0, far))
  pen.lineTo(screenX(lens, x - widthM / 2, far), screenY(lens, 0, far))
  pen.closePath()
}

interface RoadsideThing {
  readonly x: number
  readonly z: number
  readonly heightM: number
  readonly bitmap: Bitmap
}

function createRoadside(view: View): (pen: Pen, lens: Lens, advancedM: number) => void {
  const random = view.random('roadside')
  const sprites = roadsideSprites(view)
  const post = postSprite(view)
  const things: RoadsideThing[] = []
  for (let z = 0; z < roadsideM; z += 10) {
    for (const side of [-1, 1]) things.push({ x: side * (halfRoadM + 0.9), z, heightM: 1, bitmap: post })
  }
  for (let count = 0; count < 34; count += 1) {
    const side = random.chance(0.5) ? -1 : 1
    things.push({
      x: side * (halfRoadM + random.between(3, 26)),
      z: random.between(0, roadsideM),
      heightM: random.between(3.5, 8),
      bitmap: random.pick(sprites),
    })
  }
  return (pen, lens, advancedM) => {
    const seen = things
      .map((thing) => ({ thing, z: ((((thing.z - advancedM) % roadsideM) + roadsideM) % roadsideM) + 1.5 }))
      .sort((one, other) => other.z - one.z)
    for (const { thing, z } of seen) {
      const scale = metersToPixels(lens, z)
      const height = thing.heightM * scale
      const width = (height * thing.bitmap.width) / thing.bitmap.height
      pen.globalAlpha = Math.min(1, (roadsideM - z) / 60)
      pen.drawImage(
        thing.bitmap,
        screenX(lens, thing.x, z) - width / 2,
        screenY(lens, 0, z) - height * 0.98,
        width,
        height,
      )
    }
    pen.globalAlpha = 1
  }
}

function roadsideSprites(view: View): [Bitmap, ...Bitmap[]] {
  const { light, scene } = view
  const isDesert = scene.layers.includes('dunes')
  const green = mix(litBy(light, hex(isDesert ? '#7a7a45' : '#3f7a38')), light.shade, 0.3)
  const draw = (index: number): Bitmap => {
    const size = 420 * Math.max(0.3, view.detail)
    const bitmap = view.createBitmap(size * 0.8, size)
    const pen = bitmap.getContext('2d')
    const random = view.random(`roadside tree ${index}`)
    if (isDesert) drawCactus(pen, size * 0.4, size * 0.98, size * 0.8, green)
    else if (scene.weather === 'snow' || index === 0) {
      drawPine(
        pen,
        size * 0.4,
        size * 0.98,
        size * 0.94,
        { color: green, snow: scene.weather === 'snow' ? litBy(light, hex('#ffffff')) : null },
        random,
      )
    } else drawLeafTree(pen, size * 0.4, size * 0.98, size * 0.95, green, random)
    return bitmap
  }
  return [draw(0), draw(1), draw(2)]
}

function drawCactus(pen: Pen, x: number, footY: number, height: number, color: Color): void {
  pen.strokeStyle = css(color)
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.lineWidth = height * 0.15
  pen.beginPath()
  pen.moveTo(x, footY)
  pen.lineTo(x, footY - height * 0.85)
  pen.stroke()
  pen.lineWidth = height * 0.1
  pen.beginPath()
  pen.moveTo(x, footY - height * 0.35)
  pen.lineTo(x - height * 0.24, footY - height * 0.35)
  pen.lineTo(x - height * 0.24, footY - height * 0.62)
  pen.moveTo(x, footY - height * 0.46)
  pen.lineTo(x + height * 0.22, footY - height * 0.46)
  pen.lineTo(x + height * 0.22, footY - height * 0.74)
  pen.stroke()
}

function postSprite(view: View): Bitmap {
  const bitmap = view.createBitmap(16, 100)
  const pen = bitmap.getContext('2d')
  pen.fillStyle = css(litBy(view.light, hex('#f4f4f0')))
  pen.fillRect(3, 2, 10, 98)
  pen.fillStyle = css(hex('#e8473a'))
  pen.fillRect(3, 14, 10, 14)
  return bitmap
}
