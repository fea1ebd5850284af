import { type Color, css, darken, hex, lighten, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { dot, halo } from '../scene/halo.ts'
import { litBy } from '../scene/light.ts'
import type { Painter, Pen, View } from '../scene/view.ts'

const carriages = 6

/** A train that passes through the middle distance on an embankment, windows lit after dark. */
export function createTrain(view: View): Painter {
  const { width, horizonY, unit } = view
  const isDark = view.scene.time === 'night' || view.scene.time === 'dusk' || view.scene.time === 'sunset'
  const rail = horizonY + (view.height - horizonY) * 0.13
  const tall = unit * 92
  const step = tall * (carriageLength + 0.09)
  const ballast = mix(litBy(view.light, hex('#6b6560')), view.light.haze, 0.2)
  const livery = {
    body: mix(litBy(view.light, hex('#c9d3dc')), view.light.haze, 0.1),
    stripe: litBy(view.light, hex(view.scene.palette.accents[0] ?? '#d6402f')),
    glass: isDark ? hex('#ffdf9a') : litBy(view.light, hex('#33475c')),
  }
  return {
    paint(pen, { camera, timeS }) {
      inLayer(pen, view, { camera, depth: 0.5 }, () => {
        pen.fillStyle = css(ballast)
        pen.fillRect(-view.margin * 2, rail - unit * 4, width + view.margin * 4, unit * 20)
        pen.fillStyle = css(darken(ballast, 0.5))
        pen.fillRect(-view.margin * 2, rail - unit * 5, width + view.margin * 4, unit * 4)
        const head = -step * 0.2 + timeS * width * 0.3
        for (let carriage = 0; carriage < carriages; carriage += 1) {
          pen.save()
          pen.translate(head - carriage * step, rail - unit * 6)
          pen.scale(tall, tall)
          drawCarriage(pen, livery, carriage === 0 ? 'head' : 'behind')
          pen.restore()
        }
        if (!isDark) return
        pen.globalCompositeOperation = 'lighter'
        halo(pen, { x: head, y: rail - tall * 0.35, radius: unit * 150 }, hex('#fff0c8'), 0.7)
        pen.globalCompositeOperation = 'source-over'
      })
    },
  }
}

interface Livery {
  readonly body: Color
  readonly stripe: Color
  readonly glass: Color
}

/** Width of a carriage; its height is one unit. */
const carriageLength = 3.26
const panes = 7

/** One carriage whose front end is at the pen's origin; it reaches to the left. */
function drawCarriage(pen: Pen, livery: Livery, place: 'head' | 'behind'): void {
  const isHead = place === 'head'
  const metal = pen.createLinearGradient(0, -1, 0, 0)
  metal.addColorStop(0, css(lighten(livery.body, 0.25)))
  metal.addColorStop(1, css(darken(livery.body, 0.35)))
  pen.fillStyle = metal
  pen.beginPath()
  pen.roundRect(-carriageLength, -1, carriageLength, 0.86, isHead ? [0.08, 0.75, 0.14, 0.05] : 0.08)
  pen.fill()
  pen.fillStyle = css(livery.stripe)
  pen.fillRect(-carriageLength, -0.34, carriageLength * (isHead ? 0.985 : 1), 0.09)
  pen.fillStyle = css(livery.glass)
  for (let pane = 0; pane < panes; pane += 1) {
    const left = carriageLength * (-0.95 + (pane * (isHead ? 0.74 : 0.92)) / panes)
    pen.beginPath()
    pen.roundRect(left, -0.8, carriageLength * 0.085, 0.32, 0.05)
    pen.fill()
  }
  if (isHead) drawWindscreen(pen)
  pen.fillStyle = '#15161c'
  for (const share of [0.12, 0.24, 0.76, 0.88]) dot(pen, -carriageLength * share, -0.08, 0.085)
}

function drawWindscreen(pen: Pen): void {
  pen.beginPath()
  pen.moveTo(-0.39, -0.84)
  pen.quadraticCurveTo(-0.13, -0.78, -0.08, -0.5)
  pen.lineTo(-0.42, -0.5)
  pen.fill()
}
