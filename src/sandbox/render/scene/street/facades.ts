import { type Color, css, darken, hex, lighten, mix } from '../../color.ts'
import type { Pen, View } from '../view.ts'
import { type Lens, screenX, screenY } from './lens.ts'
import { type Building, isLit, streetLengthM, windowSizeM, windowTones } from './street-plan.ts'

/** Draws the buildings from far to near, seen by a camera that has come `advancedM` down the street. */
export function paintFacades(
  pen: Pen,
  view: View,
  lens: Lens,
  buildings: readonly Building[],
  advancedM: number,
): void {
  const visible = buildings.filter((building) => building.toM - advancedM > lens.nearM)
  const farFirst = [...visible].sort((one, other) => other.fromM - one.fromM)
  for (const building of farFirst) {
    const near = Math.max(lens.nearM, building.fromM - advancedM)
    const far = building.toM - advancedM
    paintFront(pen, view, lens, building, near)
    paintFace(pen, view, lens, building, near, far)
    if (view.detail > 0.5) paintLedges(pen, view, lens, building, near, far)
    paintWindows(pen, view, lens, building, advancedM)
    paintShop(pen, lens, building, near, far, view)
  }
}

/** The far end of a street fades into the glow of the city. */
export function distanceFade(view: View, color: Color, zM: number): Color {
  return mix(color, cityGlow(view), Math.min(0.9, (zM / streetLengthM) ** 0.8 * 1.05))
}

export const cityGlow = (view: View) =>
  isLit(view) ? mix(view.light.haze, hex('#6a4a9c'), 0.35) : view.light.haze

/** The wall that looks at us, where a building stands higher or further out than the one before it. */
function paintFront(pen: Pen, view: View, lens: Lens, building: Building, near: number): void {
  const inner = screenX(lens, building.side * building.faceM, near)
  const outer = screenX(lens, building.side * (building.faceM + 14), near)
  const top = screenY(lens, building.heightM, near)
  const bottom = screenY(lens, 0, near)
  pen.fillStyle = css(distanceFade(view, mix(building.wall, hex('#05060f'), 0.45), near))
  pen.fillRect(Math.min(inner, outer), top, Math.abs(outer - inner), bottom - top)
}

function paintFace(pen: Pen, view: View, lens: Lens, building: Building, near: number, far: number): void {
  const x = building.side * building.faceM
  const nearX = screenX(lens, x, near)
  const farX = screenX(lens, x, far)
  const gradient = pen.createLinearGradient(nearX, 0, farX, 0)
  gradient.addColorStop(0, css(distanceFade(view, building.wall, near)))
  gradient.addColorStop(1, css(distanceFade(view, building.wall, far)))
  pen.fillStyle = gradient
  quad(pen, lens, x, near, far, 0, building.heightM)
  pen.fill()
  if (!isLit(view)) return
  const light = pen.createLinearGradient(0, screenY(lens, 6, near), 0, screenY(lens, 0, near))
  light.addColorStop(0, css(hex('#ff8fc0'), 0))
  light.addColorStop(1, css(hex('#ffb48a'), 0.2))
  pen.fillStyle = light
  quad(pen, lens, x, near, far, 0, Math.min(7, building.heightM))
  pen.fill()
}

function paintWindows(pen: Pen, view: View, lens: Lens, building: Building, advancedM: number): void {
  const x = building.side * building.faceM
  const middle = Math.max(lens.nearM, (building.fromM + building.toM) / 2 - advancedM)
  windowTones(view).forEach((tone, index) => {
    pen.beginPath()
    for (const window of building.windows) {
      if (window.tone !== index) continue
      const near = building.fromM + window.alongM - advancedM
      if (near < lens.nearM || near > 110) continue
      addQuad(pen, lens, x, near, near + windowSizeM.width, window.upM, window.upM + windowSizeM.height)
    }
    pen.fillStyle = css(distanceFade(view, tone, middle * 0.55), index === 3 && isLit(view) ? 0.35 : 0.82)
    pen.fill()
  })
  if (view.detail > 0.5) paintFrames(pen, lens, building, advancedM)
}

/** Cross bars and half-drawn blinds; only near enough to be seen. */
function paintFrames(pen: Pen, lens: Lens, building: Building, advancedM: number): void {
  const x = building.side * building.faceM
  const { width, height } = windowSizeM
  pen.beginPath()
  building.windows.forEach((window, index) => {
    const near = building.fromM + window.alongM - advancedM
    if (near < lens.nearM || near > 34) return
    addQuad(pen, lens, x, near + width * 0.47, near + width * 0.53, window.upM, window.upM + height)
    addQuad(pen, lens, x, near, near + width, window.upM + height * 0.6, window.upM + height * 0.65)
    if (index % 4 === 0)
      addQuad(pen, lens, x, near, near + width, window.upM + height * 0.65, window.upM + height)
  })
  pen.fillStyle = css(darken(building.wall, 0.3), 0.75)
  pen.fill()
}

