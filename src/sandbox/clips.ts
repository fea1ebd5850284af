import { ownOrigin } from './media/media.ts'
import type { Movie } from './movies/movie-renderer.ts'
import type { Draft } from './session-state.ts'

/** A generated clip: a draft of its own, rendered when somebody asks for the file. */
export interface Clip {
  readonly id: string
  readonly draft: Draft
  /** Null until somebody asked for the file. */
  readonly movie: Movie | null
}

export const clipUrl = (clipId: string): string => `${ownOrigin}/gen/${clipId}.mp4`
