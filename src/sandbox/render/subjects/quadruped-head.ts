import { css, darken, lighten, mix } from '../color.ts'
import type { Pen } from '../scene/view.ts'
import type { Pose } from './gait.ts'
import type { LitBreed } from './quadruped.ts'
import { fillPolygon, fillSmooth, type Point, shape } from './shape.ts'

/** Head in profile at `place`, ears laid back a little by speed. */
export function drawHead(pen: Pen, breed: LitBreed, pose: Pose, place: Point): void {
  const { size, snout, muzzle } = breed.head
  pen.save()
  pen.translate(place[0], place[1])
  pen.rotate(breed.hasMane ? 0.55 : 0.16 + pose.pitch * -0.6)
  if (breed.hasAntlers) drawAntlers(pen, breed)
  drawEar(pen, breed, pose, 'far')
  fillSmooth(
    pen,
    [
      [-size * 0.95, size * 0.1],
      [-size * 0.6, -size * 0.72],
      [size * 0.2, -size * 0.82],
      [size * 0.82, -size * 0.3],
      [size * 0.7 + snout * 0.62, size * (0.2 - muzzle * 0.8)],
      [size * 0.72 + snout, size * (0.46 - muzzle)],
      [size * 0.68 + snout * 0.96, size * (0.46 + muzzle)],
      [size * 0.4, size * 0.74],
      [-size * 0.5, size * 0.82],
    ],
    breed.coat,
  )
  fillSmooth(
    pen,
    [
      [-size * 0.5, size * 0.8],
      [-size * 0.3, size * 0.3],
      [size * 0.5, size * 0.2],
      [size * 0.7 + snout * 0.6, size * 0.36],
      [size * 0.68 + snout * 0.92, size * (0.46 + muzzle * 0.95)],
      [size * 0.4, size * 0.74],
    ],
    breed.pale,
  )
  drawEar(pen, breed, pose, 'near')
  drawFace(pen, breed)
  pen.restore()
}

function drawFace(pen: Pen, breed: LitBreed): void {
  const { size, snout } = breed.head
  pen.fillStyle = css(darken(breed.dark, 0.75))
  pen.beginPath()
  pen.ellipse(size * 0.7 + snout * 0.96, size * 0.38, size * 0.15, size * 0.13, 0.3, 0, Math.PI * 2)
  pen.fill()
  pen.beginPath()
  pen.ellipse(size * 0.4, -size * 0.12, size * 0.13, size * 0.15, 0, 0, Math.PI * 2)
  pen.fill()
  pen.fillStyle = 'rgba(255,255,255,0.9)'
  pen.beginPath()
  pen.arc(size * 0.45, -size * 0.18, size * 0.045, 0, Math.PI * 2)
  pen.fill()
}

const floppyEar = shape('-0.15 -0.15, -0.75 0.3, -0.8 1.3, -0.3 1.1, 0.2 0.2')
const pointedEar = shape('-0.42 0.12, -0.1 -1.35, 0.42 0.08')
const insideOfEar = shape('-0.18 -0.02, -0.06 -0.9, 0.2 -0.02')
const tipOfEar = shape('-0.18 -0.97, -0.1 -1.35, 0.03 -0.95')

function drawEar(pen: Pen, breed: LitBreed, pose: Pose, side: 'near' | 'far'): void {
  const { size, ears } = breed.head
  const color = side === 'near' ? breed.coat : mix(breed.coat, breed.dark, 0.6)
  const flick = Math.sin(pose.phase * Math.PI * 2 + 1) * 0.1
  pen.save()
  pen.translate(-size * 0.3 + (side === 'far' ? 0.035 : 0), -size * 0.55)
  pen.rotate(-0.42 + flick)
  pen.scale(size, ears === 'small' ? size * 0.6 : size)
  if (ears === 'floppy') {
    fillSmooth(pen, floppyEar, mix(color, breed.dark, 0.5))
  } else {
    fillPolygon(pen, pointedEar, color)
    if (side === 'near' && ears === 'pointed') {
      fillPolygon(pen, insideOfEar, lighten(breed.dark, 0.1))
      fillPolygon(pen, tipOfEar, darken(breed.dark, 0.4))
    }
  }
  pen.restore()
}

function drawAntlers(pen: Pen, breed: LitBreed): void {
  const { size } = breed.head
  pen.strokeStyle = css(lighten(breed.dark, 0.25))
  pen.lineWidth = size * 0.17
  pen.lineCap = 'round'
  for (const shift of [0, size * 0.45]) {
    pen.beginPath()
    pen.moveTo(-size * 0.1 + shift, -size * 0.7)
    pen.bezierCurveTo(
      -size * 1.3 + shift,
      -size * 1.6,
      -size * 1.4 + shift,
      -size * 2.6,
      -size * 0.5 + shift,
      -size * 3.3,
    )
    pen.moveTo(-size * 0.95 + shift, -size * 1.6)
    pen.lineTo(-size * 0.1 + shift, -size * 2.1)
    pen.moveTo(-size * 1.15 + shift, -size * 2.3)
    pen.lineTo(-size * 1.7 + shift, -size * 2.9)
    pen.stroke()
  }
}
