import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import type { Random } from '../random.ts'
import { dot } from './halo.ts'
import type { Pen, View } from './view.ts'

/** A building of a skyline, seen from far away. */
export interface Tower {
  readonly width: number
  readonly height: number
  /** A landmark: with a mast and its warning light. */
  readonly isTower: boolean
  readonly color: Color
  readonly roof: 'flat' | 'block' | 'slant' | 'shed'
  /** Decides which windows are lit. */
  readonly seed: string
}

/** What differs from building to building. */
export function towerLook(wall: Color, random: Random): Pick<Tower, 'color' | 'roof'> {
  const tone = random.between(-0.08, 0.1)
  return {
    color: tone > 0 ? lighten(wall, tone) : darken(wall, -tone),
    roof: random.pick(['flat', 'block', 'slant', 'shed']),
  }
}

export function drawTower(pen: Pen, view: View, tower: Tower, left: number): void {
  pen.save()
  pen.translate(left, view.horizonY - tower.height)
  const wall = pen.createLinearGradient(0, 0, tower.width, 0)
  wall.addColorStop(0, css(lighten(tower.color, 0.1)))
  wall.addColorStop(0.5, css(tower.color))
  wall.addColorStop(1, css(darken(tower.color, 0.14)))
  pen.fillStyle = wall
  pen.fillRect(0, 0, tower.width, tower.height + view.unit * 8)
  drawRoof(pen, view, tower)
  drawWindows(pen, view, tower)
  pen.restore()
}

function drawRoof(pen: Pen, view: View, { width, roof, isTower }: Tower): void {
  pen.beginPath()
  if (roof === 'block') pen.rect(width * 0.2, -width * 0.3, width * 0.6, width * 0.31)
  if (roof === 'shed') pen.rect(width * 0.36, -width * 0.14, width * 0.3, width * 0.15)
  if (roof === 'slant') {
    pen.moveTo(0, 1)
    pen.lineTo(width, 1)
    pen.lineTo(width, -width * 0.4)
  }
  if (isTower) pen.rect(width * 0.48, -width * 1.15, view.unit * 2.4, width * 1.2)
  pen.fill()
  if (!isTower || view.scene.time === 'day') return
  pen.fillStyle = 'rgba(255,70,70,0.95)'
  dot(pen, width * 0.48 + view.unit * 1.2, -width * 1.15, view.unit * 2.6)
}

const lampColors = ['#ffd694', '#ffedc9', '#a9d2ff'].map(hex) as [Color, ...Color[]]

function drawWindows(pen: Pen, view: View, tower: Tower): void {
  const random = view.random(tower.seed)
  const { time } = view.scene
  const isDark = time === 'night' || time === 'dusk'
  const isGlowing = isDark || time === 'sunset'
  const step = view.unit * 8.5
  const columns = Math.floor(tower.width / step)
  const rows = Math.floor((tower.height - step) / (step * 1.25))
  const occupied = isDark ? random.between(0.28, 0.6) : isGlowing ? random.between(0.1, 0.3) : 0.75
  const inset = (tower.width - columns * step) / 2 + step * 0.2
  const glass = (sky: Color) => css(mix(tower.color, sky, 0.3), 0.6)
  for (let place = 0; place < rows * columns; place += 1) {
    if (!random.chance(occupied)) continue
    pen.fillStyle = isGlowing
      ? css(random.pick(lampColors), random.between(0.5, 0.95))
      : glass(random.chance(0.3) ? view.light.cloudLit : view.light.shade)
    const x = inset + (place % columns) * step
    pen.fillRect(x, step * (0.7 + Math.floor(place / columns) * 1.25), step * 0.55, step * 0.7)
  }
}
