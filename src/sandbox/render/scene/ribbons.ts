import { type Color, css, hex, lighten } from '../color.ts'
import type { Painter, Pen, View } from './view.ts'

interface Strand {
  readonly ribbon: number
  readonly strand: number
}

const strands: readonly Strand[] = [0, 1, 2].flatMap((ribbon) =>
  [0, 1, 2, 3, 4, 5, 6].map((strand) => ({ ribbon, strand })),
)

/** Three bundles of fine lines that swing across the picture. */
export function createRibbons(view: View, colors: readonly Color[]): Painter {
  const tone = lighten(colors[colors.length - 1] ?? hex('#ffffff'), 0.5)
  return {
    paint(pen, { timeS }) {
      pen.globalCompositeOperation = 'screen'
      pen.lineWidth = view.unit * 1.6
      for (const line of strands) {
        pen.strokeStyle = css(tone, 0.05 + 0.05 * Math.sin((line.strand / 6) * Math.PI))
        traceStrand(pen, view, line, timeS)
        pen.stroke()
      }
      pen.globalCompositeOperation = 'source-over'
    },
  }
}

function traceStrand(pen: Pen, view: View, { ribbon, strand }: Strand, timeS: number): void {
  pen.beginPath()
  for (let step = 0; step <= 24; step += 1) {
    const u = step / 24
    const swing =
      Math.sin(u * 4.2 + timeS * 0.5 + ribbon * 2 + strand * 0.09) * 0.1 +
      Math.sin(u * 7.4 - timeS * 0.37 + ribbon + strand * 0.16) * 0.05
    const x = view.width * (u * 1.1 - 0.05)
    const y = view.height * (0.26 + ribbon * 0.24 + swing + strand * 0.006)
    if (step === 0) pen.moveTo(x, y)
    else pen.lineTo(x, y)
  }
}
