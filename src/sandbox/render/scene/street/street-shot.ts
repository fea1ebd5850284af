import { type Color, hex, mix } from '../../color.ts'
import type { Pen, View } from '../view.ts'
import type { Lens } from './lens.ts'
import { isLit, streetLengthM } from './street-plan.ts'

/** One moment of a street: where it is drawn, who looks, and how far the camera has come. */
export interface StreetShot {
  readonly pen: Pen
  readonly view: View
  readonly lens: Lens
  readonly advancedM: number
  readonly timeS: number
}

/** The far end of a street fades into the glow of the city. */
export function distanceFade(view: View, color: Color, zM: number): Color {
  return mix(color, cityGlow(view), Math.min(0.9, (zM / streetLengthM) ** 0.8 * 1.05))
}

export const cityGlow = (view: View): Color =>
  isLit(view) ? mix(view.light.haze, hex('#6a4a9c'), 0.35) : view.light.haze
