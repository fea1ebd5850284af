import type { Canvas, SKRSContext2D } from '@napi-rs/canvas'
import type { Random } from '../random.ts'
import { createRandom, hashText } from '../random.ts'
import type { SceneSpec } from '../scene-spec.ts'
import type { CameraPose } from './camera.ts'
import { type Light, lightOf } from './light.ts'

export type Pen = SKRSContext2D
export type Bitmap = Canvas

/** Makes an empty transparent bitmap; the only thing that painters need from the drawing library. */
export type CreateBitmap = (width: number, height: number) => Bitmap

/** The canvas and the scene that every painter of one clip shares. Lengths are pixels. */
export interface View {
  readonly width: number
  readonly height: number
  /** A thousandth of the short side: sizes given in it look the same at every resolution. */
  readonly unit: number
  readonly horizonY: number
  /** How far layers reach over the edges, so that the camera may move. */
  readonly margin: number
  readonly scene: SceneSpec
  readonly light: Light
  /** 1 for a full picture, less where nobody looks closely: the fineness of bitmaps computed pixel by pixel. */
  readonly detail: number
  readonly createBitmap: CreateBitmap
  /** A source of its own for each part, so that one part's changes do not move the others. */
  random(part: string): Random
}

/** One moment of the clip. */
export interface Moment {
  readonly timeS: number
  /** 0 at the first frame, 1 at the last. */
  readonly progress: number
  readonly camera: CameraPose
}

/** One thing in the picture. What does not move is drawn once, when the painter is made. */
export interface Painter {
  paint(pen: Pen, moment: Moment): void
}

export interface ViewOptions {
  readonly width: number
  readonly height: number
  readonly scene: SceneSpec
  readonly detail: number
  readonly createBitmap: CreateBitmap
}

export function createView(options: ViewOptions): View {
  const { width, height, scene } = options
  return {
    ...options,
    unit: Math.min(width, height) / 1000,
    horizonY: Math.round(height * horizonOf(scene, width, height)),
    margin: Math.ceil(Math.max(width, height) * 0.07),
    light: lightOf(scene),
    random: (part) => createRandom(hashText(part) ^ scene.seed),
  }
}

/** Where the horizon lies, as a fraction of the height. */
function horizonOf(scene: SceneSpec, width: number, height: number): number {
  const isTall = height > width
  if (scene.layers.includes('street')) return isTall ? 0.5 : 0.52
  if (scene.layers.includes('forest')) return isTall ? 0.64 : 0.66
  if (scene.ground === 'sea') return isTall ? 0.56 : 0.58
  if (scene.ground === 'lake') return isTall ? 0.6 : 0.64
  if (scene.ground === 'road') return isTall ? 0.54 : 0.55
  return isTall ? 0.66 : 0.68
}
