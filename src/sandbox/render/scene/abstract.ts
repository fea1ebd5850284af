import { type Color, css, hex, lighten, mix } from '../color.ts'
import type { Mood } from '../scene-spec.ts'
import { dot } from './sky.ts'
import type { Painter, Pen, View } from './view.ts'

const moodColors: Readonly<Record<Mood, readonly string[]>> = {
  calm: ['#0b2545', '#13699b', '#35b0a8', '#bfe8d4'],
  bright: ['#2a1be0', '#1b7bff', '#2fd4f0', '#ff6fb5'],
  warm: ['#3b1c4a', '#c2385a', '#ff8a4c', '#ffd9a0'],
  tense: ['#0c0d18', '#3a1230', '#a3243b', '#f0a35e'],
  electric: ['#120a3a', '#5b1fd6', '#e0218a', '#22e0ff'],
  dreamy: ['#2a2150', '#6d4fc4', '#e58ac4', '#ffd9cf'],
}

/** For words that name nothing we can draw: flowing color, soft lights and fine ribbons in the mood of the words. */
export function createAbstract(view: View): readonly Painter[] {
  const colors = abstractColors(view)
  return [createFlow(view, colors), createRibbons(view, colors), createBokeh(view, colors)]
}

export function abstractColors(view: View): readonly Color[] {
  const base = moodColors[view.scene.palette.mood].map(hex)
  const accents = view.scene.palette.accents.map(hex)
  const [deep = hex('#0f2a4a'), ...rest] = base
  const first = accents[0]
  if (!first) return base
  return [mix(deep, first, 0.15), ...accents, ...rest].slice(0, 4)
}

/** Four colors pulled through one another by slow waves, in a small picture scaled up. */
function createFlow(view: View, colors: readonly Color[]): Painter {
  const columns = Math.round(view.width / 20)
  const rows = Math.round(view.height / 20)
  const bitmap = view.createBitmap(columns, rows)
  const small = bitmap.getContext('2d')
  const image = small.createImageData(columns, rows)
  const [first, second, third, fourth] = [0, 1, 2, 3].map(
    (index) => colors[index % colors.length] ?? hex('#000000'),
  ) as [Color, Color, Color, Color]
  const turn = view.random('flow').between(0, 9)
  const shade = (timeS: number) => {
    const slow = timeS * 0.32 + turn
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        const x = (column / rows) * 2.4
        const y = (row / rows) * 2.4
        const bendX = x + 0.55 * Math.sin(y * 1.7 + slow) + 0.2 * Math.sin(y * 3.9 - slow * 1.4)
        const bendY = y + 0.55 * Math.cos(x * 1.5 - slow * 0.8) + 0.2 * Math.cos(x * 4.1 + slow)
        const one = 0.5 + 0.5 * Math.sin(bendX * 1.9 + bendY * 0.7 + slow * 0.6)
        const two = 0.5 + 0.5 * Math.sin(bendY * 2.2 - bendX * 0.9 - slow * 0.7)
        const three = (0.5 + 0.5 * Math.sin((bendX + bendY) * 2.6 + slow)) ** 3
        const color = mix(mix(mix(first, second, one), third, two * 0.75), fourth, three * 0.55)
        const offset = (row * columns + column) * 4
        image.data[offset] = color[0]
        image.data[offset + 1] = color[1]
        image.data[offset + 2] = color[2]
        image.data[offset + 3] = 255
      }
    }
  }
  return {
    paint(pen, { timeS }) {
      shade(timeS)
      small.putImageData(image, 0, 0)
      pen.imageSmoothingQuality = 'high'
      pen.drawImage(bitmap, -20, -20, view.width + 40, view.height + 40)
      pen.imageSmoothingQuality = 'low'
    },
  }
}

function createRibbons(view: View, colors: readonly Color[]): Painter {
  const tone = lighten(colors[colors.length - 1] ?? hex('#ffffff'), 0.5)
  const { width, height, unit } = view
  return {
    paint(pen, { timeS }) {
      pen.globalCompositeOperation = 'screen'
      for (let ribbon = 0; ribbon < 3; ribbon += 1) {
        for (let strand = 0; strand < 7; strand += 1) {
          pen.strokeStyle = css(tone, 0.05 + 0.05 * Math.sin((strand / 6) * Math.PI))
          pen.lineWidth = unit * 1.6
          traceRibbon(pen, { width, height }, ribbon, strand, timeS)
          pen.stroke()
        }
      }
      pen.globalCompositeOperation = 'source-over'
    },
  }
}

function traceRibbon(
  pen: Pen,
  size: { width: number; height: number },
  ribbon: number,
  strand: number,
  timeS: number,
) {
  pen.beginPath()
  for (let step = 0; step <= 24; step += 1) {
    const u = step / 24
    const swing =
      Math.sin(u * 4.2 + timeS * 0.5 + ribbon * 2 + strand * 0.09) * 0.1 +
      Math.sin(u * 7.4 - timeS * 0.37 + ribbon + strand * 0.16) * 0.05
    const y = size.height * (0.26 + ribbon * 0.24 + swing + strand * 0.006)
    const x = size.width * (u * 1.1 - 0.05)
    if (step === 0) pen.moveTo(x, y)
    else pen.lineTo(x, y)
  }
}

function createBokeh(view: View, colors: readonly Color[]): Painter {
  const random = view.random('bokeh')
  const lights = Array.from({ length: 26 }, () => ({
    x: random.next(),
    y: random.next(),
    radius: view.unit * random.between(14, 90),
    drift: random.between(0.004, 0.02),
    phase: random.between(0, 7),
    color: lighten(random.pick(colors as [Color, ...Color[]]), 0.45),
  }))
  return {
    paint(pen, { timeS, camera }) {
      pen.globalCompositeOperation = 'screen'
      for (const light of lights) {
        const glow = 0.05 + 0.09 * (0.5 + 0.5 * Math.sin(timeS * 0.9 + light.phase))
        const x = (light.x + 0.02 * Math.sin(timeS * 0.4 + light.phase)) * view.width - camera.x * 0.4
        const y = ((((light.y - timeS * light.drift) % 1.2) + 1.2) % 1.2) * view.height - view.height * 0.1
        pen.fillStyle = css(light.color, glow)
        dot(pen, x, y, light.radius)
        pen.strokeStyle = css(light.color, glow * 1.5)
        pen.lineWidth = view.unit * 1.5
        pen.stroke()
      }
      pen.globalCompositeOperation = 'source-over'
    },
  }
}
