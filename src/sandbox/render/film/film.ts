import type * as CanvasLibrary from '@napi-rs/canvas'
import type { Shot, Timeline } from '../draft-timeline.ts'
import { easeInOut } from '../scene/camera.ts'
import { createScene } from '../scene/scene.ts'
import { type CreateBitmap, createView, type Pen } from '../scene/view.ts'
import { readScene } from '../scene-reader.ts'
import { createFootage } from './footage.ts'
import { paintLook } from './look.ts'
import { createMark } from './mark.ts'
import { mediaKind } from './media-kind.ts'
import { createPhoto } from './photo.ts'
import type { ShotPainter } from './shot-painter.ts'
import { createTitle } from './title.ts'

export interface FilmOptions {
  readonly timeline: Timeline
  readonly canvasLibrary: typeof CanvasLibrary
  readonly mediaFile: (src: string) => string | undefined
  /** 1 for a full picture; see View. */
  readonly detail: number
}

/** The whole clip, one frame at a time and in order. */
export interface Film {
  /** Paints the frame at `timeS` and hands out its pixels: red, green, blue, alpha, row by row. */
  frame(timeS: number): Promise<Buffer>
  close(): void
}

/** How long one shot blends into the next. */
const crossfadeS = 0.5

/** Shots with crossfades, texts over them, and the simulation mark over everything. */
export function createFilm(options: FilmOptions): Film {
  const { timeline, canvasLibrary } = options
  const { width, height } = timeline
  const createBitmap: CreateBitmap = (across, down) =>
    canvasLibrary.createCanvas(Math.max(1, Math.round(across)), Math.max(1, Math.round(down)))
  const screen = createBitmap(width, height)
  const pen = screen.getContext('2d')
  const reel = createReel(options, createBitmap)
  const titles = timeline.texts.map((cue) => createTitle({ cue, width, height, createBitmap }))
  const mark = createMark(width, height, createBitmap)
  const incoming = timeline.shots.length > 1 ? createBitmap(width, height) : null
  return {
    async frame(timeS) {
      const index = shotAt(timeline.shots, timeS)
      const blend = blendAt(timeline.shots, index, timeS)
      if (blend < 1 && incoming) {
        await reel.paint(pen, index - 1, timeS)
        await reel.paint(incoming.getContext('2d'), index, timeS)
        pen.globalAlpha = blend
        pen.drawImage(incoming, 0, 0)
        pen.globalAlpha = 1
      } else {
        reel.release(index)
        await reel.paint(pen, index, timeS)
      }
      for (const title of titles) title(pen, timeS)
      mark(pen)
      return screen.data()
    },
    close: () => reel.release(timeline.shots.length),
  }
}

/** The last shot that has begun; the first one before that. */
function shotAt(shots: readonly Shot[], timeS: number): number {
  return Math.max(
    0,
    shots.findLastIndex((shot) => shot.startS <= timeS + 1e-6),
  )
}

/** 0 when the shot `index` is just coming in, 1 when it is alone. */
function blendAt(shots: readonly Shot[], index: number, timeS: number): number {
  const shot = shots[index]
  const before = shots[index - 1]
  if (!shot || !before) return 1
  const blendS = Math.min(crossfadeS, (shot.endS - shot.startS) / 2, (before.endS - before.startS) / 2)
  return blendS <= 0 ? 1 : easeInOut((timeS - shot.startS) / blendS)
}

interface Reel {
  paint(pen: Pen, index: number, timeS: number): Promise<void>
  /** Closes the shots before `index`. */
  release(index: number): void
}

/** Opens each shot when it is first needed: a slideshow of fifty photos holds two of them in memory. */
function createReel(options: FilmOptions, createBitmap: CreateBitmap): Reel {
  const { shots } = options.timeline
  const painters = new Map<number, ShotPainter>()
  const open = async (index: number): Promise<ShotPainter | null> => {
    const shot = shots[index]
    if (!shot) return null
    const painter = painters.get(index) ?? (await openShot(options, shot, index, createBitmap))
    painters.set(index, painter)
    return painter
  }
  return {
    async paint(pen, index, timeS) {
      const painter = await open(index)
      const shot = shots[index]
      if (!shot || !painter) return
      const sinceS = Math.max(0, timeS - shot.startS)
      await painter.paint(pen, shot.inS + sinceS * shot.speed)
      paintLook(pen, shot, timeS, options.timeline)
    },
    release(index) {
      for (const [opened, painter] of painters) {
        if (opened >= index) continue
        painter.close()
        painters.delete(opened)
      }
    },
  }
}

async function openShot(
  options: FilmOptions,
  shot: Shot,
  index: number,
  createBitmap: CreateBitmap,
): Promise<ShotPainter> {
  const { width, height } = options.timeline
  // Where the source's own time stands when the shot ends: its camera moves have come to rest by then.
  const durationS = Math.max(0.1, shot.inS + (shot.endS - shot.startS) * shot.speed)
  const { source } = shot
  if (source.kind !== 'media') {
    const scene = readScene(source.kind === 'scene' ? source.scene : null)
    const view = createView({ width, height, scene, detail: options.detail, createBitmap })
    return { paint: createScene(view, durationS), close: () => undefined }
  }
  const path = options.mediaFile(source.src)
  if (path === undefined) throw new Error(`The media ${source.src} is not known`)
  if ((await mediaKind(path)) === 'footage') {
    return createFootage({ path, width, height, createBitmap })
  }
  const image = await options.canvasLibrary.loadImage(path)
  return createPhoto({ image, width, height, durationS, index, createBitmap })
}
