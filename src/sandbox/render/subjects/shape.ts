import { type Color, css } from '../color.ts'
import type { Pen } from '../scene/view.ts'

export type Point = readonly [x: number, y: number]

/** Fills the smooth closed curve through `points`. */
export function fillSmooth(pen: Pen, points: readonly Point[], fill: Color | CanvasGradientLike): void {
  traceSmooth(pen, points)
  pen.fillStyle = isColor(fill) ? css(fill) : fill
  pen.fill()
}

type CanvasGradientLike = ReturnType<Pen['createLinearGradient']>

const isColor = (fill: Color | CanvasGradientLike): fill is Color => Array.isArray(fill)

/** A closed Catmull-Rom curve, as Béziers. */
function traceSmooth(pen: Pen, points: readonly Point[]): void {
  const count = points.length
  const at = (index: number) => points[(index + count) % count] ?? ([0, 0] as const)
  pen.beginPath()
  pen.moveTo(...at(0))
  for (let index = 0; index < count; index += 1) {
    const [before, from, to, after] = [at(index - 1), at(index), at(index + 1), at(index + 2)]
    pen.bezierCurveTo(
      from[0] + (to[0] - before[0]) / 6,
      from[1] + (to[1] - before[1]) / 6,
      to[0] - (after[0] - from[0]) / 6,
      to[1] - (after[1] - from[1]) / 6,
      to[0],
      to[1],
    )
  }
  pen.closePath()
}

/** Fills the polygon through `points`. */
export function fillPolygon(pen: Pen, points: readonly Point[], color: Color): void {
  pen.beginPath()
  points.forEach(([x, y], index) => {
    if (index === 0) pen.moveTo(x, y)
    else pen.lineTo(x, y)
  })
  pen.closePath()
  pen.fillStyle = css(color)
  pen.fill()
}

/** A tapering limb along `spine`: half as wide on each side as `widths` says at each point. */
export function limbOutline(spine: readonly Point[], widths: readonly number[]): Point[] {
  const left: Point[] = []
  const right: Point[] = []
  spine.forEach(([x, y], index) => {
    const before = spine[Math.max(0, index - 1)] ?? [x, y]
    const after = spine[Math.min(spine.length - 1, index + 1)] ?? [x, y]
    const length = Math.hypot(after[0] - before[0], after[1] - before[1]) || 1
    const normalX = -(after[1] - before[1]) / length
    const normalY = (after[0] - before[0]) / length
    const half = (widths[index] ?? 0) / 2
    left.push([x + normalX * half, y + normalY * half])
    right.push([x - normalX * half, y - normalY * half])
  })
  return [...left, ...right.reverse()]
}

/** Reads a shape written as "x y, x y, …". */
export function shape(text: string): readonly Point[] {
  return text.split(',').map((pair) => {
    const [x, y] = pair.trim().split(/\s+/).map(Number)
    if (x === undefined || y === undefined || Number.isNaN(x + y)) throw new Error(`not a point: ${pair}`)
    return [x, y] as const
  })
}
