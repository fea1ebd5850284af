import { type Color, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import { fillPolygon, fillSmooth, shape } from './shape.ts'

const farWing = shape('-0.05 0, -0.28 -0.22, -0.2 -0.23, 0.12 -0.02')
const hull = shape('-0.5 -0.01, -0.3 -0.05, 0.34 -0.055, 0.5 0, 0.36 0.045, -0.34 0.045')
const fin = shape('-0.5 -0.01, -0.56 -0.19, -0.48 -0.19, -0.34 -0.03')
const nearWing = shape('0.12 0.01, -0.22 0.27, -0.32 0.27, -0.06 0.015')
const tailplane = shape('-0.42 0.01, -0.56 0.1, -0.61 0.1, -0.52 0.005')

/** An airliner climbing across the sky with its trail. */
export function createPlane(view: View): Painter {
  const silver = litBy(view.light, hex('#f2f5f9'))
  const color = mix(silver, view.light.shade, view.scene.time === 'day' ? 0.05 : 0.55)
  const size = Math.min(view.width, view.height) * 0.17
  return {
    paint(pen, { camera, progress }) {
      inLayer(pen, view, { camera, depth: 0.3 }, () => {
        pen.save()
        pen.translate((0.16 + 0.62 * progress) * view.width, view.horizonY * (0.52 - 0.16 * progress))
        pen.rotate(-0.16)
        pen.scale(size, size)
        drawTrail(pen)
        drawPlane(pen, color)
        pen.restore()
      })
    },
  }
}

function drawTrail(pen: Pen): void {
  const trail = pen.createLinearGradient(-4, 0, 0, 0)
  trail.addColorStop(0, 'rgba(255,255,255,0)')
  trail.addColorStop(1, 'rgba(255,255,255,0.5)')
  pen.fillStyle = trail
  pen.fillRect(-4, -0.02, 3.6, 0.05)
}

function drawPlane(pen: Pen, color: Color): void {
  const dark = darken(color, 0.28)
  fillPolygon(pen, farWing, dark)
  fillSmooth(pen, hull, color)
  fillPolygon(pen, fin, color)
  fillPolygon(pen, nearWing, lighten(dark, 0.08))
  fillPolygon(pen, tailplane, dark)
}
