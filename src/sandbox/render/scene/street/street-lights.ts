import { hex } from '../../color.ts'
import { halo } from '../halo.ts'
import type { Bitmap, View } from '../view.ts'
import { metersToPixels, screenX, screenY } from './lens.ts'
import { createSignBitmap, glowMarginM } from './neon-sign.ts'
import { isLit, type Lamp, type NeonSign, type StreetPlan } from './street-plan.ts'
import type { StreetShot } from './street-shot.ts'

interface HungSign {
  readonly sign: NeonSign
  readonly bitmap: Bitmap
  readonly phase: number
}

/** Beyond, the bloom of the whole picture is halo enough. */
const farthestHaloM = 34
const lampLight = hex('#ffc27a')

/** Draws the lamps and signs of a street, far to near. By day they hang there unlit. */
export function createStreetLights(view: View, plan: StreetPlan): (shot: StreetShot) => void {
  const random = view.random('neon')
  const signs: HungSign[] = plan.signs
    .map((sign) => ({ sign, bitmap: createSignBitmap(view, sign), phase: random.between(0, 20) }))
    .sort((one, other) => other.sign.zM - one.sign.zM)
  const lamps = [...plan.lamps].sort((one, other) => other.zM - one.zM)
  return (shot) => {
    for (const lamp of lamps) paintLamp(shot, plan, lamp)
    for (const sign of signs) paintSign(shot, sign)
  }
}

function paintSign(
  { pen, view, lens, advancedM, timeS }: StreetShot,
  { sign, bitmap, phase }: HungSign,
): void {
  const z = sign.zM - advancedM
  if (z < 2.5) return
  const scale = metersToPixels(lens, z)
  const x = screenX(lens, sign.side * sign.offsetM, z)
  const y = screenY(lens, sign.bottomM + sign.heightM / 2, z)
  const isOn = isLit(view)
  const power = isOn ? brightness(sign, timeS + phase) : 0.72
  if (isOn && z < farthestHaloM) {
    pen.globalCompositeOperation = 'lighter'
    const radius = (Math.max(sign.widthM, sign.heightM) * 0.6 + 1) * scale
    halo(pen, { x, y, radius }, sign.color, 0.38 * power)
    pen.globalCompositeOperation = 'source-over'
  }
  const width = (sign.widthM + glowMarginM * 2) * scale
  const height = (sign.heightM + glowMarginM * 2) * scale
  pen.globalAlpha = 0.35 + 0.65 * power
  pen.drawImage(bitmap, x - width / 2, y - height / 2, width, height)
  pen.globalAlpha = 1
}

/** Neon breathes a little; a broken tube drops out now and then. */
function brightness(sign: NeonSign, timeS: number): number {
  const breath = 0.93 + 0.07 * Math.sin(timeS * 2.1)
  if (!sign.isBroken) return breath
  const beat = Math.sin(timeS * 23) * Math.sin(timeS * 7.3) * Math.sin(timeS * 3.1)
  return beat > 0.12 ? 0.25 : breath
}

function paintLamp({ pen, view, lens, advancedM }: StreetShot, plan: StreetPlan, lamp: Lamp): void {
  const z = lamp.zM - advancedM
  if (z < 2) return
  const scale = metersToPixels(lens, z)
  const x = screenX(lens, lamp.side * (plan.roadHalfM + 0.35), z)
  const top = screenY(lens, 5.2, z)
  const headX = x - lamp.side * 1.1 * scale
  pen.strokeStyle = 'rgba(9,10,22,0.95)'
  pen.lineWidth = Math.max(1, 0.1 * scale)
  pen.lineCap = 'round'
  pen.beginPath()
  pen.moveTo(x, screenY(lens, 0, z))
  pen.lineTo(x, top + 0.5 * scale)
  pen.quadraticCurveTo(x, top, headX, top)
  pen.stroke()
  pen.fillStyle = 'rgb(255,236,200)'
  pen.beginPath()
  pen.ellipse(headX, top + 0.07 * scale, 0.3 * scale, 0.09 * scale, 0, 0, Math.PI * 2)
  pen.fill()
  if (!isLit(view) || z > farthestHaloM) return
  pen.globalCompositeOperation = 'lighter'
  halo(pen, { x: headX, y: top, radius: 2.6 * scale }, lampLight, 0.5)
  pen.globalCompositeOperation = 'source-over'
}
