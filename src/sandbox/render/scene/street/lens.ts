import type { View } from '../view.ts'

/** Sees a street along its middle: meters in, pixels out. `x` to the right, `y` up from the pavement, `z` ahead. */
export interface Lens {
  readonly centerX: number
  readonly horizonY: number
  /** Height of the eye above the pavement. */
  readonly eyeM: number
  /** Pixels that one meter takes at one meter's distance. */
  readonly focal: number
  /** Nothing nearer than this is drawn. */
  readonly nearM: number
}

export function createLens(view: View): Lens {
  const isTall = view.height > view.width
  return {
    centerX: view.width / 2,
    horizonY: view.horizonY,
    eyeM: 1.9,
    focal: isTall ? view.height * 0.56 : view.width * 0.52,
    nearM: 1,
  }
}

export const screenX = (lens: Lens, x: number, z: number) => lens.centerX + (lens.focal * x) / z
export const screenY = (lens: Lens, y: number, z: number) =>
  lens.horizonY - (lens.focal * (y - lens.eyeM)) / z
/** Pixels of one meter at distance `z`. */
export const metersToPixels = (lens: Lens, z: number) => lens.focal / z
/** Which distance of the pavement is seen at the row `y` of the picture. */
export const groundDistance = (lens: Lens, y: number) =>
  (lens.focal * lens.eyeM) / Math.max(0.5, y - lens.horizonY)
