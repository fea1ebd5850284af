import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import type { Random } from '../random.ts'
import { createStrip, type Place } from './strip.ts'
import type { Painter, Pen, View } from './view.ts'

interface Block {
  readonly depth: number
  /** Of an ordinary tower, as a fraction of the horizon's height. */
  readonly height: number
  readonly width: number
  readonly fade: number
}

/** Towers on the horizon in three blocks, windows lit when it is dark. */
export function createSkyline(view: View): readonly Painter[] {
  const blocks: readonly Block[] = [
    { depth: 0.08, height: 0.42, width: 46, fade: 0.66 },
    { depth: 0.15, height: 0.33, width: 60, fade: 0.4 },
    { depth: 0.24, height: 0.2, width: 78, fade: 0.14 },
  ]
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk'
  return [
    ...(isDark ? [createCityGlow(view)] : []),
    ...blocks.map((block, index) => createBlock(view, block, index)),
  ]
}

/** The light of the city on the air behind it. */
function createCityGlow(view: View): Painter {
  const { width, horizonY, margin } = view
  const glow = mix(hex('#c06a8c'), view.light.haze, 0.35)
  return {
    paint(pen) {
      const gradient = pen.createLinearGradient(0, horizonY * 0.25, 0, horizonY)
      gradient.addColorStop(0, css(glow, 0))
      gradient.addColorStop(1, css(glow, 0.62))
      pen.fillStyle = gradient
      pen.fillRect(-margin, horizonY * 0.25, width + margin * 2, horizonY * 0.75)
    },
  }
}

function createBlock(view: View, block: Block, index: number): Painter {
  const { horizonY, unit, light } = view
  const random = view.random(`skyline ${index}`)
  const period = Math.round(view.width * 1.5)
  const isDay = view.scene.time === 'day' || view.scene.time === 'dawn'
  const wall = mix(isDay ? mix(hex('#5f738d'), light.haze, 0.2) : light.shade, light.haze, block.fade)
  return createStrip(view, {
    depth: block.depth,
    top: 0,
    bottom: horizonY + unit * 8,
    period,
    draw: (pen, place) => {
      for (let x = 0; x < period; ) {
        const width = unit * block.width * random.between(0.6, 1.3)
        const isTower = random.chance(0.14)
        const height =
          horizonY * block.height * (isTower ? random.between(1.25, 1.75) : random.between(0.4, 1.05))
        drawTower(pen, place, view, { x, width, height, wall, isTower }, random)
        x += width + unit * random.between(0, 7)
      }
    },
  })
}

interface Tower {
  readonly x: number
  readonly width: number
  readonly height: number
  readonly wall: Color
  readonly isTower: boolean
}

function drawTower(_pen: Pen, place: Place, view: View, tower: Tower, random: Random): void {
  const { width, height, wall } = tower
  const tone = random.between(-0.08, 0.1)
  const color = tone > 0 ? lighten(wall, tone) : darken(wall, -tone)
  const shape = random.integer(0, 3)
  const seed = `tower ${tower.x} ${height}`
  place(tower.x, (pen, x) => {
    const top = view.horizonY - height
    const gradient = pen.createLinearGradient(x, 0, x + width, 0)
    gradient.addColorStop(0, css(lighten(color, 0.1)))
    gradient.addColorStop(0.5, css(color))
    gradient.addColorStop(1, css(darken(color, 0.14)))
    pen.fillStyle = gradient
    pen.fillRect(x, top, width, height + view.unit * 8)
    drawRoof(pen, { x, top, width, isTower: tower.isTower, shape }, view)
    drawWindows(pen, view, { x, top, width, height }, wall, view.random(seed))
  })
}

interface Roof {
  readonly x: number
  readonly top: number
  readonly width: number
  readonly isTower: boolean
  readonly shape: number
}

function drawRoof(pen: Pen, roof: Roof, view: View): void {
  const { x, top, width, shape } = roof
  pen.beginPath()
  if (shape === 1) pen.rect(x + width * 0.2, top - width * 0.3, width * 0.6, width * 0.31)
  if (shape === 2) {
    pen.moveTo(x, top + 1)
    pen.lineTo(x + width, top + 1)
    pen.lineTo(x + width, top - width * 0.4)
  }
  if (shape === 3) pen.rect(x + width * 0.36, top - width * 0.14, width * 0.3, width * 0.15)
  if (roof.isTower) pen.rect(x + width * 0.48, top - width * 1.15, view.unit * 2.4, width * 1.2)
  pen.fill()
  if (!roof.isTower || view.scene.time === 'day') return
  pen.fillStyle = 'rgba(255,70,70,0.95)'
  pen.beginPath()
  pen.arc(x + width * 0.48 + view.unit * 1.2, top - width * 1.15, view.unit * 2.6, 0, Math.PI * 2)
  pen.fill()
}

interface Front {
  readonly x: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const windowColors = ['#ffd694', '#ffedc9', '#a9d2ff'].map(hex) as [Color, ...Color[]]

function drawWindows(pen: Pen, view: View, front: Front, wall: Color, random: Random): void {
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk'
  const isGlowing = isDark || view.scene.time === 'sunset'
  const step = view.unit * 8.5
  const columns = Math.floor(front.width / step)
  const rows = Math.floor((front.height - step) / (step * 1.25))
  const occupied = isDark ? random.between(0.28, 0.6) : isGlowing ? random.between(0.1, 0.3) : 0.75
  const inset = (front.width - columns * step) / 2
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      if (!random.chance(occupied)) continue
      pen.fillStyle = isGlowing
        ? css(random.pick(windowColors), random.between(0.5, 0.95))
        : css(mix(wall, random.chance(0.3) ? view.light.cloudLit : view.light.shade, 0.3), 0.6)
      pen.fillRect(
        front.x + inset + column * step + step * 0.2,
        front.top + step * (0.7 + row * 1.25),
        step * 0.55,
        step * 0.7,
      )
    }
  }
}
