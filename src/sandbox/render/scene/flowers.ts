import { type Color, css, darken, hex, lighten } from '../color.ts'
import { inLayer } from './camera.ts'
import { dot } from './halo.ts'
import { litBy } from './light.ts'
import type { Painter, Pen, View } from './view.ts'

const petals = ['#ff5d7a', '#ffd23f', '#ffffff', '#c77dff', '#ff8fb1', '#ff9f45']

interface Flower {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly color: Color
  readonly phase: number
}

/** Flowers that sway before the camera, small and dense far away, large and few up close. */
export function createFlowers(view: View): Painter {
  const random = view.random('flowers')
  const accents = view.scene.palette.accents
  const choices = (accents.length > 0 ? accents : petals).map((color) => litBy(view.light, hex(color))) as [
    Color,
    ...Color[],
  ]
  const stem = litBy(view.light, hex('#3f7d34'))
  const ground = view.height - view.horizonY
  const flowers: Flower[] = Array.from({ length: view.detail > 0.5 ? 170 : 50 }, () => {
    const near = random.next() ** 0.8
    return {
      x: random.between(-0.1, 1.1) * view.width,
      y: view.horizonY + ground * (0.12 + near * 0.95),
      size: view.unit * (5 + 30 * near * near),
      color: random.pick(choices),
      phase: random.between(0, 7),
    }
  }).sort((one, other) => one.y - other.y)
  return {
    paint(pen, { timeS, camera }) {
      inLayer(pen, view, { camera, depth: 0.85 }, () => {
        for (const flower of flowers)
          drawFlower(pen, flower, stem, Math.sin(timeS * 1.3 + flower.phase + flower.x * 0.003))
      })
    },
  }
}

function drawFlower(pen: Pen, flower: Flower, stem: Color, sway: number): void {
  const { x, y, size, color } = flower
  const headX = x + sway * size * 0.5
  const headY = y - size * 3
  pen.strokeStyle = css(stem)
  pen.lineWidth = Math.max(1, size * 0.16)
  pen.beginPath()
  pen.moveTo(x, y)
  pen.quadraticCurveTo(x, y - size * 1.6, headX, headY)
  pen.stroke()
  pen.fillStyle = css(color)
  for (let petal = 0; petal < 5; petal += 1) {
    const angle = (petal / 5) * Math.PI * 2 + sway * 0.2
    dot(pen, headX + Math.cos(angle) * size * 0.5, headY + Math.sin(angle) * size * 0.42, size * 0.42)
  }
  pen.fillStyle = css(lighten(color, 0.3), 0.5)
  dot(pen, headX - size * 0.16, headY - size * 0.4, size * 0.2)
  pen.fillStyle = css(darken(hex('#f2b632'), 0.1))
  dot(pen, headX, headY, size * 0.26)
}
