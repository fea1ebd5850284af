import { type Color, css, mix } from '../../color.ts'
import type { Random } from '../../random.ts'
import type { Pen } from '../view.ts'

export interface Trunk {
  readonly x: number
  readonly footY: number
  readonly topY: number
  readonly width: number
  readonly color: Color
  /** Of the edge that the sky lights. */
  readonly rim: Color
  readonly snow: Color | null
}

/** A bare trunk that leaves the picture at the top, with a few branches; for what stands close to the camera. */
export function drawTrunk(pen: Pen, trunk: Trunk, random: Random): void {
  const { x, footY, topY, width } = trunk
  const lean = random.between(-0.6, 0.6) * width
  paintBole(pen, trunk, lean)
  pen.lineCap = 'round'
  const branches = random.integer(3, 5)
  for (let index = 0; index < branches; index += 1) {
    const up = random.between(0.25, 0.95)
    const side = random.chance(0.5) ? 1 : -1
    const reach = side * width * random.between(2.4, 5)
    const fromX = x + lean * up
    const fromY = footY + (topY - footY) * up
    const endY = fromY - Math.abs(reach) * random.between(0.25, 0.7)
    paintBranch(pen, trunk, { fromX, fromY, endX: fromX + reach, endY })
  }
  if (!trunk.snow) return
  pen.fillStyle = css(trunk.snow, 0.95)
  pen.beginPath()
  pen.ellipse(x, footY, width * 1.15, width * 0.3, 0, 0, Math.PI * 2)
  pen.fill()
}

function paintBole(pen: Pen, trunk: Trunk, lean: number): void {
  const { x, footY, topY, width } = trunk
  const bark = pen.createLinearGradient(x - width / 2, 0, x + width / 2, 0)
  bark.addColorStop(0, css(trunk.rim))
  bark.addColorStop(0.25, css(trunk.color))
  bark.addColorStop(1, css(mix(trunk.color, [0, 0, 0], 0.35)))
  pen.fillStyle = bark
  pen.beginPath()
  pen.moveTo(x - width * 0.72, footY)
  pen.lineTo(x - width * 0.5, footY - width * 1.4)
  pen.lineTo(x - width * 0.36 + lean, topY)
  pen.lineTo(x + width * 0.36 + lean, topY)
  pen.lineTo(x + width * 0.5, footY - width * 1.4)
  pen.lineTo(x + width * 0.72, footY)
  pen.fill()
}

interface Branch {
  readonly fromX: number
  readonly fromY: number
  readonly endX: number
  readonly endY: number
}

function paintBranch(pen: Pen, trunk: Trunk, branch: Branch): void {
  const { fromX, fromY, endX, endY } = branch
  const width = trunk.width * 0.2
  const reach = endX - fromX
  const bendY = fromY - Math.abs(reach) * 0.1
  pen.strokeStyle = css(trunk.color)
  pen.lineWidth = width
  pen.beginPath()
  pen.moveTo(fromX, fromY)
  pen.quadraticCurveTo(fromX + reach * 0.5, bendY, endX, endY)
  pen.stroke()
  pen.lineWidth = width * 0.4
  pen.beginPath()
  for (const share of [0.62, 0.84]) {
    pen.moveTo(fromX + reach * share, fromY + (endY - fromY) * share * 0.8)
    pen.lineTo(fromX + reach * (share + 0.16), fromY + (endY - fromY) * share - Math.abs(reach) * 0.22)
  }
  pen.stroke()
  if (!trunk.snow) return
  pen.strokeStyle = css(trunk.snow, 0.85)
  pen.beginPath()
  pen.moveTo(fromX + Math.sign(reach) * width, fromY - width * 0.6)
  pen.quadraticCurveTo(fromX + reach * 0.5, bendY - width * 0.5, endX, endY - width * 0.2)
  pen.stroke()
}
