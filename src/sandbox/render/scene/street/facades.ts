import { css, darken, hex, lighten, mix } from '../../color.ts'
import { screenX, screenY, traceWall } from './lens.ts'
import { paintShop } from './shop-front.ts'
import { type Building, isLit, windowSizeM, windowTones } from './street-plan.ts'
import { distanceFade, type StreetShot } from './street-shot.ts'

/** What of a building's face is seen: from `near` to `far` meters ahead of the camera. */
export interface Face {
  readonly building: Building
  /** Distance of the face from the middle of the street, left negative. */
  readonly x: number
  readonly near: number
  readonly far: number
}

/** Draws the buildings from far to near. */
export function paintFacades(shot: StreetShot, buildings: readonly Building[]): void {
  const { advancedM, lens } = shot
  const visible = buildings.filter((building) => building.toM - advancedM > lens.nearM)
  const farFirst = visible.sort((one, other) => other.fromM - one.fromM)
  for (const building of farFirst) {
    const near = Math.max(lens.nearM, building.fromM - advancedM)
    const face = { building, x: building.side * building.faceM, near, far: building.toM - advancedM }
    paintFront(shot, face)
    paintWall(shot, face)
    if (shot.view.detail > 0.5) paintLedges(shot, face)
    paintWindows(shot, face)
    if (shot.view.detail > 0.5) paintFrames(shot, face)
    paintShop(shot, face)
  }
}

/** The wall that looks at us, where a building stands higher or further out than the one before it. */
function paintFront({ pen, view, lens }: StreetShot, { building, x, near }: Face): void {
  const inner = screenX(lens, x, near)
  const outer = screenX(lens, x + building.side * 14, near)
  const top = screenY(lens, building.heightM, near)
  const bottom = screenY(lens, 0, near)
  pen.fillStyle = css(distanceFade(view, mix(building.wall, hex('#05060f'), 0.45), near))
  pen.fillRect(Math.min(inner, outer), top, Math.abs(outer - inner), bottom - top)
}

function paintWall({ pen, view, lens }: StreetShot, { building, x, near, far }: Face): void {
  const shade = pen.createLinearGradient(screenX(lens, x, near), 0, screenX(lens, x, far), 0)
  shade.addColorStop(0, css(distanceFade(view, building.wall, near)))
  shade.addColorStop(1, css(distanceFade(view, building.wall, far)))
  pen.fillStyle = shade
  pen.beginPath()
  traceWall(pen, lens, { x, near, far, low: 0, high: building.heightM })
  pen.fill()
  if (!isLit(view)) return
  const fromShops = pen.createLinearGradient(0, screenY(lens, 6, near), 0, screenY(lens, 0, near))
  fromShops.addColorStop(0, css(hex('#ff8fc0'), 0))
  fromShops.addColorStop(1, css(hex('#ffb48a'), 0.2))
  pen.fillStyle = fromShops
  pen.beginPath()
  traceWall(pen, lens, { x, near, far, low: 0, high: Math.min(7, building.heightM) })
  pen.fill()
}

/** Ledges between the floors: fine lines that carry the perspective. */
function paintLedges({ pen, view, lens }: StreetShot, { building, x, near, far }: Face): void {
  pen.beginPath()
  for (let low = 4.4; low < building.heightM; low += 3.1) {
    traceWall(pen, lens, { x, near, far, low, high: low + 0.14 })
  }
  pen.fillStyle = css(distanceFade(view, lighten(building.wall, 0.16), near), 0.6)
  pen.fill()
  pen.beginPath()
  traceWall(pen, lens, { x, near, far, low: 4, high: 4.3 })
  traceWall(pen, lens, { x, near, far, low: building.heightM - 0.5, high: building.heightM })
  pen.fillStyle = css(distanceFade(view, lighten(building.wall, 0.1), near))
  pen.fill()
}

/** Beyond, windows are finer than the glow that they fade into. */
const farthestWindowM = 110

function paintWindows({ pen, view, lens, advancedM }: StreetShot, { building, x, near, far }: Face): void {
  const { width, height } = windowSizeM
  windowTones(view).forEach((tone, index) => {
    pen.beginPath()
    for (const window of building.windows) {
      const at = building.fromM + window.alongM - advancedM
      if (window.tone !== index || at < lens.nearM || at > farthestWindowM) continue
      traceWall(pen, lens, { x, near: at, far: at + width, low: window.upM, high: window.upM + height })
    }
    const isDark = index === 3 && isLit(view)
    pen.fillStyle = css(distanceFade(view, tone, (near + far) * 0.27), isDark ? 0.35 : 0.82)
    pen.fill()
  })
}

/** Cross bars and half-drawn blinds; only near enough to be seen. */
function paintFrames({ pen, lens, advancedM }: StreetShot, { building, x }: Face): void {
  const { width, height } = windowSizeM
  pen.beginPath()
  building.windows.forEach(({ alongM, upM }, index) => {
    const near = building.fromM + alongM - advancedM
    if (near < lens.nearM || near > 34) return
    const far = near + width
    const blindLow = upM + height * 0.65
    traceWall(pen, lens, {
      x,
      near: near + width * 0.47,
      far: near + width * 0.53,
      low: upM,
      high: upM + height,
    })
    traceWall(pen, lens, { x, near, far, low: upM + height * 0.6, high: blindLow })
    if (index % 4 === 0) traceWall(pen, lens, { x, near, far, low: blindLow, high: upM + height })
  })
  pen.fillStyle = css(darken(building.wall, 0.3), 0.75)
  pen.fill()
}
