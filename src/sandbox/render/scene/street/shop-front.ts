import { type Color, css, darken, hex, lighten, mix } from '../../color.ts'
import type { Face } from './facades.ts'
import { screenY, traceWall } from './lens.ts'
import { isLit } from './street-plan.ts'
import { distanceFade, type StreetShot } from './street-shot.ts'

/** One window of a shop, or its door. */
interface Pane {
  readonly near: number
  readonly far: number
}

const paneLow = 0.35
const paneHigh = 2.95
/** Beyond, what stands on the shelves is finer than a pixel. */
const farthestWaresM = 36

/** The ground floor: a colored board over lit windows with shelves behind them. */
export function paintShop(shot: StreetShot, face: Face): void {
  const { shop } = face.building
  if (!shop) return
  const { view } = shot
  const inset = Math.min(0.6, (face.far - face.near) * 0.1)
  const front = { ...face, near: face.near + inset, far: face.far - inset }
  paintBoard(shot, front, shop.board)
  const panes = panesOf(front)
  paintPanes(shot, front.x, panes, isLit(view) ? shop.glow : mix(shop.glow, hex('#5f7286'), 0.62))
  if (view.detail > 0.5 && face.near < farthestWaresM) paintWares(shot, front.x, panes, shop.glow)
}

function paintBoard({ pen, view, lens }: StreetShot, { x, near, far }: Face, color: Color): void {
  const board = pen.createLinearGradient(0, screenY(lens, 3.8, near), 0, screenY(lens, 3.1, near))
  board.addColorStop(0, css(distanceFade(view, darken(color, 0.45), near * 0.6)))
  board.addColorStop(1, css(distanceFade(view, color, near * 0.6)))
  pen.fillStyle = board
  pen.beginPath()
  traceWall(pen, lens, { x, near, far, low: 3.15, high: 3.75 })
  pen.fill()
}

function panesOf({ building, near, far }: Face): Pane[] {
  const count = Math.max(2, Math.round((building.toM - building.fromM) / 2.3))
  const step = (far - near) / count
  return Array.from({ length: count }, (_, index) => ({
    near: near + step * index,
    far: near + step * (index + 0.9),
  }))
}

function paintPanes({ pen, lens }: StreetShot, x: number, panes: readonly Pane[], color: Color): void {
  const nearest = panes[0]?.near ?? 1
  const glow = pen.createLinearGradient(
    0,
    screenY(lens, paneHigh, nearest),
    0,
    screenY(lens, paneLow, nearest),
  )
  glow.addColorStop(0, css(lighten(color, 0.4)))
  glow.addColorStop(0.35, css(color))
  glow.addColorStop(1, css(darken(color, 0.5)))
  pen.fillStyle = glow
  pen.beginPath()
  for (const pane of panes) traceWall(pen, lens, { x, ...pane, low: paneLow, high: paneHigh })
  pen.fill()
}

/** Shelves and what stands on them, dark against the light inside; one pane in three is a door. */
function paintWares(shot: StreetShot, x: number, panes: readonly Pane[], color: Color): void {
  shot.pen.beginPath()
  panes.forEach((pane, index) => {
    if (index % 3 === 1) traceDoor(shot, x, pane)
    else traceShelves(shot, x, pane, index)
  })
  shot.pen.fillStyle = css(darken(color, 0.72), 0.62)
  shot.pen.fill()
}

function traceDoor({ pen, lens }: StreetShot, x: number, { near, far }: Pane): void {
  const step = (far - near) / 7
  traceWall(pen, lens, { x, near: near + step * 3.4, far: near + step * 3.6, low: paneLow, high: 2.5 })
  traceWall(pen, lens, { x, near, far, low: 2.5, high: 2.58 })
}

function traceShelves({ pen, lens }: StreetShot, x: number, { near, far }: Pane, index: number): void {
  const step = (far - near) / 7
  for (const shelf of [0.75, 1.35]) {
    traceWall(pen, lens, { x, near, far, low: shelf - 0.06, high: shelf })
    for (let place = 0; place < 6; place += 1) {
      const height = 0.14 + 0.3 * (((index * 7 + place * 5 + Math.round(shelf * 8)) % 9) / 9)
      const from = near + step * (place + 0.5)
      traceWall(pen, lens, { x, near: from, far: from + step * 0.6, low: shelf, high: shelf + height })
    }
  }
}
