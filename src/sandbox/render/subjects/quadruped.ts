import { type Color, css, darken, lighten, mix } from '../color.ts'
import { type Light, litBy } from '../scene/light.ts'
import type { Pen } from '../scene/view.ts'
import type { Breed } from './breed.ts'
import { legPoints, type Pose } from './gait.ts'
import { drawHead } from './quadruped-head.ts'
import { drawTail } from './quadruped-tail.ts'
import { fillSmooth, limbOutline, type Point } from './shape.ts'

/** The breed's colors as the light of the scene shows them. */
export interface LitBreed extends Breed {
  readonly rim: Color
}

export function lightBreed(breed: Breed, light: Light): LitBreed {
  const soften = (color: Color) => mix(color, litBy(light, color), 0.62)
  return {
    ...breed,
    coat: soften(breed.coat),
    dark: soften(breed.dark),
    pale: soften(breed.pale),
    socks: soften(breed.socks),
    rim: mix(lighten(breed.coat, 0.4), light.haze, 0.3),
  }
}

/** Draws an animal facing right with its feet at the pen's origin; one unit is the length of its body. */
export function drawQuadruped(pen: Pen, breed: LitBreed, pose: Pose): void {
  const hipHeight = breed.legLength * 0.94 + breed.bodyDepth * 0.3
  pen.save()
  pen.translate(0, -hipHeight - pose.lift)
  pen.rotate(pose.pitch)
  const hind: Point = [-0.35 + pose.gather * 0.07, 0.02]
  const fore: Point = [0.27 - pose.gather * 0.07, 0.03]
  for (const leg of pose.legs) if (leg.isFar) drawLeg(pen, breed, leg, leg.isHind ? hind : fore)
  drawTail(pen, breed, pose, [hind[0] - 0.1, hind[1] - 0.1])
  drawNeck(pen, breed, pose, fore)
  drawBody(pen, breed, pose.gather, { hind, fore })
  for (const leg of pose.legs) if (!leg.isFar) drawLeg(pen, breed, leg, leg.isHind ? hind : fore)
  drawHead(pen, breed, pose, headPlace(breed, pose, fore))
  pen.restore()
}

function headPlace(breed: Breed, pose: Pose, fore: Point): Point {
  const nod = Math.sin(pose.phase * Math.PI * 2) * 0.012
  return [fore[0] + breed.neck.forward, fore[1] - breed.bodyDepth * 0.5 - breed.neck.up + nod]
}

function drawLeg(pen: Pen, breed: LitBreed, leg: Pose['legs'][number], root: Point): void {
  const shift = leg.isFar ? 0.045 : 0
  const [hip, knee, ankle, toe] = legPoints(leg, [root[0] + shift, root[1] + 0.05], breed.legLength)
  const width = breed.legWidth
  const coat = leg.isFar ? mix(breed.coat, breed.dark, 0.62) : breed.coat
  const sock = leg.isFar ? darken(breed.socks, 0.25) : breed.socks
  const top: Point = [hip[0] - 0.01, hip[1] - 0.09]
  const thigh = leg.isHind ? 2.9 : 2
  fillSmooth(
    pen,
    limbOutline([top, hip, knee, ankle], [width * thigh, width * thigh, width * 1.25, width * 0.8]),
    coat,
  )
  const half: Point = [(knee[0] + ankle[0]) / 2, (knee[1] + ankle[1]) / 2]
  fillSmooth(pen, limbOutline([half, ankle, toe], [width * 0.95, width * 0.86, width * 0.62]), sock)
}

function drawBody(
  pen: Pen,
  breed: LitBreed,
  gather: number,
  { hind, fore }: { readonly hind: Point; readonly fore: Point },
): void {
  const depth = breed.bodyDepth
  const arch = gather * 0.07
  const points: Point[] = [
    [hind[0] - 0.15, hind[1] - depth * 0.1],
    [hind[0] - 0.06, hind[1] - depth * 0.52],
    [(hind[0] + fore[0]) / 2, -depth * 0.46 - arch],
    [fore[0], fore[1] - depth * 0.6],
    [fore[0] + 0.16, fore[1] - depth * 0.28],
    [fore[0] + 0.13, fore[1] + depth * 0.34],
    [fore[0] - 0.06, fore[1] + depth * 0.52],
    [(hind[0] + fore[0]) / 2 - 0.06, depth * 0.3 - arch * 0.7],
    [hind[0] + 0.08, hind[1] + depth * 0.32],
    [hind[0] - 0.1, hind[1] + depth * 0.36],
  ]
  const gradient = pen.createLinearGradient(0, -depth * 0.7, 0, depth * 0.6)
  gradient.addColorStop(0, css(lighten(breed.coat, 0.18)))
  gradient.addColorStop(0.45, css(breed.coat))
  gradient.addColorStop(1, css(mix(breed.coat, breed.dark, 0.55)))
  fillSmooth(pen, points, gradient)
  fillSmooth(
    pen,
    [
      [fore[0] + 0.15, fore[1] - depth * 0.3],
      [fore[0] + 0.17, fore[1] - depth * 0.02],
      [fore[0] + 0.11, fore[1] + depth * 0.36],
      [fore[0] - 0.02, fore[1] + depth * 0.5],
      [fore[0] + 0.04, fore[1] + depth * 0.12],
    ],
    breed.pale,
  )
}

function drawNeck(pen: Pen, breed: LitBreed, pose: Pose, fore: Point): void {
  const head = headPlace(breed, pose, fore)
  const root: Point = [fore[0] - 0.01, fore[1] - breed.bodyDepth * 0.2]
  const middle: Point = [(root[0] + head[0]) / 2 + 0.01, (root[1] + head[1]) / 2 - 0.02]
  const width = breed.neck.width
  fillSmooth(pen, limbOutline([root, middle, head], [width * 1.5, width * 1.08, width * 0.82]), breed.coat)
  if (!breed.hasMane) return
  const wave = Math.sin(pose.phase * Math.PI * 2) * 0.03
  fillSmooth(
    pen,
    [
      [head[0] - 0.02, head[1] - 0.12],
      [head[0] - 0.12, head[1] - 0.06 + wave],
      [middle[0] - 0.18, middle[1] - 0.04 + wave],
      [root[0] - 0.16, root[1] - 0.14],
      [root[0] - 0.02, root[1] - 0.12],
      [middle[0] - 0.04, middle[1] - 0.08],
    ],
    breed.dark,
  )
}
