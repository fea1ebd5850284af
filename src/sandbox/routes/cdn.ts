import { join } from 'node:path'
import { refuseByStatus } from '../answer.ts'
import type { Route } from '../call.ts'
import { answerWithFile, type FileToSend } from '../files/file-answer.ts'
import type { Movie } from '../movies/movie-renderer.ts'
import type { Parts } from '../parts.ts'

/** The files behind the URLs that answers carry. They need no token. */
export const cdnRoutes = (parts: Parts): readonly Route[] => [
  {
    method: 'GET',
    path: '/cdn/render-result/:name',
    endpoint: 'cdn_render',
    scope: null,
    target: ({ params }) => ({
      sessionId: parts.world.find('renders', withoutMp4(params['name']))?.sessionId ?? '',
    }),
    answer: (call) => {
      const render = parts.world.find('renders', withoutMp4(call.params['name']))
      if (render?.movie == null) return refuseByStatus(404, 'there is no such file')
      return answerWithFile(parts, call, movieToSend(parts, render.movie, 'cdn', render.id))
    },
  },
  {
    method: 'GET',
    path: '/cdn/gen/:name',
    endpoint: 'cdn_clip',
    scope: null,
    answer: async (call) => {
      const movie = await parts.movies.findClip(withoutMp4(call.params['name']))
      if (movie === null) return refuseByStatus(404, 'there is no such file')
      return answerWithFile(parts, call, movieToSend(parts, movie, 'cdn', null))
    },
  },
  {
    method: 'GET',
    path: '/cdn/u/:media_id/:name',
    endpoint: 'cdn_upload',
    scope: null,
    answer: (call) => {
      const media = parts.world.find('media', call.params['media_id'] ?? '')
      if (media === null) return refuseByStatus(404, 'there is no such file')
      const { sizeBytes, sha256, contentType } = media
      const path = parts.media.path(media.file)
      return answerWithFile(parts, call, { path, sizeBytes, sha256, contentType, via: 'cdn', renderId: null })
    },
  },
  {
    method: 'GET',
    path: '/cdn/lib/:name',
    endpoint: 'cdn_music',
    scope: null,
    answer: async (call) => {
      const track = await parts.music.findTrack(call.params['name'] ?? '')
      if (track === null) return refuseByStatus(404, 'there is no such file')
      return answerWithFile(parts, call, { ...track, contentType: 'audio/wav', via: 'cdn', renderId: null })
    },
  },
]

/** A finished movie as a file to answer with. */
export const movieToSend = (
  { dataDirectory }: Parts,
  { file, sizeBytes, sha256 }: Movie,
  via: 'cdn' | 'proxy',
  renderId: string | null,
): FileToSend => ({
  path: join(dataDirectory, file),
  sizeBytes,
  sha256,
  contentType: 'video/mp4',
  via,
  renderId,
})

const withoutMp4 = (name: string | undefined): string => (name ?? '').replace(/\.mp4$/, '')
