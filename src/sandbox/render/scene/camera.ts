import { createNoise } from '../noise.ts'
import type { CameraMotion } from '../scene-spec.ts'
import type { Pen, View } from './view.ts'

/** Where the camera is. Shifts are pixels of the nearest layer; zoom is 1 or more. */
export interface CameraPose {
  readonly x: number
  readonly y: number
  readonly zoom: number
  /** How far a camera on rails has come, in widths of the picture; only `track` moves it. */
  readonly traveled: number
}

export type CameraPath = (timeS: number, progress: number) => CameraPose

/** Widths of the picture that a tracked subject's ground passes by in a second. */
const trackSpeed = 0.34

export function createCameraPath(
  motion: CameraMotion,
  view: Pick<View, 'width' | 'height' | 'scene'>,
): CameraPath {
  const { width, height } = view
  const noise = createNoise(view.scene.seed ^ 0x51ed)
  const sway = (timeS: number, row: number) => noise(timeS * 0.55 + 3, row) - 0.5
  return (timeS, progress) => {
    const eased = easeInOut(progress)
    const still = { x: width * 0.012 * sway(timeS, 1), y: height * 0.006 * sway(timeS, 2), traveled: 0 }
    switch (motion) {
      case 'push-in':
        return { ...still, zoom: 1 + 0.12 * eased }
      case 'pull-out':
        return { ...still, zoom: 1.12 - 0.12 * eased }
      case 'pan':
        return { ...still, x: width * (0.1 * eased - 0.05), zoom: 1.03 }
      case 'track':
        return { ...still, zoom: 1.02 + 0.04 * eased, traveled: trackSpeed * timeS }
      case 'handheld':
        return {
          ...still,
          x: width * 0.035 * sway(timeS, 3),
          y: height * 0.02 * sway(timeS, 4),
          zoom: 1.03 + 0.03 * eased,
        }
      case 'drift':
        return { ...still, x: width * 0.03 * Math.sin(timeS * 0.35), zoom: 1 + 0.06 * eased }
    }
  }
}

export interface Layer {
  readonly camera: CameraPose
  /** 0 for the sky, 1 for the subject, more for what passes before it. */
  readonly depth: number
}

/**
 * Moves the pen into a layer: near layers move and grow more, which
 * the eye reads as distance. Zooming is about the middle of the horizon, so the horizon itself stays where it is.
 */
export function inLayer(pen: Pen, view: View, { camera, depth }: Layer, draw: () => void): void {
  const scale = layerScale(camera, depth)
  pen.save()
  pen.translate(view.width / 2 - camera.x * depth, view.horizonY - camera.y * depth)
  pen.scale(scale, scale)
  pen.translate(-view.width / 2, -view.horizonY)
  draw()
  pen.restore()
}

function layerScale(camera: CameraPose, depth: number): number {
  return 1 + (camera.zoom - 1) * (0.25 + 0.75 * depth)
}

export function easeInOut(t: number): number {
  const clamped = Math.min(1, Math.max(0, t))
  return (1 - Math.cos(Math.PI * clamped)) / 2
}
