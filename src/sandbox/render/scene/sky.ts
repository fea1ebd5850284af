import { type Color, css, hex, lighten, mix } from '../color.ts'
import { inLayer } from './camera.ts'
import { dot, halo } from './halo.ts'
import type { Luminary } from './light.ts'
import type { Painter, Pen, View } from './view.ts'

/** The gradient of the time of day with sun or moon in it, and the stars, some of which twinkle. */
export function createSky(view: View): Painter {
  const { width, height, margin } = view
  const bitmap = view.createBitmap(width + margin * 2, height + margin * 2)
  const pen = bitmap.getContext('2d')
  pen.translate(margin, margin)
  paintGradient(pen, view)
  const twinkling = paintStars(pen, view)
  if (view.light.moon && view.scene.sky !== 'overcast') paintMoon(pen, view, view.light.moon)
  if (view.light.sun && view.scene.sky !== 'overcast') paintSun(pen, view, view.light.sun)
  return {
    paint(target, { camera, timeS }) {
      inLayer(target, view, { camera, depth: 0 }, () => {
        target.drawImage(bitmap, -margin, -margin)
        for (const star of twinkling) {
          const brightness = 0.5 + 0.5 * Math.sin(timeS * star.speed + star.phase)
          target.fillStyle = css(hex('#ffffff'), brightness * 0.9)
          dot(target, star.x, star.y, star.radius)
        }
      })
    },
  }
}

/** Where the sun or the moon stands, in pixels. */
export function luminaryPlace(view: View, luminary: Luminary): { x: number; y: number; radius: number } {
  return {
    x: luminary.x * view.width,
    y: view.horizonY * (1 - luminary.altitude),
    radius: luminary.radius * Math.min(view.width, view.height),
  }
}

/** The color of the sky at `height` (1 the zenith, 0 the horizon). */
export function skyColor(view: View, altitude: number): Color {
  const { sky } = view.light
  const place = (1 - Math.min(1, Math.max(0, altitude))) * (sky.length - 1)
  const index = Math.min(sky.length - 2, Math.floor(place))
  return mix(sky[index] ?? hex('#000000'), sky[index + 1] ?? hex('#000000'), place - index)
}

function paintGradient(pen: Pen, view: View): void {
  const { width, height, horizonY, margin } = view
  const gradient = pen.createLinearGradient(0, 0, 0, horizonY)
  const last = view.light.sky.length - 1
  view.light.sky.forEach((color, index) => {
    gradient.addColorStop(index / last, css(color))
  })
  pen.fillStyle = gradient
  pen.fillRect(-margin, -margin, width + margin * 2, height + margin * 2)
}

function paintSun(pen: Pen, view: View, sun: Luminary): void {
  const { x, y, radius } = luminaryPlace(view, sun)
  pen.globalCompositeOperation = 'screen'
  halo(pen, { x, y, radius: radius * 11 }, sun.glow, 0.4)
  halo(pen, { x, y, radius: radius * 5 }, sun.glow, 0.55)
  halo(pen, { x, y, radius: radius * 2.2 }, lighten(sun.glow, 0.3), 0.75)
  pen.globalCompositeOperation = 'source-over'
  const disk = pen.createRadialGradient(x, y, 0, x, y, radius)
  disk.addColorStop(0, css(lighten(sun.disk, 0.7)))
  disk.addColorStop(0.86, css(sun.disk))
  disk.addColorStop(1, css(sun.disk, 0))
  pen.fillStyle = disk
  dot(pen, x, y, radius)
}

function paintMoon(pen: Pen, view: View, moon: Luminary): void {
  const { x, y, radius } = luminaryPlace(view, moon)
  pen.globalCompositeOperation = 'screen'
  halo(pen, { x, y, radius: radius * 9 }, moon.glow, 0.28)
  halo(pen, { x, y, radius: radius * 3 }, moon.glow, 0.42)
  pen.globalCompositeOperation = 'source-over'
  pen.fillStyle = css(moon.disk)
  dot(pen, x, y, radius)
  const random = view.random('moon')
  pen.save()
  pen.beginPath()
  pen.arc(x, y, radius, 0, Math.PI * 2)
  pen.clip()
  for (let index = 0; index < 14; index += 1) {
    const angle = random.between(0, Math.PI * 2)
    const distance = radius * random.between(0.1, 0.95)
    pen.fillStyle = css(mix(moon.disk, moon.glow, 0.55), random.between(0.12, 0.3))
    dot(
      pen,
      x + Math.cos(angle) * distance,
      y + Math.sin(angle) * distance,
      radius * random.between(0.06, 0.26),
    )
  }
  pen.restore()
}

interface Star {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly speed: number
  readonly phase: number
}

/** Paints the steady stars and returns the few that twinkle. */
function paintStars(pen: Pen, view: View): Star[] {
  const { width, horizonY, margin, unit, light } = view
  const random = view.random('stars')
  const isSpace = view.scene.sky === 'space'
  const twinkling: Star[] = []
  const count = Math.round((isSpace ? 900 : 420) * (isSpace ? 1 : light.stars))
  for (let index = 0; index < count; index += 1) {
    const y = isSpace
      ? random.between(-margin, view.height + margin)
      : random.next() ** 1.25 * horizonY * 0.92
    const x = random.between(-margin, width + margin)
    const radius = unit * (random.chance(0.06) ? random.between(1.6, 2.6) : random.between(0.5, 1.4))
    const fade = isSpace ? 1 : 1 - y / horizonY
    if (random.chance(0.09)) {
      twinkling.push({
        x,
        y,
        radius: radius * 1.25,
        speed: random.between(1.5, 5),
        phase: random.between(0, 7),
      })
      continue
    }
    pen.fillStyle = css(
      random.pick([hex('#ffffff'), hex('#cfdcff'), hex('#fff0d8')]),
      random.between(0.35, 1) * (0.25 + 0.75 * fade),
    )
    dot(pen, x, y, radius)
  }
  return twinkling
}
