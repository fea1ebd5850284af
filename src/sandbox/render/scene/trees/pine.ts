import { type Color, css, lighten, mix } from '../../color.ts'
import type { Random } from '../../random.ts'
import { fillPolygon, type Point } from '../../subjects/shape.ts'
import type { Pen } from '../view.ts'
import type { Spot } from './spot.ts'

export interface PineLook {
  readonly color: Color
  /** Lies on the branches; null without snow. */
  readonly snow: Color | null
}

/** A conifer: one jagged outline, and on it the light or the snow that lies on its branches. */
export function drawPine(pen: Pen, spot: Spot, look: PineLook, random: Random): void {
  pen.save()
  pen.translate(spot.x, spot.footY)
  pen.scale(spot.height, spot.height)
  pen.fillStyle = css(mix(look.color, [20, 12, 14], 0.45))
  pen.fillRect(-0.013, -0.12, 0.026, 0.13)
  const tip: Point = [random.between(-0.02, 0.02), -1]
  const { left, right } = branchTips(tip, random)
  fillPolygon(pen, [tip, ...left, ...right.reverse()], look.color)
  paintBranches(pen, tip[0], left, look)
  pen.restore()
}

/** The outline down each side: out to a tip, back toward the trunk, and so on. */
function branchTips(tip: Point, random: Random): { readonly left: Point[]; readonly right: Point[] } {
  const tiers = random.integer(8, 11)
  const spread = random.between(0.2, 0.27)
  const left: Point[] = []
  const right: Point[] = []
  for (let tier = 0; tier <= tiers; tier += 1) {
    const down = tier / tiers
    const y = -(1 - 0.92 * down)
    const middle = tip[0] * (1 - down)
    const reach = spread * down ** 0.85
    left.push([middle - reach * random.between(0.86, 1.1), y + 0.035], [middle - reach * 0.56, y + 0.012])
    right.push([middle + reach * random.between(0.86, 1.1), y + 0.035], [middle + reach * 0.56, y + 0.012])
  }
  return { left, right }
}

/** A lens along each branch, long on the left, where the light comes from, and short on the right. */
function paintBranches(pen: Pen, middleX: number, left: readonly Point[], look: PineLook): void {
  pen.fillStyle = css(look.snow ?? lighten(look.color, 0.12), look.snow ? 0.88 : 0.8)
  pen.beginPath()
  for (let index = 2; index < left.length; index += 2) {
    const [edgeX, edgeY] = left[index] ?? [middleX, 0]
    const reach = middleX - edgeX
    const x = (share: number) => middleX + reach * share
    pen.moveTo(x(-0.96), edgeY - 0.004)
    pen.quadraticCurveTo(x(-0.5), edgeY - 0.05, x(-0.06), edgeY - 0.06)
    pen.quadraticCurveTo(x(-0.4), edgeY - 0.018, x(-0.96), edgeY - 0.004)
    pen.moveTo(x(0.9), edgeY - 0.004)
    pen.quadraticCurveTo(x(0.55), edgeY - 0.036, x(0.3), edgeY - 0.042)
    pen.quadraticCurveTo(x(0.5), edgeY - 0.016, x(0.9), edgeY - 0.004)
  }
  pen.fill()
}
