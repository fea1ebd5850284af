import { type Color, css, lighten, mix } from '../color.ts'
import type { Random } from '../random.ts'
import type { Pen } from './view.ts'

export interface PineLook {
  readonly color: Color
  /** Lies on the branches; null without snow. */
  readonly snow: Color | null
}

/** A conifer standing at (`x`, `footY`): one jagged outline, its lit side, and snow on the branches. */
export function drawPine(
  pen: Pen,
  x: number,
  footY: number,
  height: number,
  look: PineLook,
  random: Random,
): void {
  const tiers = Math.max(6, Math.round(random.between(8, 11)))
  const lean = random.between(-0.02, 0.02) * height
  const spread = random.between(0.2, 0.27) * height
  const trunk = height * 0.026
  pen.fillStyle = css(mix(look.color, [20, 12, 14], 0.45))
  pen.fillRect(x - trunk / 2, footY - height * 0.12, trunk, height * 0.13)
  const left: Point[] = []
  const right: Point[] = []
  for (let tier = 0; tier <= tiers; tier += 1) {
    const down = tier / tiers
    const y = footY - height * (1 - 0.92 * down)
    const middle = x + lean * (1 - down)
    const reach = spread * down ** 0.85
    left.push(
      [middle - reach * random.between(0.86, 1.1), y + height * 0.035],
      [middle - reach * 0.56, y + height * 0.012],
    )
    right.push(
      [middle + reach * random.between(0.86, 1.1), y + height * 0.035],
      [middle + reach * 0.56, y + height * 0.012],
    )
  }
  const tip: Point = [x + lean, footY - height]
  pen.fillStyle = css(look.color)
  outline(pen, [tip, ...left, ...right.reverse()])
  pen.fill()
  shadeBranches(pen, { tip, left, height, spread }, look)
}

type Point = readonly [x: number, y: number]

function shadeBranches(
  pen: Pen,
  tree: {
    readonly tip: Point
    readonly left: readonly Point[]
    readonly height: number
    readonly spread: number
  },
  look: PineLook,
): void {
  const { tip, left, height } = tree
  pen.fillStyle = css(look.snow ?? lighten(look.color, 0.12), look.snow ? 0.88 : 0.8)
  pen.beginPath()
  for (let index = 2; index < left.length; index += 2) {
    const branch = left[index]
    if (!branch) continue
    const [edgeX, edgeY] = branch
    const middleX = tip[0]
    const reach = middleX - edgeX
    // A lens of snow along the branch from the trunk out, on the left where the light comes from, less on the right.
    pen.moveTo(edgeX + reach * 0.04, edgeY - height * 0.004)
    pen.quadraticCurveTo(
      middleX - reach * 0.5,
      edgeY - height * 0.05,
      middleX - reach * 0.06,
      edgeY - height * 0.06,
    )
    pen.quadraticCurveTo(
      middleX - reach * 0.4,
      edgeY - height * 0.018,
      edgeX + reach * 0.04,
      edgeY - height * 0.004,
    )
    const other = middleX + reach
    pen.moveTo(other - reach * 0.1, edgeY - height * 0.004)
    pen.quadraticCurveTo(
      middleX + reach * 0.55,
      edgeY - height * 0.036,
      middleX + reach * 0.3,
      edgeY - height * 0.042,
    )
    pen.quadraticCurveTo(
      middleX + reach * 0.5,
      edgeY - height * 0.016,
      other - reach * 0.1,
      edgeY - height * 0.004,
    )
  }
  pen.fill()
}

export interface TrunkLook {
  readonly color: Color
  readonly rim: Color
  readonly snow: Color | null
}

