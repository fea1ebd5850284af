import { type Color, css, darken, hex, mix } from '../color.ts'
import { inLayer } from '../scene/camera.ts'
import { dot } from '../scene/halo.ts'
import { litBy } from '../scene/light.ts'
import type { Moment, Painter, Pen, View } from '../scene/view.ts'
import type { SceneSubject } from '../scene-spec.ts'
import { type Breed, type BreedName, breeds } from './breed.ts'
import { poseAt } from './gait.ts'
import { drawQuadruped, lightBreed } from './quadruped.ts'

/** Where along the picture a subject stands and how big it is; the same for everything that walks on open ground. */
export interface Standing {
  readonly footY: number
  readonly bodyPx: number
  /** Fraction of the width. */
  x(moment: Moment): number
}

/** An animal on the ground: tracked by the camera when it runs, else crossing the picture or standing in it. */
export function createAnimal(view: View, kind: BreedName, subject: SceneSubject): Painter {
  const breed = lightBreed(dyed(breeds[kind], subject.color), view.light)
  const dust = createDust(view)
  const herd = Array.from({ length: Math.min(4, subject.count) }, (_, index) => ({
    standing: standingOf(view, subject, index, kind === 'horse' || kind === 'deer' ? 1.05 : 0.92),
    lateS: index * 0.19,
  })).reverse()
  return {
    paint(pen, moment) {
      inLayer(pen, view, { camera: moment.camera, depth: 1 }, () => {
        for (const { standing, lateS } of herd) {
          const x = standing.x(moment) * view.width
          const pose = poseAt(subject.pace, moment.timeS + lateS)
          pen.save()
          pen.translate(x, standing.footY)
          pen.scale(standing.bodyPx, standing.bodyPx)
          paintShadow(pen, view, pose.lift)
          drawQuadruped(pen, breed, pose)
          pen.restore()
          if (subject.pace === 'run') dust(pen, x, standing, moment.timeS + lateS)
        }
      })
    },
  }
}

/** A breed in the color that the words give it ("a black cat"). */
function dyed(breed: Breed, color: string | null): Breed {
  if (color === null) return breed
  const coat = hex(color)
  return {
    ...breed,
    coat,
    dark: darken(coat, 0.45),
    socks: darken(coat, 0.3),
    pale: mix(breed.pale, coat, 0.35),
  }
}

export function standingOf(view: View, subject: SceneSubject, index: number, scale: number): Standing {
  const isTall = view.height > view.width
  const ground = view.height - view.horizonY
  const row = index % 2 === 0 ? index / 2 : -(index + 1) / 2
  const bodyPx =
    Math.min(view.width * (isTall ? 0.46 : 0.24), view.height * 0.36) * scale * (1 - 0.12 * Math.abs(row))
  const isTracked = view.scene.motion === 'track'
  return {
    footY: view.horizonY + ground * ((isTall ? 0.47 : 0.62) - 0.09 * row),
    bodyPx,
    x: ({ timeS, progress }) => {
      const aside = row * (isTall ? 0.36 : 0.24)
      if (subject.pace === 'still') return 0.5 + aside
      if (isTracked) return 0.5 + 0.025 * Math.sin(timeS * 0.9) + aside * 0.9 - (row === 0 ? 0 : 0.02)
      return 0.26 + 0.42 * progress + aside
    },
  }
}

function paintShadow(pen: Pen, view: View, lift: number): void {
  pen.fillStyle = css(view.light.shade, 0.3 - lift)
  pen.beginPath()
  pen.ellipse(0, 0.01, 0.5 - lift * 0.8, 0.055, 0, 0, Math.PI * 2)
  pen.fill()
}

/** Snow or dust thrown up by the hind feet, twice a stride. */
function createDust(view: View): (pen: Pen, x: number, standing: Standing, timeS: number) => void {
  const random = view.random('dust')
  const color = dustColor(view)
  const grains = Array.from({ length: 26 }, () => ({
    start: random.next(),
    speedX: random.between(0.5, 1.5),
    speedY: random.between(0.25, 0.85),
    size: random.between(0.008, 0.03),
    isHind: random.chance(0.65),
  }))
  return (pen, x, { bodyPx, footY }, timeS) => {
    for (const grain of grains) {
      const age = (timeS * 2.15 + grain.start) % 1
      const fromX = x + (grain.isHind ? -0.42 : 0.2) * bodyPx
      const rise = grain.speedY * age * 0.5 - age * age * 0.42
      pen.fillStyle = css(color, 0.8 * (1 - age))
      dot(
        pen,
        fromX - grain.speedX * age * bodyPx * 0.55,
        footY - Math.max(0, rise) * bodyPx,
        grain.size * bodyPx * (1 + age),
      )
    }
  }
}

function dustColor(view: View): Color {
  const { ground } = view.scene
  if (ground === 'snow') return litBy(view.light, hex('#ffffff'))
  if (ground === 'sand') return litBy(view.light, hex('#e8c48c'))
  return mix(litBy(view.light, hex('#8a7a58')), view.light.haze, 0.3)
}
