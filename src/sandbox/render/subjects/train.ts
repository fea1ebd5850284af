import { css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { litBy } from '../scene/light.ts'
import { halo } from '../scene/sky.ts'
import type { Painter, Pen, View } from '../scene/view.ts'

const carriages = 6

/** A train that passes through the middle distance on an embankment, windows lit after dark. */
export function createTrain(view: View): Painter {
  const { width, horizonY, unit } = view
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk' || view.scene.time === 'sunset'
  const rail = horizonY + (view.height - horizonY) * 0.13
  const length = unit * 300
  const tall = unit * 92
  const ballast = mix(litBy(view.light, hex('#6b6560')), view.light.haze, 0.2)
  const livery = {
    body: mix(litBy(view.light, hex('#c9d3dc')), view.light.haze, 0.1),
    stripe: litBy(view.light, hex(view.scene.palette.accents[0] ?? '#d6402f')),
    glass: isDark ? hex('#ffdf9a') : litBy(view.light, hex('#33475c')),
    isDark,
  }
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, camera, 0.5, () => {
        pen.fillStyle = css(ballast)
        pen.fillRect(-view.margin * 2, rail - unit * 4, width + view.margin * 4, unit * 20)
        pen.fillStyle = css(darken(ballast, 0.5))
        pen.fillRect(-view.margin * 2, rail - unit * 5, width + view.margin * 4, unit * 4)
        const head = -length * 0.2 + timeS * width * 0.3
        for (let carriage = 0; carriage < carriages; carriage += 1) {
          pen.save()
          pen.translate(head - carriage * (length + unit * 8), rail - unit * 6)
          drawCarriage(pen, length, tall, carriage === 0, livery)
          pen.restore()
        }
        if (!isDark) return
        pen.globalCompositeOperation = 'lighter'
        halo(pen, head, rail - tall * 0.35, unit * 150, hex('#fff0c8'), 0.7)
        pen.globalCompositeOperation = 'source-over'
      })
    },
  }
}

interface Livery {
  readonly body: ReturnType<typeof hex>
  readonly stripe: ReturnType<typeof hex>
  readonly glass: ReturnType<typeof hex>
  readonly isDark: boolean
}

/** One carriage whose front end is at the pen's origin; it reaches to the left. */
function drawCarriage(pen: Pen, length: number, tall: number, isFirst: boolean, livery: Livery): void {
  const body = pen.createLinearGradient(0, -tall, 0, 0)
  body.addColorStop(0, css(lighten(livery.body, 0.25)))
  body.addColorStop(1, css(darken(livery.body, 0.35)))
  pen.fillStyle = body
  pen.beginPath()
  pen.roundRect(
    -length,
    -tall,
    length,
    tall * 0.86,
    isFirst ? [tall * 0.08, tall * 0.75, tall * 0.14, tall * 0.05] : tall * 0.08,
  )
  pen.fill()
  pen.fillStyle = css(livery.stripe)
  pen.fillRect(-length, -tall * 0.34, length * (isFirst ? 0.985 : 1), tall * 0.09)
  pen.fillStyle = css(livery.glass)
  const panes = 7
  for (let pane = 0; pane < panes; pane += 1) {
    const from = -length * 0.95 + (pane * length * (isFirst ? 0.74 : 0.92)) / panes
    pen.beginPath()
    pen.roundRect(from, -tall * 0.8, length * 0.085, tall * 0.32, tall * 0.05)
    pen.fill()
  }
  if (isFirst) {
    pen.beginPath()
    pen.moveTo(-length * 0.12, -tall * 0.84)
    pen.quadraticCurveTo(-length * 0.04, -tall * 0.78, -length * 0.025, -tall * 0.5)
    pen.lineTo(-length * 0.13, -tall * 0.5)
    pen.fill()
  }
  pen.fillStyle = '#15161c'
  for (const share of [0.12, 0.24, 0.76, 0.88]) {
    pen.beginPath()
    pen.arc(-length * share, -tall * 0.08, tall * 0.085, 0, Math.PI * 2)
    pen.fill()
  }
}
