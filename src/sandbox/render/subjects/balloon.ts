import { type Color, css, darken, hex, lighten } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'

const fabrics = [
  ['#e6453c', '#ffd166'],
  ['#2f7fd1', '#f4f1de'],
  ['#8a4fd0', '#ff9f6b'],
  ['#1fa187', '#fff3b0'],
] as const

/** Hot-air balloons rising slowly, the first one large. */
export function createBalloons(view: View, subject: SceneSubject): Painter {
  const random = view.random('balloons')
  const places = [
    [0.46, 0.5, 1],
    [0.8, 0.3, 0.46],
    [0.17, 0.28, 0.38],
    [0.66, 0.66, 0.26],
  ] as const
  const balloons = places.slice(0, Math.max(1, Math.min(4, subject.count))).map(([x, y, scale], index) => ({
    x,
    y,
    radius: Math.min(view.width, view.height) * 0.17 * scale,
    depth: 0.2 + 0.5 * scale,
    colors: (fabrics[index] ?? fabrics[0]).map((color) => litBy(view.light, hex(color))),
    phase: random.between(0, 7),
  }))
  return {
    paint(pen, { camera, timeS }) {
      for (const balloon of [...balloons].reverse()) {
        inLayer(pen, view, camera, balloon.depth, () => {
          const x = (balloon.x + 0.012 * Math.sin(timeS * 0.5 + balloon.phase)) * view.width
          const y = balloon.y * view.horizonY - timeS * view.unit * 9
          drawBalloon(pen, x, y, balloon.radius, balloon.colors)
        })
      }
    },
  }
}

function drawBalloon(pen: Pen, x: number, y: number, radius: number, colors: readonly Color[]): void {
  const gores = 8
  pen.save()
  traceEnvelope(pen, x, y, radius)
  pen.clip()
  for (let gore = 0; gore < gores; gore += 1) {
    const from = Math.cos((gore / gores) * Math.PI)
    const to = Math.cos(((gore + 1) / gores) * Math.PI)
    pen.fillStyle = css(colors[gore % 2] ?? hex('#e6453c'))
    pen.fillRect(x - from * radius * 1.02, y - radius * 1.1, (from - to) * radius * 1.02 + 1, radius * 2.7)
  }
  const shine = pen.createRadialGradient(x - radius * 0.4, y - radius * 0.45, 0, x, y, radius * 1.6)
  shine.addColorStop(0, 'rgba(255,255,255,0.42)')
  shine.addColorStop(0.5, 'rgba(255,255,255,0)')
  shine.addColorStop(1, 'rgba(10,5,40,0.55)')
  pen.fillStyle = shine
  pen.fillRect(x - radius, y - radius * 1.1, radius * 2, radius * 2.8)
  pen.restore()
  pen.strokeStyle = 'rgba(40,26,20,0.8)'
  pen.lineWidth = radius * 0.016
  pen.beginPath()
  for (const side of [-1, -0.4, 0.4, 1]) {
    pen.moveTo(x + side * radius * 0.2, y + radius * 1.38)
    pen.lineTo(x + side * radius * 0.13, y + radius * 1.68)
  }
  pen.stroke()
  const basket = hex('#8a5a30')
  pen.fillStyle = css(basket)
  pen.beginPath()
  pen.roundRect(x - radius * 0.15, y + radius * 1.66, radius * 0.3, radius * 0.22, radius * 0.04)
  pen.fill()
  pen.fillStyle = css(lighten(darken(basket, 0.3), 0.1))
  pen.fillRect(x - radius * 0.16, y + radius * 1.65, radius * 0.32, radius * 0.05)
}

function traceEnvelope(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath()
  pen.moveTo(x - radius * 0.2, y + radius * 1.4)
  pen.bezierCurveTo(x - radius * 0.5, y + radius, x - radius, y + radius * 0.6, x - radius, y)
  pen.bezierCurveTo(x - radius, y - radius * 0.62, x - radius * 0.55, y - radius, x, y - radius)
  pen.bezierCurveTo(x + radius * 0.55, y - radius, x + radius, y - radius * 0.62, x + radius, y)
  pen.bezierCurveTo(
    x + radius,
    y + radius * 0.6,
    x + radius * 0.5,
    y + radius,
    x + radius * 0.2,
    y + radius * 1.4,
  )
  pen.closePath()
}
