import type { Pen, View } from '../view.ts'

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

/** A rectangle on a wall that runs along the street at `x`. */
export interface WallPatch {
  readonly x: number
  readonly near: number
  readonly far: number
  readonly low: number
  readonly high: number
}

/** Adds the patch to the pen's path; many of one color are filled at once. */
export function traceWall(pen: Pen, lens: Lens, { x, near, far, low, high }: WallPatch): void {
  const nearX = screenX(lens, x, near)
  const farX = screenX(lens, x, far)
  pen.moveTo(nearX, screenY(lens, low, near))
  pen.lineTo(nearX, screenY(lens, high, near))
  pen.lineTo(farX, screenY(lens, high, far))
  pen.lineTo(farX, screenY(lens, low, far))
  pen.closePath()
}

/** A rectangle on the ground, `widthM` wide around `x`. */
export interface GroundPatch {
  readonly x: number
  readonly widthM: number
  readonly near: number
  readonly far: number
}

export function traceGround(pen: Pen, lens: Lens, { x, widthM, near, far }: GroundPatch): void {
  const half = widthM / 2
  pen.moveTo(screenX(lens, x - half, near), screenY(lens, 0, near))
  pen.lineTo(screenX(lens, x + half, near), screenY(lens, 0, near))
  pen.lineTo(screenX(lens, x + half, far), screenY(lens, 0, far))
  pen.lineTo(screenX(lens, x - half, far), screenY(lens, 0, far))
  pen.closePath()
}
