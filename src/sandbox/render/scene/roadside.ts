import { type Color, css, hex, mix } from '../color.ts'
import { litBy } from './light.ts'

import { metersToPixels, screenX, screenY } from './street/lens.ts'
import type { StreetShot } from './street/street-shot.ts'
import { drawLeafTree } from './trees/leaf-tree.ts'
import { drawPine } from './trees/pine.ts'
import type { Bitmap, Pen, View } from './view.ts'

interface RoadsideThing {
  readonly x: number
  readonly z: number
  readonly heightM: number
  readonly bitmap: Bitmap
}

export const halfRoadM = 3.6

/** The roadside repeats after so many meters. */
const lengthM = 170

/** Posts and trees beside a road, each a bitmap that grows as it comes closer. */
export function createRoadside(view: View): (shot: StreetShot) => void {
  const things = [...planPosts(view), ...planTrees(view)]
  return ({ pen, lens, advancedM }) => {
    const distance = ({ z }: RoadsideThing) => ((((z - advancedM) % lengthM) + lengthM) % lengthM) + 1.5
    for (const thing of things.sort((one, other) => distance(other) - distance(one))) {
      const z = distance(thing)
      const height = thing.heightM * metersToPixels(lens, z)
      const width = (height * thing.bitmap.width) / thing.bitmap.height
      const left = screenX(lens, thing.x, z) - width / 2
      pen.globalAlpha = Math.min(1, (lengthM - z) / 60)
      pen.drawImage(thing.bitmap, left, screenY(lens, 0, z) - height * 0.98, width, height)
    }
    pen.globalAlpha = 1
  }
}

function planPosts(view: View): RoadsideThing[] {
  const bitmap = drawPost(view)
  const places = Array.from({ length: lengthM / 10 }, (_, index) => index * 10)
  return places.flatMap((z) =>
    [-1, 1].map((side) => ({ x: side * (halfRoadM + 0.9), z, heightM: 1, bitmap })),
  )
}

function planTrees(view: View): RoadsideThing[] {
  const random = view.random('roadside')
  const bitmaps: [Bitmap, ...Bitmap[]] = [drawPlant(view, 0), drawPlant(view, 1), drawPlant(view, 2)]
  return Array.from({ length: 34 }, () => ({
    x: (random.chance(0.5) ? -1 : 1) * (halfRoadM + random.between(3, 26)),
    z: random.between(0, lengthM),
    heightM: random.between(3.5, 8),
    bitmap: random.pick(bitmaps),
  }))
}

/** One of the plants that grow beside this road: cacti in a desert, pines in snow, else pines and leaf trees. */
function drawPlant(view: View, index: number): Bitmap {
  const { light, scene } = view
  const isDesert = scene.layers.includes('dunes')
  const isSnowy = scene.weather === 'snow'
  const green = mix(litBy(light, hex(isDesert ? '#7a7a45' : '#3f7a38')), light.shade, 0.3)
  const size = 420 * Math.max(0.3, view.detail)
  const bitmap = view.createBitmap(size * 0.8, size)
  const pen = bitmap.getContext('2d')
  const spot = { x: size * 0.4, footY: size * 0.98, height: size * 0.94 }
  const random = view.random(`roadside tree ${index}`)
  if (isDesert) drawCactus(pen, spot, green)
  else if (isSnowy) drawPine(pen, spot, { color: green, snow: litBy(light, hex('#ffffff')) }, random)
  else if (index === 0) drawPine(pen, spot, { color: green, snow: null }, random)
  else drawLeafTree(pen, spot, green, random)
  return bitmap
}

function drawCactus(pen: Pen, spot: { x: number; footY: number; height: number }, color: Color): void {
  pen.translate(spot.x, spot.footY)
  pen.scale(spot.height * 0.85, spot.height * 0.85)
  pen.strokeStyle = css(color)
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.lineWidth = 0.15
  pen.beginPath()
  pen.moveTo(0, 0)
  pen.lineTo(0, -0.85)
  pen.stroke()
  pen.lineWidth = 0.1
  pen.beginPath()
  pen.moveTo(0, -0.35)
  pen.lineTo(-0.24, -0.35)
  pen.lineTo(-0.24, -0.62)
  pen.moveTo(0, -0.46)
  pen.lineTo(0.22, -0.46)
  pen.lineTo(0.22, -0.74)
  pen.stroke()
}

function drawPost(view: View): Bitmap {
  const bitmap = view.createBitmap(16, 100)
  const pen = bitmap.getContext('2d')
  pen.fillStyle = css(litBy(view.light, hex('#f4f4f0')))
  pen.fillRect(3, 2, 10, 98)
  pen.fillStyle = css(hex('#e8473a'))
  pen.fillRect(3, 14, 10, 14)
  return bitmap
}
