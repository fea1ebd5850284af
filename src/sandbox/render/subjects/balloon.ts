import { type Color, css, hex } from '../color.ts'
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
        inLayer(pen, view, { camera, depth: balloon.depth }, () => {
          const x = (balloon.x + 0.012 * Math.sin(timeS * 0.5 + balloon.phase)) * view.width
          const y = balloon.y * view.horizonY - timeS * view.unit * 9
          pen.translate(x, y)
          pen.scale(balloon.radius, balloon.radius)
          drawBalloon(pen, balloon.colors)
        })
      }
    },
  }
}

/** One balloon around the pen's origin; one unit is the radius of its envelope. */
function drawBalloon(pen: Pen, colors: readonly Color[]): void {
  const gores = 8
  pen.save()
  traceEnvelope(pen)
  pen.clip()
  for (let gore = 0; gore < gores; gore += 1) {
    const from = Math.cos((gore / gores) * Math.PI)
    const to = Math.cos(((gore + 1) / gores) * Math.PI)
    pen.fillStyle = css(colors[gore % 2] ?? hex('#e6453c'))
    pen.fillRect(-from * 1.02, -1.1, (from - to) * 1.02 + 0.01, 2.7)
  }
  const shine = pen.createRadialGradient(-0.4, -0.45, 0, 0, 0, 1.6)
  shine.addColorStop(0, 'rgba(255,255,255,0.42)')
  shine.addColorStop(0.5, 'rgba(255,255,255,0)')
  shine.addColorStop(1, 'rgba(10,5,40,0.55)')
  pen.fillStyle = shine
  pen.fillRect(-1, -1.1, 2, 2.8)
  pen.restore()
  drawBasket(pen)
}

function drawBasket(pen: Pen): void {
  pen.strokeStyle = 'rgba(40,26,20,0.8)'
  pen.lineWidth = 0.016
  pen.beginPath()
  for (const side of [-1, -0.4, 0.4, 1]) {
    pen.moveTo(side * 0.2, 1.38)
    pen.lineTo(side * 0.13, 1.68)
  }
  pen.stroke()
  pen.fillStyle = '#8a5a30'
  pen.beginPath()
  pen.roundRect(-0.15, 1.66, 0.3, 0.22, 0.04)
  pen.fill()
  pen.fillStyle = '#6b4726'
  pen.fillRect(-0.16, 1.65, 0.32, 0.05)
}

function traceEnvelope(pen: Pen): void {
  pen.beginPath()
  pen.moveTo(-0.2, 1.4)
  pen.bezierCurveTo(-0.5, 1, -1, 0.6, -1, 0)
  pen.bezierCurveTo(-1, -0.62, -0.55, -1, 0, -1)
  pen.bezierCurveTo(0.55, -1, 1, -0.62, 1, 0)
  pen.bezierCurveTo(1, 0.6, 0.5, 1, 0.2, 1.4)
  pen.closePath()
}
