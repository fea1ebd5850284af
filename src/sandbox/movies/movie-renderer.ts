import type { Draft } from '../render/draft.ts'

/** A finished MP4 file inside the data folder. */
export interface Movie {
  /** Path relative to the data folder. */
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly durationMs: number
  readonly width: number
  readonly height: number
}

interface MovieRequest {
  readonly draft: Draft
  readonly output: Readonly<Record<string, unknown>>
  /** Path relative to the data folder; a renderer that keeps its files elsewhere says so in its answer. */
  readonly file: string
  /** Local file of each media URL in the draft. */
  readonly media: Readonly<Record<string, string>>
}

/** Makes movies of drafts. A file that exists is whole. */
export interface MovieRenderer {
  render(request: MovieRequest): Promise<Movie>
  close(): Promise<void>
}
