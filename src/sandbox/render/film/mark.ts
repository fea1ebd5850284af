import { textFont } from '../fonts.ts'
import type { CreateBitmap, Pen } from '../scene/view.ts'

export const markText = 'Clipline sandbox · simulated'

/** The honest mark in the lower right corner: small, quiet, always there. */
export function createMark(width: number, height: number, createBitmap: CreateBitmap): (pen: Pen) => void {
  const short = Math.min(width, height)
  const sizePx = Math.max(6, short * 0.0185)
  const probe = createBitmap(8, 8).getContext('2d')
  probe.font = textFont(sizePx)
  const textWidth = probe.measureText(markText).width
  const padding = sizePx * 0.75
  const bitmap = createBitmap(textWidth + padding * 2, sizePx * 2)
  const pen = bitmap.getContext('2d')
  pen.fillStyle = 'rgba(0,0,0,0.3)'
  pen.beginPath()
  pen.roundRect(0, 0, bitmap.width, bitmap.height, bitmap.height / 2)
  pen.fill()
  pen.font = textFont(sizePx)
  pen.textBaseline = 'middle'
  pen.fillStyle = 'rgba(255,255,255,0.82)'
  pen.fillText(markText, padding, bitmap.height * 0.53)
  const edge = short * 0.024
  const x = Math.round(width - bitmap.width - edge)
  const y = Math.round(height - bitmap.height - edge)
  return (target) => {
    target.drawImage(bitmap, x, y)
  }
}
