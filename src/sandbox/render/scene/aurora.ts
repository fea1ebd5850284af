import { hex, mix } from '../color.ts'
import { createNoise, type Noise } from '../noise.ts'
import { inLayer } from './camera.ts'
import type { Painter, View } from './view.ts'

/** One curtain at one column: where its lower hem is, how bright its rays are, how far up they reach. */
interface Curtain {
  readonly hem: number
  readonly rays: number
  readonly height: number
}

/** Curtains of light that wave across the night sky, computed in a small picture every frame. */
export function createAurora(view: View): Painter {
  const columns = view.detail > 0.5 ? 180 : 60
  const rows = view.detail > 0.5 ? 110 : 40
  const bitmap = view.createBitmap(columns, rows)
  const small = bitmap.getContext('2d')
  const image = small.createImageData(columns, rows)
  const noise = createNoise(view.scene.seed + 77)
  const low = hex(view.scene.palette.accents[0] ?? '#39ffa0')
  const high = hex(view.scene.palette.accents[1] ?? '#a14bff')
  const paintColumn = (column: number, timeS: number) => {
    const curtains = curtainsAt(noise, column / columns, timeS)
    for (let row = 0; row < rows; row += 1) {
      const { glow, height } = lightAt(curtains, row / rows)
      const offset = (row * columns + column) * 4
      const color = mix(low, high, height * 1.6)
      image.data[offset] = color[0]
      image.data[offset + 1] = color[1]
      image.data[offset + 2] = color[2]
      image.data[offset + 3] = 255 * Math.min(0.9, glow)
    }
  }
  return {
    paint(pen, { camera, timeS }) {
      for (let column = 0; column < columns; column += 1) paintColumn(column, timeS)
      small.putImageData(image, 0, 0)
      inLayer(pen, view, { camera, depth: 0.04 }, () => {
        pen.globalCompositeOperation = 'screen'
        pen.imageSmoothingQuality = 'high'
        pen.drawImage(bitmap, -view.margin, 0, view.width + view.margin * 2, view.horizonY)
        pen.imageSmoothingQuality = 'low'
        pen.globalCompositeOperation = 'source-over'
      })
    },
  }
}

function curtainsAt(noise: Noise, u: number, timeS: number): readonly Curtain[] {
  return [0, 1, 2].map((band) => ({
    hem: 0.34 + 0.12 * band + 0.26 * (noise(u * 2.4 + band * 9 + timeS * 0.07, band + timeS * 0.05) - 0.5),
    rays: 0.35 + 0.65 * noise(u * 22 + band * 40 + timeS * 0.5, timeS * 0.3 + band),
    height: 0.34 + 0.16 * noise(u * 3 + band * 4, timeS * 0.11),
  }))
}

/** How bright the curtains are at `v` (0 the zenith), and how far up in them that is, 0 to 1. */
function lightAt(
  curtains: readonly Curtain[],
  v: number,
): { readonly glow: number; readonly height: number } {
  let glow = 0
  let rise = 0
  for (const { hem, rays, height } of curtains) {
    const up = (hem - v) / height
    if (up < -0.06 || up > 1) continue
    const strength = (up < 0 ? 1 + up / 0.06 : (1 - up) ** 1.7) * rays
    glow += strength * 0.8
    rise += up * strength
  }
  return { glow, height: glow > 0 ? rise / glow : 0 }
}