/** A bare trunk that leaves the picture at the top, with a few branches; for what stands close to the camera. */
export function drawTrunk(
  pen: Pen,
  x: number,
  footY: number,
  topY: number,
  width: number,
  look: TrunkLook,
  random: Random,
): void {
  const lean = random.between(-0.6, 0.6) * width
  const gradient = pen.createLinearGradient(x - width / 2, 0, x + width / 2, 0)
  gradient.addColorStop(0, css(look.rim))
  gradient.addColorStop(0.25, css(look.color))
  gradient.addColorStop(1, css(mix(look.color, [0, 0, 0], 0.35)))
  pen.fillStyle = gradient
  outline(pen, [
    [x - width * 0.72, footY],
    [x - width * 0.5, footY - width * 1.4],
    [x - width * 0.36 + lean, topY],
    [x + width * 0.36 + lean, topY],
    [x + width * 0.5, footY - width * 1.4],
    [x + width * 0.72, footY],
  ])
  pen.fill()
  pen.lineCap = 'round'
  const branches = random.integer(3, 5)
  for (let index = 0; index < branches; index += 1) {
    const up = random.between(0.25, 0.95)
    const side = random.chance(0.5) ? 1 : -1
    drawBranch(
      pen,
      { x: x + lean * up, y: footY + (topY - footY) * up, side, length: width * random.between(2.4, 5) },
      width * 0.2,
      look,
      random,
    )
  }
  if (look.snow) {
    pen.fillStyle = css(look.snow, 0.95)
    pen.beginPath()
    pen.ellipse(x, footY, width * 1.15, width * 0.3, 0, 0, Math.PI * 2)
    pen.fill()
  }
}

interface Branch {
  readonly x: number
  readonly y: number
  readonly side: number
  readonly length: number
}

function drawBranch(pen: Pen, branch: Branch, width: number, look: TrunkLook, random: Random): void {
  const { x, y, side, length } = branch
  const endX = x + side * length
  const endY = y - length * random.between(0.25, 0.7)
  pen.strokeStyle = css(look.color)
  pen.lineWidth = width
  pen.beginPath()
  pen.moveTo(x, y)
  pen.quadraticCurveTo(x + side * length * 0.5, y - length * 0.1, endX, endY)
  pen.stroke()
  if (look.snow) {
    pen.strokeStyle = css(look.snow, 0.85)
    pen.lineWidth = width * 0.42
    pen.beginPath()
    pen.moveTo(x + side * width, y - width * 0.6)
    pen.quadraticCurveTo(x + side * length * 0.5, y - length * 0.1 - width * 0.5, endX, endY - width * 0.2)
    pen.stroke()
  }
  pen.strokeStyle = css(look.color)
  for (let twig = 1; twig <= 2; twig += 1) {
    const share = 0.4 + twig * 0.22
    pen.lineWidth = width * 0.4
    pen.beginPath()
    pen.moveTo(x + side * length * share, y + (endY - y) * share * 0.8)
    pen.lineTo(x + side * length * (share + 0.16), y + (endY - y) * share - length * 0.22)
    pen.stroke()
  }
}

/** A round crown on a short trunk, lit from above. */
export function drawLeafTree(
  pen: Pen,
  x: number,
  footY: number,
  height: number,
  color: Color,
  random: Random,
): void {
  const trunk = height * 0.06
  pen.fillStyle = css(mix(color, [40, 22, 16], 0.7))
  pen.fillRect(x - trunk / 2, footY - height * 0.45, trunk, height * 0.46)
  for (const [lift, tone] of [
    [0, -0.28],
    [0.06, 0],
    [0.13, 0.16],
  ] as const) {
    pen.fillStyle = css(tone < 0 ? mix(color, [0, 0, 0], -tone) : lighten(color, tone))
    for (let puff = 0; puff < 7; puff += 1) {
      const angle = random.between(0, Math.PI * 2)
      const reach = height * 0.2 * (1 - lift * 2)
      pen.beginPath()
      pen.arc(
        x + Math.cos(angle) * reach - lift * height * 0.2,
        footY - height * (0.66 + lift * 0.7) + Math.sin(angle) * reach * 0.75,
        height * random.between(0.1, 0.17) * (1 - lift * 1.6),
        0,
        Math.PI * 2,
      )
      pen.fill()
    }
  }
}

function outline(pen: Pen, points: readonly Point[]): void {
  pen.beginPath()
  points.forEach(([x, y], index) => {
    if (index === 0) pen.moveTo(x, y)
    else pen.lineTo(x, y)
  })
  pen.closePath()
}
