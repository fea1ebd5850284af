import { type Color, css, lighten } from '../../color.ts'
import { displayFont } from '../../fonts.ts'
import type { Bitmap, Pen, View } from '../view.ts'
import type { NeonSign } from './street-plan.ts'

/** Space around a sign in its bitmap, in meters, for its glow. */
export const glowMarginM = 0.6

/** A sign drawn once: a dark box, a frame and letters of glass tube. */
export function createSignBitmap(view: View, sign: NeonSign): Bitmap {
  const pixelsPerM = view.unit * (view.detail > 0.5 ? 99 : 198)
  const width = sign.widthM * pixelsPerM
  const height = sign.heightM * pixelsPerM
  const margin = glowMarginM * pixelsPerM
  const bitmap = view.createBitmap(width + margin * 2, height + margin * 2)
  const pen = bitmap.getContext('2d')
  pen.translate(margin, margin)
  pen.scale(pixelsPerM, pixelsPerM)
  pen.fillStyle = 'rgba(8,8,22,0.92)'
  pen.beginPath()
  pen.roundRect(0, 0, sign.widthM, sign.heightM, 0.14)
  pen.fill()
  pen.shadowColor = css(sign.color)
  pen.lineJoin = 'round'
  for (const { blurM, widthM, color } of tubeStrokes(sign.color)) {
    pen.shadowBlur = blurM * pixelsPerM
    pen.strokeStyle = css(color)
    pen.fillStyle = css(color)
    pen.lineWidth = widthM
    const inset = sign.widthM * 0.06
    pen.beginPath()
    pen.roundRect(inset, inset, sign.widthM - inset * 2, sign.heightM - inset * 2, 0.1)
    pen.stroke()
    writeSign(pen, sign)
  }
  return bitmap
}

/** A wide glow, the tube, and its white-hot middle. */
function tubeStrokes(color: Color) {
  return [
    { blurM: 0.5, widthM: 0.09, color },
    { blurM: 0.22, widthM: 0.075, color },
    { blurM: 0, widthM: 0.03, color: lighten(color, 0.72) },
  ]
}

function writeSign(pen: Pen, sign: NeonSign): void {
  const { text, widthM, heightM } = sign
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  if (!sign.isUpright) {
    pen.font = displayFont(0.58)
    pen.fillText(text, widthM / 2, heightM * 0.53, widthM * 0.84)
    return
  }
  pen.font = displayFont(0.66)
  const step = (heightM - 0.35) / text.length
  ;[...text].forEach((letter, index) => {
    pen.fillText(letter, widthM / 2, 0.18 + step * (index + 0.5), widthM * 0.8)
  })
}
