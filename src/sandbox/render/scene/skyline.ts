import { css, hex, mix } from '../color.ts'
import { createStrip } from './strip.ts'
import { drawTower, towerLook } from './tower.ts'
import type { Painter, View } from './view.ts'

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
    draw: (_pen, place) => {
      for (let x = 0; x < period; ) {
        const width = unit * block.width * random.between(0.6, 1.3)
        const isTower = random.chance(0.14)
        const height =
          horizonY * block.height * (isTower ? random.between(1.25, 1.75) : random.between(0.4, 1.05))
        const tower = { width, height, isTower, ...towerLook(wall, random), seed: `tower ${x} ${height}` }
        place(x, (pen, left) => drawTower(pen, view, tower, left))
        x += width + unit * random.between(0, 7)
      }
    },
  })
}
