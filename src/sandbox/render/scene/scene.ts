import type { SubjectKind } from '../scene-spec.ts'
import { createSubject } from '../subjects/subject.ts'
import { createAbstract } from './abstract.ts'
import { createAurora } from './aurora.ts'
import { createBeach } from './beach.ts'
import { createCameraPath } from './camera.ts'
import { createClouds } from './clouds.ts'
import { createFlowers } from './flowers.ts'
import { createForest } from './forest.ts'
import { createGrade } from './grade.ts'
import { createDunes, createHills } from './hills.ts'
import { createIsland } from './island.ts'
import { createLand } from './land.ts'
import { createMountains } from './mountains.ts'
import { createNebula } from './nebula.ts'
import { createPlanet } from './planet.ts'
import { createRoad } from './road.ts'
import { createWater } from './sea.ts'
import { createSky } from './sky.ts'
import { createSkyline } from './skyline.ts'
import { createStreet } from './street/street.ts'
import type { Bitmap, Moment, Painter, Pen, View } from './view.ts'
import { createWeather } from './weather.ts'

/** Draws the scene at a time of the clip over the whole canvas. */
export type ScenePainter = (pen: Pen, timeS: number) => void

/** Builds every layer the scene names, from the sky to what passes before the camera. */
export function createScene(view: View, durationS: number): ScenePainter {
  const path = createCameraPath(view.scene.motion, view)
  const painters = [...layersOf(view), createGrade(view)]
  return (pen, timeS) => {
    const progress = Math.min(1, timeS / durationS)
    const moment: Moment = { timeS, progress, camera: path(timeS, progress) }
    for (const painter of painters) painter.paint(pen, moment)
  }
}

function layersOf(view: View): readonly Painter[] {
  if (view.scene.sky === 'abstract') return [...createAbstract(view), ...createWeather(view)]
  const backdrop = createBackdrop(view)
  const forest = view.scene.layers.includes('forest') ? createForest(view) : null
  return [
    ...backdrop,
    ...subjectsIn(view, 'air'),
    ...createGround(view, backdrop),
    ...subjectsIn(view, 'water'),
    ...(view.scene.layers.includes('beach') ? [createBeach(view)] : []),
    ...(forest?.behind ?? []),
    ...subjectsIn(view, 'ground'),
    ...(view.scene.layers.includes('flowers') ? [createFlowers(view)] : []),
    ...subjectsIn(view, 'near'),
    ...(forest?.before ?? []),
    ...createWeather(view),
  ]
}

/** Everything above the horizon; also what water mirrors. */
function createBackdrop(view: View): readonly Painter[] {
  const { sky, layers } = view.scene
  const has = (layer: (typeof layers)[number]) => layers.includes(layer)
  return [
    createSky(view),
    ...(sky === 'space' ? [createNebula(view)] : []),
    ...(sky === 'aurora' ? [createAurora(view)] : []),
    ...(sky === 'clouds' || sky === 'overcast' ? [createClouds(view)] : []),
    ...(has('planet') ? [createPlanet(view)] : []),
    ...(has('mountains') ? createMountains(view) : []),
    ...(has('dunes') ? createDunes(view) : []),
    ...(has('hills') ? createHills(view) : []),
    ...(has('skyline') ? createSkyline(view) : []),
    ...(has('island') ? [createIsland(view)] : []),
  ]
}

function createGround(view: View, backdrop: readonly Painter[]): readonly Painter[] {
  switch (view.scene.ground) {
    case 'sea':
    case 'lake':
      return [createWater(view, mirrorOf(view, backdrop), view.scene.ground)]
    case 'street':
      return [createStreet(view)]
    case 'road':
      return [createRoad(view)]
    case 'snow':
    case 'grass':
    case 'sand':
      return createLand(view)
    case 'none':
      return []
  }
}

type SubjectPlane = 'air' | 'water' | 'ground' | 'near' | 'part of the ground'

function subjectsIn(view: View, plane: SubjectPlane): readonly Painter[] {
  return view.scene.subjects
    .filter((subject) => planeOf(view, subject.kind) === plane)
    .map((subject) => createSubject(view, subject))
}

function planeOf(view: View, kind: SubjectKind): SubjectPlane {
  switch (kind) {
    case 'bird':
    case 'plane':
    case 'balloon':
    case 'rocket':
      return 'air'
    case 'boat':
    case 'dolphin':
      return 'water'
    case 'butterfly':
      return 'near'
    case 'car':
      return view.scene.ground === 'road' || view.scene.ground === 'street' ? 'part of the ground' : 'ground'
    case 'person':
      return view.scene.ground === 'street' ? 'part of the ground' : 'ground'
    default:
      return 'ground'
  }
}

/** The backdrop at its first moment, small: enough for moving water. */
function mirrorOf(view: View, backdrop: readonly Painter[]): Bitmap {
  const scale = Math.min(1, 260 / Math.min(view.width, view.height))
  const bitmap = view.createBitmap((view.width + view.margin * 2) * scale, view.horizonY * scale)
  const pen = bitmap.getContext('2d')
  pen.scale(scale, scale)
  pen.translate(view.margin, 0)
  const moment: Moment = { timeS: 0, progress: 0, camera: { x: 0, y: 0, zoom: 1, traveled: 0 } }
  for (const painter of backdrop) painter.paint(pen, moment)
  return bitmap
}
