import type { Shot } from '../draft-timeline.ts'
import type { Pen } from '../scene/view.ts'

type Wash = readonly [operation: GlobalCompositeOperation, color: string]
type GlobalCompositeOperation = Pen['globalCompositeOperation']

/** Grades by name: a wash of color or two laid over the picture. */
const grades: Readonly<Record<string, readonly Wash[]>> = {
  warm: [['soft-light', 'rgba(255,150,60,0.5)']],
  cool: [['soft-light', 'rgba(60,130,255,0.5)']],
  cinematic: [
    ['soft-light', 'rgba(0,80,110,0.45)'],
    ['overlay', 'rgba(255,170,110,0.16)'],
  ],
  vintage: [
    ['saturation', 'rgba(128,128,128,0.4)'],
    ['soft-light', 'rgba(220,160,90,0.5)'],
  ],
  'high-contrast': [['overlay', 'rgba(128,128,128,0.45)']],
  soft: [['screen', 'rgba(255,235,220,0.14)']],
}

/** Lays the shot's grade over its picture, and the black from which it comes or into which it goes. */
export function paintLook(
  pen: Pen,
  shot: Shot,
  timeS: number,
  canvas: { readonly width: number; readonly height: number },
): void {
  for (const [operation, color] of grades[shot.grade ?? ''] ?? []) {
    pen.globalCompositeOperation = operation
    pen.fillStyle = color
    pen.fillRect(0, 0, canvas.width, canvas.height)
  }
  pen.globalCompositeOperation = 'source-over'
  const dark = darkness(shot, timeS)
  if (dark <= 0) return
  pen.fillStyle = `rgba(0,0,0,${dark.toFixed(3)})`
  pen.fillRect(0, 0, canvas.width, canvas.height)
}

/** 0 in the middle of a shot, 1 at an end that fades. */
function darkness(shot: Shot, timeS: number): number {
  const rise = shot.fadeInS > 0 ? (timeS - shot.startS) / shot.fadeInS : 1
  const fall = shot.fadeOutS > 0 ? (shot.endS - timeS) / shot.fadeOutS : 1
  return 1 - Math.min(1, Math.max(0, Math.min(rise, fall)))
}
