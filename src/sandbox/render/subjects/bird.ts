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
      inLayer(pen, view, { camera, depth: 0.18 }, () => {
        for (const bird of birds) {
          const glide = 0.5 + 0.5 * Math.sin(timeS * 0.8 + bird.phase)
          const flap = Math.sin(timeS * bird.beat + bird.phase) * (0.35 + 0.65 * glide)
          const x = (bird.x + timeS * 0.045) * view.width
          const y = bird.y - timeS * view.unit * 7 - flap * bird.span * 0.07
          pen.save()
          pen.translate(x, y)
          pen.scale(bird.span, bird.span)
          pen.fillStyle = css(color)
          drawBird(pen, flap)
          pen.restore()
        }
      })
    },
  }
}

/** One bird, one unit from wing tip to wing tip; `flap` is 1 with the wings up and -1 with them down. */
function drawBird(pen: Pen, flap: number): void {
  const lift = -0.34 * flap
  pen.beginPath()
  pen.moveTo(0, 0)
  pen.quadraticCurveTo(-0.26, lift * 0.75 - 0.14, -0.56, lift)
  pen.quadraticCurveTo(-0.24, lift * 0.45 + 0.01, 0, 0.09)
  pen.quadraticCurveTo(0.24, lift * 0.45 + 0.01, 0.56, lift)
  pen.quadraticCurveTo(0.26, lift * 0.75 - 0.14, 0, 0)
  pen.fill()
  pen.beginPath()
  pen.ellipse(0.05, 0.035, 0.17, 0.05, 0.1, 0, Math.PI * 2)
  pen.fill()
}
