import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import type { Draft } from './draft.ts'
import { readTimeline, type Timeline } from './draft-timeline.ts'
import { createFilm, type Film } from './film/film.ts'
import { markText } from './film/mark.ts'
import { registerFonts } from './fonts.ts'
import { loadCanvasLibrary } from './libraries.ts'
import { makeSoundtrack, shareSoundtrack } from './music/soundtrack.ts'
import type { EncodedSound } from './sound-encoder.ts'
import { createVideoFile, type VideoFile } from './video-file.ts'

export interface RenderRequest {
  readonly draft: Draft
  readonly output: RenderOutput
  /** Local file of a media URL of the sandbox, or undefined when it is not known. */
  readonly mediaFile: (src: string) => string | undefined
  /** Written as `<outFile>.part`, then renamed: a file of this name is always whole. */
  readonly outFile: string
  readonly mode: RenderMode
  /** Told 0 … 1, never backwards. */
  readonly onProgress?: (fraction: number) => void
  readonly signal?: AbortSignal
}

/** `tiny` keeps duration and aspect ratio at about 96 pixels on the short side and 10 frames a second, of which only two are drawn anew. */
export type RenderMode = 'full' | 'tiny'

export interface RenderOutput {
  readonly format?: string
  readonly quality?: string
  readonly resolution?: string
}

export interface RenderedFile {
  readonly sizeBytes: number
  readonly sha256: string
  readonly durationMs: number
  readonly width: number
  readonly height: number
}

interface ModeSettings {
  readonly framesPerS: number
  /** Frames for which one picture is shown; 1 draws each. */
  readonly framesPerPicture: number
  readonly detail: number
  readonly threads: number
}

const modes: Readonly<Record<RenderMode, ModeSettings>> = {
  full: { framesPerS: 30, framesPerPicture: 1, detail: 1, threads: 0 },
  tiny: { framesPerS: 10, framesPerPicture: 5, detail: 0.2, threads: 1 },
}

const tinyShortSide = 96

/**
 * Draws, scores and encodes a draft into one MP4 file (H.264 High and AAC, index first). The same draft gives the same
 * frames and the same music. Fails when a media file is unknown or cannot be decoded, when an optional library is
 * missing, and with the signal's reason when aborted; then no file is left behind.
 */
export async function renderDraft(request: RenderRequest): Promise<RenderedFile> {
  request.signal?.throwIfAborted()
  const timeline = sizedFor(readTimeline(request.draft, request.output), request.mode)
  const partFile = `${request.outFile}.part`
  try {
    await writeFilm(request, timeline, partFile)
    const { size } = await stat(partFile)
    const sha256 = await hashFile(partFile)
    await rename(partFile, request.outFile)
    const { durationMs, width, height } = timeline
    return { sizeBytes: size, sha256, durationMs, width, height }
  } catch (error) {
    await rm(partFile, { force: true })
    throw error
  }
}

function sizedFor(timeline: Timeline, mode: RenderMode): Timeline {
  if (mode === 'full') return timeline
  const scale = Math.min(1, tinyShortSide / Math.min(timeline.width, timeline.height))
  const even = (pixels: number) => Math.max(16, Math.round((pixels * scale) / 2) * 2)
  return { ...timeline, width: even(timeline.width), height: even(timeline.height) }
}

async function writeFilm(request: RenderRequest, timeline: Timeline, path: string): Promise<void> {
  const { sound, isShared } =
    request.mode === 'tiny'
      ? await shareSoundtrack(timeline, request.mediaFile)
      : { sound: await makeSoundtrack(timeline, request.mediaFile), isShared: false }
  try {
    await encodeFilm(request, timeline, path, sound)
  } finally {
    if (!isShared) sound.close()
  }
  request.onProgress?.(1)
}

async function encodeFilm(
  request: RenderRequest,
  timeline: Timeline,
  path: string,
  sound: EncodedSound,
): Promise<void> {
  const { framesPerS, detail, threads } = modes[request.mode]
  const canvasLibrary = await loadCanvasLibrary()
  registerFonts(canvasLibrary.GlobalFonts)
  const film = createFilm({ timeline, canvasLibrary, mediaFile: request.mediaFile, detail })
  const file = await createVideoFile({
    path,
    width: timeline.width,
    height: timeline.height,
    framesPerS,
    sound,
    title: timeline.title,
    comment: `${markText}: made by the Clipline sandbox, not by an AI model`,
    threads,
  })
  try {
    await addFrames(request, timeline, film, file)
    await file.finish()
  } finally {
    film.close()
    await file.close()
  }
}

/** The encoder works on one frame while the next one is drawn. It is at rest when this returns or throws. */
async function addFrames(
  request: RenderRequest,
  timeline: Timeline,
  film: Film,
  file: VideoFile,
): Promise<void> {
  const { framesPerS, framesPerPicture } = modes[request.mode]
  const count = Math.max(1, Math.round((timeline.durationMs * framesPerS) / 1000))
  let encoding: Promise<unknown> = Promise.resolve(null)
  let pixels = await film.frame(0)
  try {
    for (let index = 0; index < count; index += 1) {
      request.signal?.throwIfAborted()
      if (index > 0 && index % framesPerPicture === 0) pixels = await film.frame(index / framesPerS)
      const failure = await encoding
      if (failure !== null) throw failure
      encoding = file.addFrame(pixels).then(
        () => null,
        (error: unknown) => error,
      )
      request.onProgress?.((index + 1) / (count + 1))
    }
  } finally {
    await encoding
  }
  const failure = await encoding
  if (failure !== null) throw failure
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
