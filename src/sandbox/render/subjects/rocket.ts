import { css, hex } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { dot, halo } from '../scene/halo.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import { fillPolygon, fillSmooth, type Point, shape } from './shape.ts'

const body = shape('0 -0.6, 0.13 -0.34, 0.18 0, 0.13 0.44, 0 0.47, -0.13 0.44, -0.18 0, -0.13 -0.34')
const nose = shape('0 -0.6, 0.075 -0.46, 0.12 -0.36, 0 -0.34, -0.12 -0.36, -0.075 -0.46')
const leftFin = shape('-0.15 0.2, -0.32 0.5, -0.1 0.44')
const rightFin = shape('0.15 0.2, 0.32 0.5, 0.1 0.44')

/** A rocket flying up through the picture on its flame. */
export function createRocket(view: View): Painter {
  const size = Math.min(view.width, view.height) * 0.3
  const random = view.random('rocket')
  const sparks = Array.from({ length: 22 }, () => ({
    start: random.next(),
    aside: random.between(-1, 1),
    size: random.between(0.015, 0.045),
  }))
  return {
    paint(pen, { camera, progress, timeS }) {
      inLayer(pen, view, { camera, depth: 0.6 }, () => {
        pen.save()
        pen.translate(view.width * (0.3 + 0.1 * progress), view.height * (0.74 - 0.3 * progress))
        pen.rotate(0.36)
        pen.scale(size, size)
        pen.globalCompositeOperation = 'lighter'
        halo(pen, { x: 0, y: 0.62, radius: 0.7 }, hex('#ff9a3d'), 0.6)
        for (const spark of sparks) {
          const age = (timeS * 1.4 + spark.start) % 1
          pen.fillStyle = css(hex('#ffb25e'), 0.7 * (1 - age))
          dot(pen, spark.aside * 0.2 * age, 0.6 + age * 1.1, spark.size)
        }
        pen.globalCompositeOperation = 'source-over'
        drawRocket(pen, 1 + 0.16 * Math.sin(timeS * 31))
        pen.restore()
      })
    },
  }
}

function drawRocket(pen: Pen, flame: number): void {
  fillSmooth(pen, flameOutline(0.1, 0.95 * flame), hex('#ff8a2a'))
  fillSmooth(pen, flameOutline(0.055, 0.74 * flame), hex('#fff1b8'))
  fillPolygon(pen, leftFin, hex('#c9342b'))
  fillPolygon(pen, rightFin, hex('#a3231d'))
  const metal = pen.createLinearGradient(-0.18, 0, 0.18, 0)
  metal.addColorStop(0, '#ffffff')
  metal.addColorStop(0.5, '#dfe5ee')
  metal.addColorStop(1, '#8b95a8')
  fillSmooth(pen, body, metal)
  fillSmooth(pen, nose, hex('#d8402f'))
  pen.fillStyle = '#3a4a66'
  dot(pen, 0, -0.1, 0.085)
  pen.fillStyle = '#8fd3ff'
  dot(pen, 0, -0.1, 0.06)
}

function flameOutline(half: number, tip: number): readonly Point[] {
  const waist = 0.46 + (tip - 0.46) * 0.55
  return [
    [-half, 0.46],
    [half, 0.46],
    [half * 0.42, waist],
    [0, tip],
    [-half * 0.42, waist],
  ]
}
