import { css, hex, lighten, mix } from '../color.ts'
import { createNoise, fractal, ridged } from '../noise.ts'
import { inLayer } from './camera.ts'
import { shadeBitmap } from './pixels.ts'
import { dot, halo } from './sky.ts'
import type { Painter, View } from './view.ts'

const nebulaColors = ['#5a2fb0', '#c23b8f', '#2c7fd6']

/** Clouds of gas among the stars, in the colors of the words or in violet, rose and blue. */
export function createNebula(view: View): Painter {
  const { width, height, margin } = view
  const noise = createNoise(view.scene.seed + 5)
  const accents = view.scene.palette.accents
  const colors = nebulaColors.map((color, index) => hex(accents[index] ?? color))
  const scale = 0.28 * view.detail
  const aspect = width / height
  const bitmap = shadeBitmap(
    view,
    (width + margin * 2) * scale,
    (height + margin * 2) * scale,
    (u, v, bytes, offset) => {
      const x = u * 3 * aspect + 20
      const y = v * 3 + 20
      const warpX = fractal(noise, x + 7, y, 3)
      const warpY = fractal(noise, x, y + 31, 3)
      const gas = fractal(noise, x + warpX * 2.2, y + warpY * 2.2, 5)
      const dust = ridged(noise, x * 1.3 + warpY * 2, y * 1.3, 4)
      const band = Math.max(0, 1 - Math.abs(v - 0.35 - (u - 0.5) * 0.5) * 1.7)
      const strength = Math.max(0, (gas - 0.36) * 2.4) * (0.35 + band)
      const tone = mix(
        mix(colors[0] ?? [0, 0, 0], colors[1] ?? [0, 0, 0], warpX * 1.6 - 0.3),
        colors[2] ?? [0, 0, 0],
        warpY * 1.5 - 0.4,
      )
      const color = lighten(tone, Math.max(0, strength - 0.55) * 0.8)
      bytes[offset] = color[0]
      bytes[offset + 1] = color[1]
      bytes[offset + 2] = color[2]
      bytes[offset + 3] = 255 * Math.min(0.9, strength * (0.5 + 0.7 * dust))
    },
  )
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, camera, 0.1, () => {
        pen.globalCompositeOperation = 'screen'
        pen.drawImage(bitmap, -margin, -margin, width + margin * 2, height + margin * 2)
        pen.globalCompositeOperation = 'source-over'
      })
    },
  }
}

/** A planet with bands of cloud, lit from one side, with an atmosphere and a ring. */
export function createPlanet(view: View): Painter {
  const { width, height } = view
  const radius = Math.min(width, height) * 0.3
  const centerX = width * 0.62
  const centerY = height * 0.44
  const noise = createNoise(view.scene.seed + 6)
  const base = hex(view.scene.palette.accents[0] ?? '#d98a52')
  const pale = lighten(base, 0.5)
  const size = radius * 2 * Math.max(0.3, view.detail * 0.6)
  const globe = shadeBitmap(view, size, size, (u, v, bytes, offset) => {
    const x = u * 2 - 1
    const y = v * 2 - 1
    const inside = 1 - x * x - y * y
    if (inside <= 0) return
    const z = Math.sqrt(inside)
    const latitude = y * 0.94 + x * 0.3
    const swirl = fractal(noise, x * 2 + 30, latitude * 7 + 30, 4)
    const band = 0.5 + 0.5 * Math.sin(latitude * 15 + swirl * 5)
    const light = Math.max(0, -x * 0.62 - y * 0.42 + z * 0.66)
    const surface = mix(mix(base, pale, band * 0.75), [70, 30, 40], Math.max(0, swirl - 0.55) * 1.2)
    const rim = (1 - z) ** 3 * light * 1.4
    const color = mix(
      mix([4, 5, 16], surface, Math.min(1, light * 1.15)),
      [170, 205, 255],
      Math.min(0.8, rim),
    )
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = 255 * Math.min(1, inside * radius * 0.12)
  })
  return {
    paint(pen, { camera }) {
      inLayer(pen, view, camera, 0.5, () => {
        pen.globalCompositeOperation = 'screen'
        halo(
          pen,
          centerX - radius * 0.2,
          centerY - radius * 0.15,
          radius * 1.7,
          mix(base, hex('#9fc4ff'), 0.6),
          0.38,
        )
        pen.globalCompositeOperation = 'source-over'
        const ring = { x: centerX, y: centerY, radius }
        paintRing(pen, ring, pale, 'behind')
        pen.drawImage(globe, centerX - radius, centerY - radius, radius * 2, radius * 2)
        paintRing(pen, ring, pale, 'before')
        pen.fillStyle = css(hex('#dfe3ea'))
        dot(pen, centerX - radius * 1.55, centerY + radius * 0.92, radius * 0.09)
      })
    },
  }
}

function paintRing(
  pen: Parameters<Painter['paint']>[0],
  ring: { readonly x: number; readonly y: number; readonly radius: number },
  color: ReturnType<typeof hex>,
  part: 'behind' | 'before',
): void {
  pen.save()
  pen.translate(ring.x, ring.y)
  pen.rotate(-0.3)
  const from = part === 'behind' ? Math.PI : 0
  for (const [reach, thickness, alpha] of [
    [1.42, 0.05, 0.55],
    [1.54, 0.1, 0.4],
    [1.7, 0.05, 0.5],
    [1.8, 0.02, 0.3],
  ] as const) {
    pen.strokeStyle = css(color, alpha)
    pen.lineWidth = ring.radius * thickness
    pen.beginPath()
    pen.ellipse(0, 0, ring.radius * reach, ring.radius * reach * 0.24, 0, from, from + Math.PI)
    pen.stroke()
  }
  pen.restore()
}
