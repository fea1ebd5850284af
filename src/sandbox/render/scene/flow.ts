import { type Color, hex, mix } from '../color.ts'
import type { Painter, View } from './view.ts'

/** Four colors pulled through one another by slow waves, in a small picture scaled up. */
export function createFlow(view: View, colors: readonly Color[]): Painter {
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
