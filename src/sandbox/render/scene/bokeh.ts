import { type Color, css, lighten } from '../color.ts'
import { dot } from './halo.ts'
import type { Painter, View } from './view.ts'

/** Lights out of focus that rise slowly. */
export function createBokeh(view: View, colors: readonly Color[]): Painter {
  const random = view.random('bokeh')
  const lights = Array.from({ length: 26 }, () => ({
    x: random.next(),
    y: random.next(),
    radius: view.unit * random.between(14, 90),
    drift: random.between(0.004, 0.02),
    phase: random.between(0, 7),
    color: lighten(random.pick(colors as [Color, ...Color[]]), 0.45),
  }))
  return {
    paint(pen, { timeS, camera }) {
      pen.globalCompositeOperation = 'screen'
      for (const light of lights) {
        const glow = 0.05 + 0.09 * (0.5 + 0.5 * Math.sin(timeS * 0.9 + light.phase))
        const x = (light.x + 0.02 * Math.sin(timeS * 0.4 + light.phase)) * view.width - camera.x * 0.4
        const y = ((((light.y - timeS * light.drift) % 1.2) + 1.2) % 1.2) * view.height - view.height * 0.1
        pen.fillStyle = css(light.color, glow)
        dot(pen, x, y, light.radius)
        pen.strokeStyle = css(light.color, glow * 1.5)
        pen.lineWidth = view.unit * 1.5
        pen.stroke()
      }
      pen.globalCompositeOperation = 'source-over'
    },
  }
}
