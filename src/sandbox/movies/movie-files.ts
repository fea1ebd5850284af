import { join } from 'node:path'
import type { Clip } from '../clips.ts'
import type { Draft } from '../render/draft.ts'
import type { World } from '../world.ts'
import type { Movie, MovieRenderer } from './movie-renderer.ts'

/** Turns clips and drafts into files. A clip is rendered when it is first asked for, and then kept. */
export interface MovieFiles {
  /** The file of a generated clip, or null when there is no such clip. */
  findClip(clipId: string): Promise<Movie | null>
  renderDraft(draft: Draft, output: Readonly<Record<string, unknown>>, file: string): Promise<Movie>
}

interface MovieFilesOptions {
  readonly world: World
  readonly renderer: MovieRenderer
  readonly mediaDirectory: string
  readonly dataDirectory: string
}

export const createMovieFiles = (options: MovieFilesOptions): MovieFiles => {
  const { world, renderer, mediaDirectory, dataDirectory } = options
  const underWay = new Map<string, Promise<Movie>>()

  const findClip = async (clipId: string): Promise<Movie | null> => {
    const clip = world.find('clips', clipId)
    if (clip === null || clip.movie !== null) return clip?.movie ?? null
    const known = underWay.get(clipId) ?? renderClip(clip).finally(() => underWay.delete(clipId))
    underWay.set(clipId, known)
    return known
  }

  const renderClip = async (clip: Clip): Promise<Movie> => {
    const movie = await renderDraft(clip.draft, {}, join('clips', `${clip.id}.mp4`))
    world.commit({ changes: [['clips', clip.id, { ...clip, movie }]] })
    return movie
  }

  /** The local file behind a URL of ours, whatever origin it was given out under. */
  const findFile = async (url: string): Promise<string | null> => {
    const [, kind, id] = /\/(u|gen)\/([A-Za-z0-9_]+)[./]/.exec(url) ?? []
    if (id === undefined) return null
    if (kind === 'u') {
      const media = world.find('media', id)
      return media === null ? null : join(mediaDirectory, media.file)
    }
    const movie = await findClip(id)
    return movie === null ? null : join(dataDirectory, movie.file)
  }

  const renderDraft = async (
    draft: Draft,
    output: Readonly<Record<string, unknown>>,
    file: string,
  ): Promise<Movie> => {
    const media: Record<string, string> = {}
    for (const url of urlsIn(draft)) {
      const path = await findFile(url)
      if (path !== null) media[url] = path
    }
    return renderer.render({ draft, output, file, media })
  }

  return { findClip, renderDraft }
}

/** The media that a draft shows or plays. A segment that can be drawn needs no file. */
const urlsIn = (draft: Draft): ReadonlySet<string> =>
  new Set(
    (draft.t ?? [])
      .flatMap((track) => track.sg ?? [])
      .flatMap(({ m }) => (m?.scene === undefined && typeof m?.src === 'string' ? [m.src] : [])),
  )
