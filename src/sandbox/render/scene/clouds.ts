import { mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { inLayer } from './camera.ts'
import { shadeBitmap } from './pixels.ts'
import type { Bitmap, Painter, View } from './view.ts'

interface CloudSheet {
  readonly bitmap: Bitmap
  /** Pixels a second at the top of the sky. */
  readonly speed: number
  readonly width: number
}

/** Two sheets of clouds that drift at different speeds, thin streaks toward the horizon, lit from the sun's side. */
export function createClouds(view: View): Painter {
  const covers = coverOf(view)
  const sheets: CloudSheet[] = covers.map((cover, index) => ({
    bitmap: cloudBitmap(view, cover, index),
    speed: view.width * (index === 0 ? 0.006 : 0.013),
    width: view.width * 1.6,
  }))
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, { camera, depth: 0.05 }, () => {
        for (const sheet of sheets) {
          const left = -view.width * 0.42 + sheet.speed * timeS
          pen.drawImage(sheet.bitmap, left, -view.margin, sheet.width, view.horizonY + view.margin)
        }
      })
    },
  }
}

/** How much of the sky each sheet covers, 0 to 1. */
function coverOf(view: View): readonly number[] {
  const { sky, weather } = view.scene
  if (weather === 'storm' || weather === 'rain' || sky === 'overcast') return [0.86, 0.74]
  if (sky === 'clouds') return [0.5, 0.46]
  return [0.4]
}

function cloudBitmap(view: View, cover: number, index: number): Bitmap {
  const { light } = view
  const noise = createNoise(view.scene.seed + 101 + index * 977)
  const columns = 620 * view.detail
  const rows = ((columns * (view.horizonY + view.margin)) / (view.width * 1.6)) | 0
  const sunX = ((light.sun?.x ?? light.moon?.x ?? 0.5) + 0.42) / 1.6
  const sunY = 1 - (light.sun?.altitude ?? light.moon?.altitude ?? 0.6)
  const octaves = view.detail > 0.5 ? 6 : 3
  const isStreaky = view.scene.time === 'sunset' || view.scene.time === 'dusk' || view.scene.time === 'dawn'
  const threshold = 0.68 - cover * 0.36
  return shadeBitmap(view, columns, rows, (u, v, bytes, offset) => {
    // The sky is a ceiling seen from below: rows near the horizon are far away.
    const far = 1 / (1.12 - v * 0.98)
    const x = (u - 0.5) * far * (isStreaky ? 1.5 : 2.4) + index * 40
    const y = far * (isStreaky ? 3.4 : 2.1)
    const density = fractal(noise, x + 60, y, octaves)
    const body = Math.min(1, Math.max(0, (density - threshold) / 0.2))
    const towardSun = fractal(noise, x + 60 + (sunX - u) * 0.5, y + (sunY - v) * 0.5, 3)
    const nearSun = Math.max(0, 1 - Math.hypot((u - sunX) * 1.5, v - sunY) * 1.5)
    const lit = Math.min(1, Math.max(0, 0.45 + (density - towardSun) * 3.2 + nearSun * 0.55 - body * 0.25))
    const color = mix(light.cloudShade, light.cloudLit, lit)
    const horizonFade = Math.min(1, (1 - v) * 9)
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = body * body * (3 - 2 * body) * 235 * horizonFade
  })
}
