import { css, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import type { Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'

/** A few birds crossing the sky in a loose line, each with its own beat. */
export function createBirds(view: View, subject: Pick<SceneSubject, 'count'>): Painter {
  const random = view.random('birds')
  const color = mix(view.light.shade, view.light.haze, view.scene.time === 'day' ? 0.15 : 0.08)
  const startY = view.horizonY * random.between(0.42, 0.56)
  const birds = Array.from({ length: Math.max(1, subject.count) }, (_, index) => ({
    x: 0.14 + index * random.between(0.045, 0.09),
    y: startY + view.unit * (Math.abs(index - 2) * 26 + random.between(-18, 18)),
    span: view.unit * (subject.count === 1 ? 92 : random.between(26, 46)),
    beat: random.between(5.2, 7.4),
    phase: random.between(0, 7),
  }))
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, camera, 0.18, () => {
        for (const bird of birds) {
          const glide = 0.5 + 0.5 * Math.sin(timeS * 0.8 + bird.phase)
          const flap = Math.sin(timeS * bird.beat + bird.phase) * (0.35 + 0.65 * glide)
          const x = (bird.x + timeS * 0.045) * view.width
          const y = bird.y - timeS * view.unit * 7 - flap * bird.span * 0.07
          drawBird(pen, x, y, bird.span, flap, css(color))
        }
      })
    },
  }
}

function drawBird(pen: Pen, x: number, y: number, span: number, flap: number, fill: string): void {
  const lift = -span * 0.34 * flap
  pen.fillStyle = fill
  pen.beginPath()
  pen.moveTo(x, y)
  pen.quadraticCurveTo(x - span * 0.26, y - span * 0.14 + lift * 0.75, x - span * 0.56, y + lift)
  pen.quadraticCurveTo(x - span * 0.24, y + span * 0.01 + lift * 0.45, x, y + span * 0.09)
  pen.quadraticCurveTo(x + span * 0.24, y + span * 0.01 + lift * 0.45, x + span * 0.56, y + lift)
  pen.quadraticCurveTo(x + span * 0.26, y - span * 0.14 + lift * 0.75, x, y)
  pen.fill()
  pen.beginPath()
  pen.ellipse(x + span * 0.05, y + span * 0.035, span * 0.17, span * 0.05, 0.1, 0, Math.PI * 2)
  pen.fill()
}
