import { type Color, css, darken, lighten, mix } from '../../color.ts'
import type { Random } from '../../random.ts'
import { dot } from '../halo.ts'
import type { Pen } from '../view.ts'
import type { Spot } from './spot.ts'

/** From the shaded underside of the crown to its lit top: how far up, and how much lighter. */
const tones = [
  { lift: 0, light: -0.28 },
  { lift: 0.06, light: 0 },
  { lift: 0.13, light: 0.16 },
]

/** A round crown on a short trunk, lit from above. */
export function drawLeafTree(pen: Pen, spot: Spot, color: Color, random: Random): void {
  pen.save()
  pen.translate(spot.x, spot.footY)
  pen.scale(spot.height, spot.height)
  pen.fillStyle = css(mix(color, [40, 22, 16], 0.7))
  pen.fillRect(-0.03, -0.45, 0.06, 0.46)
  for (const { lift, light } of tones) {
    pen.fillStyle = css(light < 0 ? darken(color, -light) : lighten(color, light))
    const reach = 0.2 * (1 - lift * 2)
    for (let puff = 0; puff < 7; puff += 1) {
      const angle = random.between(0, Math.PI * 2)
      const x = Math.cos(angle) * reach - lift * 0.2
      const y = -(0.66 + lift * 0.7) + Math.sin(angle) * reach * 0.75
      dot(pen, x, y, random.between(0.1, 0.17) * (1 - lift * 1.6))
    }
  }
  pen.restore()
}
