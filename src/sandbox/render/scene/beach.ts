import { css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from './camera.ts'
import { litBy } from './light.ts'
import type { Painter, Pen, View } from './view.ts'

/** The near shore of a sea or a lake: a strip of sand or grass, with foam that comes and goes at a sea's edge. */
export function createBeach(view: View): Painter {
  const { width, height, horizonY, margin, unit } = view
  const ground = height - horizonY
  const edge = horizonY + ground * (height > width ? 0.4 : 0.5)
  const isSea = view.scene.ground === 'sea'
  const surface = litBy(view.light, hex(isSea ? '#e6c58e' : '#5f8a45'))
  const shade = mix(surface, view.light.shade, 0.45)
  const shoreY = (x: number, reach: number) =>
    edge + reach + unit * 26 * Math.sin((x / width) * 3.1 + 0.6) + unit * 9 * Math.sin((x / width) * 8.3)
  const land = pebbledLand(view, { edge, surface, shade })
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, { camera, depth: 0.9 }, () => {
        const swell = isSea ? Math.sin(timeS * 0.95) : 0
        const reach = unit * 18 * swell
        pen.save()
        traceShore(pen, view, (x) => shoreY(x, reach - unit * 12))
        pen.clip()
        pen.fillStyle = css(darken(surface, isSea ? 0.34 : 0.2))
        pen.fillRect(-margin, edge - unit * 90, width + margin * 2, ground + margin)
        pen.restore()
        pen.save()
        traceShore(pen, view, (x) => shoreY(x, unit * 22))
        pen.clip()
        pen.drawImage(land, -margin, edge - unit * 60)
        pen.restore()
        if (isSea) paintFoam(pen, view, (x) => shoreY(x, reach - unit * 12), timeS)
      })
    },
  }
}

function traceShore(pen: Pen, view: View, yAt: (x: number) => number): void {
  const { width, height, margin } = view
  pen.beginPath()
  pen.moveTo(-margin, height + margin)
  for (let x = -margin; x <= width + margin; x += 12) pen.lineTo(x, yAt(x))
  pen.lineTo(width + margin, height + margin)
  pen.closePath()
}

function pebbledLand(
  view: View,
  look: {
    readonly edge: number
    readonly surface: ReturnType<typeof hex>
    readonly shade: ReturnType<typeof hex>
  },
) {
  const { width, height, margin, unit } = view
  const top = look.edge - unit * 60
  const bitmap = view.createBitmap(width + margin * 2, height + margin - top)
  const pen = bitmap.getContext('2d')
  const gradient = pen.createLinearGradient(0, 0, 0, bitmap.height)
  gradient.addColorStop(0, css(lighten(look.surface, 0.12)))
  gradient.addColorStop(0.4, css(look.surface))
  gradient.addColorStop(1, css(look.shade))
  pen.fillStyle = gradient
  pen.fillRect(0, 0, bitmap.width, bitmap.height)
  const random = view.random('beach')
  for (let index = 0; index < 900; index += 1) {
    const down = random.next()
    const size = unit * (0.8 + 4.5 * down)
    pen.fillStyle = css(random.chance(0.5) ? lighten(look.surface, 0.25) : look.shade, 0.22)
    pen.beginPath()
    pen.ellipse(
      random.between(0, bitmap.width),
      down * bitmap.height,
      size * 2.2,
      size * 0.5,
      0,
      0,
      Math.PI * 2,
    )
    pen.fill()
  }
  return bitmap
}

function paintFoam(pen: Pen, view: View, yAt: (x: number) => number, timeS: number): void {
  const { width, margin, unit } = view
  const white = litBy(view.light, hex('#ffffff'))
  for (const [lift, thickness, alpha] of [
    [0, 9, 0.9],
    [-24, 4.5, 0.5],
    [-52, 3, 0.32],
  ] as const) {
    pen.strokeStyle = css(mix(white, hex('#ffffff'), 0.4), alpha)
    pen.lineWidth = unit * thickness
    pen.lineJoin = 'round'
    pen.beginPath()
    for (let x = -margin; x <= width + margin; x += 7) {
      const lace = unit * 4 * Math.sin(x * 0.09 + lift + timeS) * Math.sin(x * 0.037 - timeS * 0.7)
      const y = yAt(x) + lift * unit * (1 + 0.2 * Math.sin(timeS * 0.95 + 1)) + lace
      if (x === -margin) pen.moveTo(x, y)
      else pen.lineTo(x, y)
    }
    pen.stroke()
  }
}
