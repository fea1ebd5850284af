import { css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import { dot, halo } from '../scene/sky.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import { fillPolygon, fillSmooth } from './shape.ts'

/** An airliner climbing across the sky with its trail. */
export function createPlane(view: View): Painter {
  const color = mix(
    litBy(view.light, hex('#f2f5f9')),
    view.light.shade,
    view.scene.time === 'day' ? 0.05 : 0.55,
  )
  const size = Math.min(view.width, view.height) * 0.17
  return {
    paint(pen, { camera, progress }) {
      inLayer(pen, view, camera, 0.3, () => {
        const x = (0.16 + 0.62 * progress) * view.width
        const y = view.horizonY * (0.52 - 0.16 * progress)
        pen.save()
        pen.translate(x, y)
        pen.rotate(-0.16)
        const trail = pen.createLinearGradient(-size * 4, 0, 0, 0)
        trail.addColorStop(0, 'rgba(255,255,255,0)')
        trail.addColorStop(1, 'rgba(255,255,255,0.5)')
        pen.fillStyle = trail
        pen.fillRect(-size * 4, -size * 0.02, size * 3.6, size * 0.05)
        pen.scale(size, size)
        drawPlane(pen, color)
        pen.restore()
      })
    },
  }
}

function drawPlane(pen: Pen, color: ReturnType<typeof hex>): void {
  const dark = darken(color, 0.28)
  fillPolygon(
    pen,
    [
      [-0.05, 0],
      [-0.28, -0.22],
      [-0.2, -0.23],
      [0.12, -0.02],
    ],
    dark,
  )
  fillSmooth(
    pen,
    [
      [-0.5, -0.01],
      [-0.3, -0.05],
      [0.34, -0.055],
      [0.5, 0],
      [0.36, 0.045],
      [-0.34, 0.045],
    ],
    color,
  )
  fillPolygon(
    pen,
    [
      [-0.5, -0.01],
      [-0.56, -0.19],
      [-0.48, -0.19],
      [-0.34, -0.03],
    ],
    color,
  )
  fillPolygon(
    pen,
    [
      [0.12, 0.01],
      [-0.22, 0.27],
      [-0.32, 0.27],
      [-0.06, 0.015],
    ],
    lighten(dark, 0.08),
  )
  fillPolygon(
    pen,
    [
      [-0.42, 0.01],
      [-0.56, 0.1],
      [-0.61, 0.1],
      [-0.52, 0.005],
    ],
    dark,
  )
}

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
      inLayer(pen, view, camera, 0.6, () => {
        pen.save()
        pen.translate(view.width * (0.3 + 0.1 * progress), view.height * (0.74 - 0.3 * progress))
        pen.rotate(0.36)
        pen.scale(size, size)
        pen.globalCompositeOperation = 'lighter'
        halo(pen, 0, 0.62, 0.7, hex('#ff9a3d'), 0.6)
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
  fillSmooth(
    pen,
    [
      [-0.1, 0.46],
      [0, 0.5],
      [0.1, 0.46],
      [0.04, 0.72 * flame + 0.1],
      [0, 0.95 * flame],
      [-0.04, 0.72 * flame + 0.1],
    ],
    hex('#ff8a2a'),
  )
  fillSmooth(
    pen,
    [
      [-0.055, 0.46],
      [0.055, 0.46],
      [0, 0.74 * flame],
    ],
    hex('#fff1b8'),
  )
  fillPolygon(
    pen,
    [
      [-0.15, 0.2],
      [-0.32, 0.5],
      [-0.1, 0.44],
    ],
    hex('#c9342b'),
  )
  fillPolygon(
    pen,
    [
      [0.15, 0.2],
      [0.32, 0.5],
      [0.1, 0.44],
    ],
    hex('#a3231d'),
  )
  const hull = pen.createLinearGradient(-0.18, 0, 0.18, 0)
  hull.addColorStop(0, '#ffffff')
  hull.addColorStop(0.5, '#dfe5ee')
  hull.addColorStop(1, '#8b95a8')
  fillSmooth(
    pen,
    [
      [0, -0.6],
      [0.13, -0.34],
      [0.18, 0],
      [0.13, 0.44],
      [0, 0.47],
      [-0.13, 0.44],
      [-0.18, 0],
      [-0.13, -0.34],
    ],
    hull,
  )
  fillSmooth(
    pen,
    [
      [0, -0.6],
      [0.075, -0.46],
      [0.12, -0.36],
      [0, -0.34],
      [-0.12, -0.36],
      [-0.075, -0.46],
    ],
    hex('#d8402f'),
  )
  pen.fillStyle = '#3a4a66'
  dot(pen, 0, -0.1, 0.085)
  pen.fillStyle = '#8fd3ff'
  dot(pen, 0, -0.1, 0.06)
}
