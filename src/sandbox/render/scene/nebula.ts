import { hex, lighten, mix } from '../color.ts'
import { createNoise, fractal, ridged } from '../noise.ts'
import { inLayer } from './camera.ts'
import { type PixelShader, shadeBitmap } from './pixels.ts'
import type { Painter, View } from './view.ts'

const gasColors = ['#5a2fb0', '#c23b8f', '#2c7fd6']

/** Clouds of gas among the stars, in the colors of the words or in violet, rose and blue. */
export function createNebula(view: View): Painter {
  const width = view.width + view.margin * 2
  const height = view.height + view.margin * 2
  const scale = 0.28 * view.detail
  const bitmap = shadeBitmap(view, width * scale, height * scale, gasShader(view))
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, { camera, depth: 0.1 }, () => {
        pen.globalCompositeOperation = 'screen'
        pen.drawImage(bitmap, -view.margin, -view.margin, width, height)
        pen.globalCompositeOperation = 'source-over'
      })
    },
  }
}

function gasShader(view: View): PixelShader {
  const noise = createNoise(view.scene.seed + 5)
  const [violet, rose, blue] = gasColors.map((color, index) =>
    hex(view.scene.palette.accents[index] ?? color),
  ) as [ReturnType<typeof hex>, ReturnType<typeof hex>, ReturnType<typeof hex>]
  const aspect = view.width / view.height
  return (u, v, bytes, offset) => {
    const x = u * 3 * aspect + 20
    const y = v * 3 + 20
    const warpX = fractal(noise, x + 7, y, 3)
    const warpY = fractal(noise, x, y + 31, 3)
    const gas = fractal(noise, x + warpX * 2.2, y + warpY * 2.2, 5)
    const dust = ridged(noise, x * 1.3 + warpY * 2, y * 1.3, 4)
    const band = Math.max(0, 1 - Math.abs(v - 0.35 - (u - 0.5) * 0.5) * 1.7)
    const strength = Math.max(0, (gas - 0.36) * 2.4) * (0.35 + band)
    const tone = mix(mix(violet, rose, warpX * 1.6 - 0.3), blue, warpY * 1.5 - 0.4)
    const color = lighten(tone, Math.max(0, strength - 0.55) * 0.8)
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = 255 * Math.min(0.9, strength * (0.5 + 0.7 * dust))
  }
}
