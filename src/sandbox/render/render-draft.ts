import type { Draft } from './draft.ts'

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

/** `tiny` keeps duration and aspect ratio at about 96 pixels on the short side and 10 frames a second. */
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

/** Draws, scores and encodes a draft into one MP4 file (H.264 High and AAC, index first). */
export function renderDraft(request: RenderRequest): Promise<RenderedFile> {
  return Promise.reject(new Error(`renderDraft is not written yet: ${request.outFile}`))
}
