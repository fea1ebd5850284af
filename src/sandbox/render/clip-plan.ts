import { readFormat, splitOutput } from './prompt-format.ts'
import { sceneOf } from './prompt-scene.ts'
import { titleOf } from './prompt-title.ts'
import { hashText } from './random.ts'
import type { SceneSpec } from './scene-spec.ts'

export const aspectRatios = ['16:9', '9:16', '1:1', '4:5', '5:4', '4:3', '3:4', '21:9'] as const
export type AspectRatio = (typeof aspectRatios)[number]

/** What the sandbox makes of a prompt: the canvas, the length, the title and the picture. */
export interface ClipPlan {
  readonly durationMs: number
  readonly width: number
  readonly height: number
  readonly ratio: AspectRatio
  readonly title: string
  readonly scene: SceneSpec
  readonly seed: number
}

/** Reads a prompt (English or Chinese) and plans its clip; the same words always give the same plan. */
export function planClip(prompt: string): ClipPlan {
  const { prose } = splitOutput(prompt)
  const seed = hashText(prose.trim().toLowerCase())
  return { ...readFormat(prompt), title: titleOf(prompt), scene: sceneOf(prose, seed), seed }
}
