import { css, hex, mix } from '../color.ts'
import { createNoise, fractal } from '../noise.ts'
import { shadeBitmap } from './pixels.ts'
import type { Bitmap, Painter, View } from './view.ts'

/** What falls or hangs in the air, nearest the camera. */
export function createWeather(view: View): readonly Painter[] {
  switch (view.scene.weather) {
    case 'snow':
      return [createSnowfall(view)]
    case 'rain':
      return [createFog(view, 0.3), createRain(view)]
    case 'storm':
      return [createFog(view, 0.35), createRain(view), createLightning(view)]
    case 'fog':
      return [createFog(view, 0.85)]
    case 'clear':
      return []
  }
}

interface Flake {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly depth: number
  readonly phase: number
}

function createSnowfall(view: View): Painter {
  const { width, height, unit } = view
  const random = view.random('snowfall')
  const flakes: Flake[] = Array.from({ length: view.detail > 0.5 ? 260 : 70 }, () => {
    const depth = random.next() ** 2
    return {
      x: random.next(),
      y: random.next(),
      size: unit * (1.6 + depth * 8.5),
      depth,
      phase: random.between(0, 7),
    }
  })
  const sprite = flakeSprite(view)
  return {
    paint(pen, { timeS, camera }) {
      for (const flake of flakes) {
        const fall = timeS * (0.07 + flake.depth * 0.26)
        const sway = Math.sin(timeS * 1.1 + flake.phase) * (0.008 + 0.02 * flake.depth)
        const passed = camera.traveled * (0.3 + flake.depth * 0.9)
        const x = wrap(flake.x + sway - passed) * (width * 1.1) - width * 0.05
        const y = wrap(flake.y + fall) * (height * 1.1) - height * 0.05
        pen.globalAlpha = 0.45 + 0.4 * (1 - flake.depth)
        pen.drawImage(sprite, x - flake.size, y - flake.size, flake.size * 2, flake.size * 2)
      }
      pen.globalAlpha = 1
    },
  }
}

function flakeSprite(view: View): Bitmap {
  const bitmap = view.createBitmap(32, 32)
  const pen = bitmap.getContext('2d')
  const gradient = pen.createRadialGradient(16, 16, 0, 16, 16, 16)
  gradient.addColorStop(0, 'rgba(255,255,255,1)')
  gradient.addColorStop(0.45, 'rgba(255,255,255,0.85)')
  gradient.addColorStop(1, 'rgba(255,255,255,0)')
  pen.fillStyle = gradient
  pen.fillRect(0, 0, 32, 32)
  return bitmap
}

function createRain(view: View): Painter {
  const { width, height, unit } = view
  const random = view.random('rain')
  const drops = Array.from({ length: view.detail > 0.5 ? 420 : 110 }, () => {
    const depth = random.next()
    return { x: random.next(), y: random.next(), depth, length: 0.03 + depth * 0.07 }
  })
  const slant = 0.16
  const bands = [0.2, 0.45, 0.75, 1.01]
  return {
    paint(pen, { timeS }) {
      pen.lineCap = 'butt'
      bands.forEach((limit, index) => {
        const floor = bands[index - 1] ?? 0
        pen.beginPath()
        for (const drop of drops) {
          if (drop.depth < floor || drop.depth >= limit) continue
          const fallen = timeS * (1.1 + drop.depth * 1.5)
          const y = wrap(drop.y + fallen) * height * 1.15 - height * 0.1
          const x = wrap(drop.x - fallen * slant * 0.5) * width * 1.2 - width * 0.1
          pen.moveTo(x, y)
          pen.lineTo(x - drop.length * height * slant, y + drop.length * height)
        }
        pen.lineWidth = unit * (0.7 + index * 0.55)
        pen.strokeStyle = css(mix(view.light.haze, hex('#ffffff'), 0.55), 0.14 + index * 0.055)
        pen.stroke()
      })
    },
  }
}

function createFog(view: View, strength: number): Painter {
  const { width, height, horizonY, light } = view
  const noise = createNoise(view.scene.seed + 900)
  const color = mix(light.haze, hex('#ffffff'), view.scene.weather === 'fog' ? 0.25 : 0.05)
  const bitmap = shadeBitmap(view, 320 * view.detail, 160 * view.detail, (u, v, bytes, offset) => {
    // Blended with itself one length further, so that its ends meet.
    const cloud =
      fractal(noise, 30 + u * 5, 30 + v * 3, 4) * (1 - u) + fractal(noise, 25 + u * 5, 30 + v * 3, 4) * u
    const band = Math.sin(Math.PI * v)
    bytes[offset] = color[0]
    bytes[offset + 1] = color[1]
    bytes[offset + 2] = color[2]
    bytes[offset + 3] = 255 * Math.min(1, Math.max(0, (cloud - 0.3) * 2.3)) * band ** 0.8
  })
  const top = horizonY - height * 0.32
  const tall = height * 0.72
  return {
    paint(pen, { timeS }) {
      for (const [speed, alpha, drop] of [
        [0.012, 0.75, 0],
        [-0.02, 0.55, 0.12],
      ] as const) {
        pen.globalAlpha = strength * alpha
        const left = wrap(timeS * speed + drop) * width * 2
        for (const x of [left - width * 2, left])
          pen.drawImage(bitmap, x, top + drop * height, width * 2, tall)
      }
      pen.globalAlpha = 1
    },
  }
}

/** The whole picture flashes twice in a row, every few seconds. */
function createLightning(view: View): Painter {
  return {
    paint(pen, { timeS }) {
      const since = (timeS + 2.2) % 3.4
      const flash = Math.max(0, 1 - since * 7) + Math.max(0, 1 - Math.abs(since - 0.24) * 9) * 0.6
      if (flash <= 0.01) return
      pen.globalCompositeOperation = 'screen'
      pen.fillStyle = css(hex('#cfd8ff'), Math.min(0.55, flash * 0.5))
      pen.fillRect(0, 0, view.width, view.height)
      pen.globalCompositeOperation = 'source-over'
    },
  }
}

const wrap = (value: number) => value - Math.floor(value)