/** Ledges between the floors and pilasters between the windows: fine lines that carry the perspective. */
function paintLedges(pen: Pen, view: View, lens: Lens, building: Building, near: number, far: number): void {
  const x = building.side * building.faceM
  pen.beginPath()
  for (let up = 4.4; up < building.heightM; up += 3.1) addQuad(pen, lens, x, near, far, up, up + 0.14)
  pen.fillStyle = css(distanceFade(view, lighten(building.wall, 0.16), near), 0.6)
  pen.fill()
  pen.beginPath()
  addQuad(pen, lens, x, near, far, 4, 4.3)
  addQuad(pen, lens, x, near, far, building.heightM - 0.5, building.heightM)
  pen.fillStyle = css(distanceFade(view, lighten(building.wall, 0.1), near))
  pen.fill()
}

function paintShop(pen: Pen, lens: Lens, building: Building, near: number, far: number, view: View): void {
  if (!building.shop) return
  const x = building.side * building.faceM
  const inset = Math.min(0.6, (far - near) * 0.1)
  const board = pen.createLinearGradient(0, screenY(lens, 3.8, near), 0, screenY(lens, 3.1, near))
  board.addColorStop(0, css(distanceFade(view, darken(building.shop.board, 0.45), near * 0.6)))
  board.addColorStop(1, css(distanceFade(view, building.shop.board, near * 0.6)))
  pen.fillStyle = board
  quad(pen, lens, x, near + inset, far - inset, 3.15, 3.75)
  pen.fill()
  const panes = shopPanes(building, near + inset, far - inset)
  const inside = isLit(view) ? building.shop.glow : mix(building.shop.glow, hex('#5f7286'), 0.62)
  paintPanes(pen, lens, x, panes, [0.35, 2.95], inside)
  // Further away they are finer than a pixel.
  if (view.detail > 0.5 && near < 36) paintWares(pen, lens, x, panes, building.shop.glow)
}

type Pane = readonly [near: number, far: number]

function shopPanes(building: Building, near: number, far: number): Pane[] {
  const count = Math.max(2, Math.round((building.toM - building.fromM) / 2.3))
  const step = (far - near) / count
  return Array.from(
    { length: count },
    (_, index) => [near + step * index, near + step * (index + 0.9)] as const,
  )
}

function paintPanes(
  pen: Pen,
  lens: Lens,
  x: number,
  panes: readonly Pane[],
  [low, high]: readonly [number, number],
  color: Color,
): void {
  const nearest = panes[0]?.[0] ?? 1
  const glow = pen.createLinearGradient(0, screenY(lens, high, nearest), 0, screenY(lens, low, nearest))
  glow.addColorStop(0, css(lighten(color, 0.4)))
  glow.addColorStop(0.35, css(color))
  glow.addColorStop(1, css(darken(color, 0.5)))
  pen.fillStyle = glow
  pen.beginPath()
  for (const [near, far] of panes) addQuad(pen, lens, x, near, far, low, high)
  pen.fill()
}

/** Shelves and what stands on them, dark against the light inside; one pane in three is a door. */
function paintWares(pen: Pen, lens: Lens, x: number, panes: readonly Pane[], color: Color): void {
  pen.beginPath()
  panes.forEach(([near, far], index) => {
    const step = (far - near) / 7
    if (index % 3 === 1) {
      addQuad(pen, lens, x, near + step * 3.4, near + step * 3.6, 0.35, 2.5)
      addQuad(pen, lens, x, near, far, 2.5, 2.58)
      return
    }
    for (const shelf of [0.75, 1.35]) {
      addQuad(pen, lens, x, near, far, shelf - 0.06, shelf)
      for (let place = 0; place < 6; place += 1) {
        const height = 0.14 + 0.3 * (((index * 7 + place * 5 + Math.round(shelf * 8)) % 9) / 9)
        addQuad(pen, lens, x, near + step * (place + 0.5), near + step * (place + 1.1), shelf, shelf + height)
      }
    }
  })
  pen.fillStyle = css(darken(color, 0.72), 0.62)
  pen.fill()
}

function quad(pen: Pen, lens: Lens, x: number, near: number, far: number, low: number, high: number): void {
  pen.beginPath()
  addQuad(pen, lens, x, near, far, low, high)
}

/** A rectangle on a wall that runs along the street. */
function addQuad(
  pen: Pen,
  lens: Lens,
  x: number,
  near: number,
  far: number,
  low: number,
  high: number,
): void {
  const nearX = screenX(lens, x, near)
  const farX = screenX(lens, x, far)
  pen.moveTo(nearX, screenY(lens, low, near))
  pen.lineTo(nearX, screenY(lens, high, near))
  pen.lineTo(farX, screenY(lens, high, far))
  pen.lineTo(farX, screenY(lens, low, far))
  pen.closePath()
}
