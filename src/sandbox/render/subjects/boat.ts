import { type Color, css, darken, hex, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'

/** A sailing boat on the water, rocking, with its broken reflection under it. */
export function createBoats(view: View, subject: SceneSubject): Painter {
  const random = view.random('boats')
  const isBacklit = view.scene.time !== 'day'
  const sail = isBacklit ? mix(litBy(view.light, hex('#fff3df')), view.light.shade, 0.55) : hex('#ffffff')
  const hull = mix(litBy(view.light, hex('#8c3b2a')), view.light.shade, isBacklit ? 0.75 : 0.15)
  const water = view.height - view.horizonY
  const boats = Array.from({ length: Math.min(4, subject.count) }, (_, index) => ({
    x: index === 0 ? (view.height > view.width ? 0.25 : 0.29) : random.between(0.1, 0.9),
    down: index === 0 ? 0.1 : random.between(0.03, 0.08),
    phase: random.between(0, 7),
  }))
  return {
    paint(pen, { camera, timeS, progress }) {
      inLayer(pen, view, { camera, depth: 0.3 }, () => {
        for (const boat of boats) {
          const size = Math.min(view.width, view.height) * (0.1 + boat.down * 1.6)
          pen.save()
          pen.translate((boat.x + 0.07 * progress) * view.width, view.horizonY + water * boat.down)
          drawWake(pen, size, timeS + boat.phase, view.light.shade)
          pen.rotate(0.035 * Math.sin(timeS * 1.3 + boat.phase))
          pen.translate(0, size * 0.012 * Math.sin(timeS * 1.7 + boat.phase))
          drawBoat(pen, size, sail, hull)
          pen.restore()
        }
      })
    },
  }
}

function drawBoat(pen: Pen, size: number, sail: Color, hull: Color): void {
  pen.fillStyle = css(hull)
  pen.beginPath()
  pen.moveTo(-size * 0.5, -size * 0.13)
  pen.lineTo(size * 0.58, -size * 0.15)
  pen.quadraticCurveTo(size * 0.46, size * 0.02, size * 0.3, size * 0.02)
  pen.lineTo(-size * 0.36, size * 0.02)
  pen.quadraticCurveTo(-size * 0.48, -size * 0.04, -size * 0.5, -size * 0.13)
  pen.fill()
  pen.strokeStyle = css(darken(hull, 0.3))
  pen.lineWidth = size * 0.022
  pen.beginPath()
  pen.moveTo(size * 0.02, -size * 0.12)
  pen.lineTo(size * 0.02, -size * 1.28)
  pen.stroke()
  pen.fillStyle = css(sail)
  pen.beginPath()
  pen.moveTo(-size * 0.005, -size * 1.24)
  pen.quadraticCurveTo(-size * 0.3, -size * 0.6, -size * 0.42, -size * 0.22)
  pen.lineTo(-size * 0.005, -size * 0.2)
  pen.fill()
  pen.fillStyle = css(darken(sail, 0.12))
  pen.beginPath()
  pen.moveTo(size * 0.045, -size * 1.16)
  pen.quadraticCurveTo(size * 0.34, -size * 0.6, size * 0.52, -size * 0.2)
  pen.lineTo(size * 0.045, -size * 0.24)
  pen.fill()
}

function drawWake(pen: Pen, size: number, timeS: number, shade: Color): void {
  for (let row = 0; row < 12; row += 1) {
    const down = row / 12
    const width = size * (0.42 - down * 0.24) * (0.75 + 0.25 * Math.sin(timeS * 3 + row * 1.9))
    const shift = size * 0.05 * Math.sin(timeS * 2.2 + row * 1.3)
    pen.fillStyle = css(shade, 0.5 * (1 - down))
    pen.fillRect(shift - width, size * (0.02 + down * 0.75), width * 2, size * 0.034)
  }
}
