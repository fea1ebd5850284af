import { createNoise, fractal } from '../../noise.ts'
import { shadeBitmap } from '../pixels.ts'
import type { Bitmap, Pen, View } from '../view.ts'
import { emptyGroundMap, type GroundMap, layGround } from './ground-map.ts'
import type { StreetPlan } from './street-plan.ts'
import type { StreetShot } from './street-shot.ts'

export interface StreetMirror {
  /** Takes what the picture shows above the ground, before the ground is painted over it. */
  look(shot: StreetShot): void
  /** Lays it, mirrored, over the painted ground. */
  paint(shot: StreetShot): void
}

/** How much the mirrored picture is squeezed before it is stretched again: lights smear downward on wet asphalt. */
const smear = 0.12

/**
 * The street in the wet pavement. A wall mirrors about the line where it meets the ground; for each half of the picture
 * that is a plain flip and shear, so two drawings of a small copy of the picture are an exact reflection.
 */
export function createStreetMirror(view: View, plan: StreetPlan): StreetMirror {
  const isFine = view.detail > 0.5
  const scale = isFine ? 0.25 : 0.5
  const { width, height } = view
  const dryness = drynessMap(view, plan)
  const copy = view.createBitmap(width * scale, height * scale * smear)
  const ground = view.createBitmap(width * scale, height * scale)
  const copyPen = copy.getContext('2d')
  const groundPen = ground.getContext('2d')
  return {
    look(shot) {
      copyPen.drawImage(shot.pen.canvas, 0, 0, copy.width, copy.height)
      groundPen.clearRect(0, 0, ground.width, ground.height)
      groundPen.save()
      groundPen.scale(scale, scale)
      for (const side of [-1, 1] as const) flip(groundPen, shot, side, { copy, plan })
      groundPen.restore()
      groundPen.globalCompositeOperation = 'destination-out'
      const laying = { bottom: height + view.margin, bandPx: isFine ? 5 : 2, scale }
      layGround(groundPen, dryness, { ...laying, lens: shot.lens, advancedM: shot.advancedM })
      groundPen.globalCompositeOperation = 'source-over'
    },
    paint(shot) {
      ripple(shot, ground, scale)
    },
  }
}

/** Draws one half of the copy upside down about the foot of that side's wall. */
function flip(
  pen: Pen,
  { view, lens }: StreetShot,
  side: -1 | 1,
  { copy, plan }: { readonly copy: Bitmap; readonly plan: StreetPlan },
): void {
  const slope = ((2 * lens.eyeM) / plan.wallM) * side
  pen.save()
  pen.beginPath()
  pen.rect(side < 0 ? -view.margin : lens.centerX, lens.horizonY, view.width / 2 + view.margin, view.height)
  pen.clip()
  pen.transform(1, slope, 0, -1, 0, 2 * lens.horizonY - slope * lens.centerX)
  pen.drawImage(copy, 0, 0, view.width, view.height)
  pen.restore()
}

/** Lays the mirrored street in bands that sway a little, more the nearer they are. */
function ripple({ pen, view, timeS }: StreetShot, ground: Bitmap, scale: number): void {
  const { width, height, horizonY, unit } = view
  const bandPx = view.detail > 0.5 ? 6 : 2
  const overhang = unit * 7
  pen.save()
  pen.globalCompositeOperation = 'screen'
  pen.globalAlpha = 0.95
  for (let y = horizonY; y < height; y += bandPx) {
    const near = (y - horizonY) / (height - horizonY)
    const sway = Math.sin(y * 0.11 + timeS * 2.3) + Math.sin(y * 0.047 - timeS * 1.4)
    const left = unit * (0.4 + 2.6 * near) * sway - overhang
    pen.drawImage(ground, 0, y * scale, ground.width, bandPx * scale, left, y, width + overhang * 2, bandPx)
  }
  pen.restore()
}

/** Opaque where the ground is dry and mirrors nothing; puddles gather along the curbs. */
function drynessMap(view: View, plan: StreetPlan): GroundMap {
  const map = emptyGroundMap(view, 10 * Math.max(0.5, view.detail))
  const noise = createNoise(view.scene.seed ^ 0x9a7)
  const { halfWidthM, lengthM } = map
  const isRaining = view.scene.weather === 'rain' || view.scene.weather === 'storm'
  const wetness = isRaining ? 0.2 : 0.05
  // On a circle, so that the map's ends meet.
  const radius = lengthM / 12
  const bitmap = shadeBitmap(view, map.bitmap.width, map.bitmap.height, (u, v, bytes, offset) => {
    const x = (u * 2 - 1) * halfWidthM
    const turn = v * Math.PI * 2
    const pools = fractal(noise, x * 0.5 + 40 + Math.cos(turn) * radius, Math.sin(turn) * radius + 40, 3)
    const gutter = Math.max(0, 1 - Math.abs(Math.abs(x) - plan.roadHalfM + 0.4) / 0.8) * 0.14
    const wet = Math.min(1, Math.max(0, (pools + gutter + wetness - 0.42) / 0.16))
    bytes[offset + 3] = 255 * (0.55 - 0.55 * wet)
  })
  return { ...map, bitmap }
}
