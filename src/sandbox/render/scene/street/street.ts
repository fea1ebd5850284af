import { mix } from '../../color.ts'
import { halo } from '../sky.ts'
import type { Painter, View } from '../view.ts'
import { cityGlow, paintFacades } from './facades.ts'
import { createLens } from './lens.ts'
import { createStreetLights } from './neon.ts'
import { createPavement } from './pavement.ts'
import { paintStreetLife, planStreetLife } from './street-life.ts'
import { isLit, planStreet } from './street-plan.ts'

/** How fast the camera walks down the street. */
const walkMps = 0.75

/** A street in perspective: buildings with lit windows, shops, neon signs, lamps, people, and the wet pavement that mirrors them. */
export function createStreet(view: View): Painter {
  const lens = createLens(view)
  const plan = planStreet(view)
  const life = planStreetLife(view, plan.roadHalfM)
  const lights = createStreetLights(view, plan)
  const pavement = createPavement(view, plan)
  const glow = mix(cityGlow(view), [255, 170, 190], 0.35)
  const isDark = isLit(view)
  const isPullingOut = view.scene.motion === 'pull-out'
  return {
    paint(pen, { timeS, camera }) {
      const advancedM = isPullingOut ? 6 - timeS * walkMps * 0.6 : timeS * walkMps
      const shifted = { ...lens, centerX: lens.centerX - camera.x * 0.5 }
      if (isLit(view)) halo(pen, shifted.centerX, lens.horizonY, view.width * 0.7, glow, 0.55)
      paintFacades(pen, view, shifted, plan.buildings, advancedM)
      lights(pen, shifted, advancedM, timeS)
      pavement.paint(pen, shifted, advancedM, timeS)
      if (pavement.isWet) paintStreetLife(pen, shifted, life, { advancedM, timeS, isMirror: true, isDark })
      paintStreetLife(pen, shifted, life, { advancedM, timeS, isMirror: false, isDark })
    },
  }
}
