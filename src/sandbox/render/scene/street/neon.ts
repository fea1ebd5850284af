import { type Color, css, hex, lighten } from '../../color.ts'
import { displayFont } from '../../fonts.ts'
import { halo } from '../sky.ts'
import type { Bitmap, Pen, View } from '../view.ts'
import { type Lens, metersToPixels, screenX, screenY } from './lens.ts'
import { isLit, type Lamp, type NeonSign, type StreetPlan } from './street-plan.ts'

/** Draws the signs and lamps of a street, far to near. */
export type LightsPainter = (pen: Pen, lens: Lens, advancedM: number, timeS: number) => void

interface SignSprite {
  readonly sign: NeonSign
  readonly bitmap: Bitmap
  readonly phase: number
}

const lampLight = hex('#ffc27a')

/** Space around a sign in its sprite, in meters, for its glow. */
const glowMarginM = 0.6

export function createStreetLights(view: View, plan: StreetPlan): LightsPainter {
  const random = view.random('neon')
  const pixelsPerM = 90 * view.unit * 1.1 * (view.detail > 0.5 ? 1 : 2)
  const sprites = plan.signs
    .map((sign) => ({
      sign,
      bitmap: signBitmap(view, sign, pixelsPerM),
      phase: random.between(0, 20),
    }))
    .sort((one, other) => other.sign.zM - one.sign.zM)
  const isOn = isLit(view)
  const lamps = [...plan.lamps].sort((one, other) => other.zM - one.zM)
  return (pen, lens, advancedM, timeS) => {
    for (const lamp of lamps) paintLamp(pen, lens, plan, lamp, { advancedM, isOn })
    for (const sprite of sprites) paintSign(pen, lens, sprite, { advancedM, isOn, timeS })
  }
}

interface LightMoment {
  readonly advancedM: number
  /** By day signs and lamps hang there unlit. */
  readonly isOn: boolean
}

function paintSign(
  pen: Pen,
  lens: Lens,
  sprite: SignSprite,
  moment: LightMoment & { readonly timeS: number },
): void {
  const { sign } = sprite
  const z = sign.zM - moment.advancedM
  if (z < 2.5) return
  const scale = metersToPixels(lens, z)
  const x = screenX(lens, sign.side * sign.offsetM, z)
  const y = screenY(lens, sign.bottomM + sign.heightM / 2, z)
  const power = moment.isOn ? brightness(sign, moment.timeS + sprite.phase) : 0.72
  const reach = (Math.max(sign.widthM, sign.heightM) * 0.75 + 1.6) * scale
  if (moment.isOn) {
    pen.globalCompositeOperation = 'lighter'
    halo(pen, x, y, reach, sign.color, 0.38 * power)
    pen.globalCompositeOperation = 'source-over'
  }
  const width = (sign.widthM + glowMarginM * 2) * scale
  const height = (sign.heightM + glowMarginM * 2) * scale
  pen.globalAlpha = 0.35 + 0.65 * power
  pen.drawImage(sprite.bitmap, x - width / 2, y - height / 2, width, height)
  pen.globalAlpha = 1
}

/** Neon breathes a little; a broken tube drops out now and then. */
function brightness(sign: NeonSign, timeS: number): number {
  const breath = 0.93 + 0.07 * Math.sin(timeS * 2.1)
  if (!sign.isBroken) return breath
  const beat = Math.sin(timeS * 23) * Math.sin(timeS * 7.3) * Math.sin(timeS * 3.1)
  return beat > 0.12 ? 0.25 : breath
}

function signBitmap(view: View, sign: NeonSign, pixelsPerM: number): Bitmap {
  const width = sign.widthM * pixelsPerM
  const height = sign.heightM * pixelsPerM
  const margin = glowMarginM * pixelsPerM
  const bitmap = view.createBitmap(width + margin * 2, height + margin * 2)
  const pen = bitmap.getContext('2d')
  pen.translate(margin, margin)
  pen.fillStyle = 'rgba(8,8,22,0.92)'
  pen.beginPath()
  pen.roundRect(0, 0, width, height, pixelsPerM * 0.14)
  pen.fill()
  pen.shadowColor = css(sign.color)
  pen.lineJoin = 'round'
  for (const [blur, lineWidth, color] of neonStrokes(sign.color, pixelsPerM)) {
    pen.shadowBlur = blur
    pen.strokeStyle = css(color)
    pen.fillStyle = css(color)
    pen.lineWidth = lineWidth
    pen.beginPath()
    pen.roundRect(width * 0.06, width * 0.06, width * 0.88, height - width * 0.12, pixelsPerM * 0.1)
    pen.stroke()
    writeSign(pen, sign, width, height, pixelsPerM)
  }
  return bitmap
}

/** Blur, width and color of the strokes that make a glass tube: a wide glow, the tube, its white-hot middle. */
function neonStrokes(color: Color, pixelsPerM: number): readonly (readonly [number, number, Color])[] {
  return [
    [pixelsPerM * 0.5, pixelsPerM * 0.09, color],
    [pixelsPerM * 0.22, pixelsPerM * 0.075, color],
    [0, pixelsPerM * 0.03, lighten(color, 0.72)],
  ]
}

function writeSign(pen: Pen, sign: NeonSign, width: number, height: number, pixelsPerM: number): void {
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  if (!sign.isUpright) {
    pen.font = displayFont(pixelsPerM * 0.58)
    pen.fillText(sign.text, width / 2, height * 0.53, width * 0.84)
    return
  }
  pen.font = displayFont(pixelsPerM * 0.66)
  const step = (height - pixelsPerM * 0.35) / sign.text.length
  ;[...sign.text].forEach((letter, index) => {
    pen.fillText(letter, width / 2, pixelsPerM * 0.18 + step * (index + 0.5), width * 0.8)
  })
}

function paintLamp(pen: Pen, lens: Lens, plan: StreetPlan, lamp: Lamp, moment: LightMoment): void {
  const z = lamp.zM - moment.advancedM
  if (z < 2) return
  const scale = metersToPixels(lens, z)
  const x = screenX(lens, lamp.side * (plan.roadHalfM + 0.35), z)
  const foot = screenY(lens, 0, z)
  const top = screenY(lens, 5.2, z)
  const reach = -lamp.side * 1.1 * scale
  pen.strokeStyle = 'rgba(9,10,22,0.95)'
  pen.lineWidth = Math.max(1, 0.1 * scale)
  pen.lineCap = 'round'
  pen.beginPath()
  pen.moveTo(x, foot)
  pen.lineTo(x, top + 0.5 * scale)
  pen.quadraticCurveTo(x, top, x + reach, top)
  pen.stroke()
  pen.fillStyle = 'rgb(255,236,200)'
  pen.beginPath()
  pen.ellipse(x + reach, top + 0.07 * scale, 0.3 * scale, 0.09 * scale, 0, 0, Math.PI * 2)
  pen.fill()
  if (!moment.isOn) return
  pen.globalCompositeOperation = 'lighter'
  halo(pen, x + reach, top, 2.6 * scale, lampLight, 0.5)
  pen.globalCompositeOperation = 'source-over'
}
