import { css, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { inLayer } from './camera.ts'
import type { Painter, View } from './view.ts'

/** A dark headland or island on the horizon of a sea. */
export function createIsland(view: View): Painter {
  const noise = createNoise(view.scene.seed + 71)
  const width = view.width * 0.62
  const height = view.unit * 95
  const left = view.light.sun && view.light.sun.x > 0.5 ? -view.margin : view.width - width * 0.8
  const bitmap = view.createBitmap(width, height)
  const pen = bitmap.getContext('2d')
  const color = mix(view.light.shade, view.light.haze, 0.35)
  const gradient = pen.createLinearGradient(0, 0, 0, height)
  gradient.addColorStop(0, css(color))
  gradient.addColorStop(1, css(mix(color, view.light.haze, 0.35)))
  pen.fillStyle = gradient
  pen.beginPath()
  pen.moveTo(0, height)
  for (let x = 0; x <= width; x += 2) {
    const share = x / width
    const hump = Math.sin(Math.PI * share) ** 0.8
    pen.lineTo(x, height - height * hump * (0.25 + 0.7 * fractal(noise, share * 5, 2, 5)))
  }
  pen.lineTo(width, height)
  pen.fill()
  return {
    paint(target, { camera }) {
      inLayer(target, view, { camera, depth: 0.08 }, () => {
        target.drawImage(bitmap, left, view.horizonY - height + view.unit * 2)
      })
    },
  }
}
