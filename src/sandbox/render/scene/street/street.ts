import { mix } from '../../color.ts'
import { halo } from '../halo.ts'
import type { Painter, View } from '../view.ts'
import { paintFacades } from './facades.ts'
import { createLens } from './lens.ts'
import { createPavement } from './pavement.ts'
import { paintStreetLife, planStreetLife } from './street-life.ts'
import { createStreetLights } from './street-lights.ts'
import { isLit, planStreet } from './street-plan.ts'
import { cityGlow } from './street-shot.ts'

/** How fast the camera walks down the street. */
const walkMps = 0.75

/** A street in perspective: buildings, shops, neon signs, lamps, people, and the wet pavement that mirrors them. */
export function createStreet(view: View): Painter {
  const lens = createLens(view)
  const plan = planStreet(view)
  const life = planStreetLife(view, plan.roadHalfM)
  const lights = createStreetLights(view, plan)
  const pavement = createPavement(view, plan)
  const glow = mix(cityGlow(view), [255, 170, 190], 0.35)
  const isPullingOut = view.scene.motion === 'pull-out'
  return {
    paint(pen, { timeS, camera }) {
      const advancedM = isPullingOut ? 6 - timeS * walkMps * 0.6 : timeS * walkMps
      const shot = { pen, view, lens: { ...lens, centerX: lens.centerX - camera.x * 0.5 }, advancedM, timeS }
      const end = { x: shot.lens.centerX, y: lens.horizonY, radius: view.width * 0.7 }
      if (isLit(view)) halo(pen, end, glow, 0.55)
      paintFacades(shot, plan.buildings)
      lights(shot)
      pavement.paint(shot)
      if (pavement.isWet) paintStreetLife(shot, life, 'mirrored')
      paintStreetLife(shot, life, 'themselves')
    },
  }
}
