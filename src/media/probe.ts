import { readAviTracks } from './avi-header.ts'
import type { ByteSource } from './byte-source.ts'
import { type ContentType, kindOf, type MediaKind } from './content-type.ts'
import { imageDimensions } from './dimensions.ts'
import { isWithinPixelCaps, maxPixels, maxSidePixels } from './pixel-caps.ts'
import { headBytes, sniff } from './sniff.ts'
import { type Container, readTracks, type TracksResult } from './tracks.ts'

/** Why a file cannot be used, with a sentence for the client. */
export interface ProbeFailure<Reason extends string> {
  readonly ok: false
  readonly reason: Reason
  readonly detail: string
}

/** The facts of a finished video. Codecs by their usual names (`h264`, `aac`); null where nobody knows them. */
export interface VideoFacts {
  readonly ok: true
  readonly container: Container
  readonly durationS: number
  readonly width: number
  readonly height: number
  readonly videoCodec: string | null
  readonly audioCodec: string | null
  readonly hasAudio: boolean
  readonly fps: number | null
}

/** `too_complex`: the file makes the parser work without end, as no sound file does. */
export type VideoProbe =
  | VideoFacts
  | ProbeFailure<
      'not_a_video' | 'unreadable' | 'no_video_track' | 'no_duration' | 'too_many_pixels' | 'too_complex'
    >

/** The facts of an input; null for what its kind does not have, or its file does not tell. */
export interface UploadFacts {
  readonly ok: true
  readonly kind: MediaKind
  readonly contentType: ContentType
  readonly width: number | null
  readonly height: number | null
  readonly durationS: number | null
}

export type UploadProbe =
  | UploadFacts
  | ProbeFailure<'unsupported_media_type' | 'unreadable' | 'too_many_pixels' | 'too_complex'>

const details = {
  unreadable: 'the file is damaged or incomplete',
  too_complex: 'the file cannot be read within reasonable limits',
  no_video_track: 'the file has no video track with a frame in it',
  no_duration: 'the file has no duration',
  too_many_pixels: `the picture has more than ${maxPixels / 1e6} million pixels or a side over ${maxSidePixels}`,
}

const failure = <Reason extends keyof typeof details>(reason: Reason): ProbeFailure<Reason> => ({
  ok: false,
  reason,
  detail: details[reason],
})

/** Image headers are within the first kilobytes, unless a large color profile or preview comes before. */
const imageHeadBytes = 4 * 1024 * 1024
/** The header list of an AVI file, indexes of its streams included. */
const aviHeadBytes = 256 * 1024

const readHead = async (source: ByteSource, sizeBytes: number): Promise<Buffer> =>
  Buffer.from(await source.read(0, Math.min(sizeBytes, source.sizeBytes)))

const tracksOf = async (source: ByteSource, contentType: ContentType): Promise<TracksResult> => {
  if (contentType !== 'video/x-msvideo') return readTracks(source)
  const tracks = readAviTracks(await readHead(source, aviHeadBytes))
  return tracks === null ? { ok: false, reason: 'unreadable' } : { ok: true, tracks }
}

/**
 * The facts of a video, by its content: what an artifact has to have (architecture.md §3, deliver). Any bytes give a
 * result; it throws only what the source throws. To be run where it can be killed (media-inspector.ts).
 */
export const probeVideo = async (source: ByteSource): Promise<VideoProbe> => {
  const sniffed = sniff(await readHead(source, headBytes))
  if (!sniffed.ok) return { ok: false, reason: 'not_a_video', detail: sniffed.detail }
  if (sniffed.kind !== 'video')
    return { ok: false, reason: 'not_a_video', detail: `the file is ${sniffed.contentType}` }
  const result = await tracksOf(source, sniffed.contentType)
  if (!result.ok) return failure(result.reason)
  const { container, durationS, video, audio } = result.tracks
  if (video === null && audio === null) return failure('unreadable')
  if (video === null || !(video.width > 0 && video.height > 0)) return failure('no_video_track')
  if (!isWithinPixelCaps(video)) return failure('too_many_pixels')
  if (durationS === null) return failure('no_duration')
  return {
    ok: true,
    container,
    durationS,
    width: video.width,
    height: video.height,
    videoCodec: video.codec,
    audioCodec: audio?.codec ?? null,
    hasAudio: audio !== null,
    fps: video.fps,
  }
}

const probeImage = async (source: ByteSource, contentType: ContentType): Promise<UploadProbe> => {
  let result = imageDimensions(await readHead(source, headBytes), contentType)
  if (!result.ok && result.reason === 'truncated')
    result = imageDimensions(await readHead(source, imageHeadBytes), contentType)
  if (result.ok)
    return {
      ok: true,
      kind: 'image',
      contentType,
      width: result.width,
      height: result.height,
      durationS: null,
    }
  return failure(result.reason === 'too_many_pixels' ? 'too_many_pixels' : 'unreadable')
}

/** M4A and MP4 are one container: which of the two a file is depends on what it holds, not on its brand. */
const typeOfContent = (contentType: ContentType, hasVideo: boolean): ContentType => {
  if (contentType !== 'video/mp4' && contentType !== 'audio/mp4') return contentType
  return hasVideo ? 'video/mp4' : 'audio/mp4'
}

const probeTracks = async (source: ByteSource, contentType: ContentType): Promise<UploadProbe> => {
  const result = await tracksOf(source, contentType)
  if (!result.ok) return failure(result.reason)
  const { durationS, video, audio } = result.tracks
  if (video === null && audio === null) return failure('unreadable')
  if (video !== null && !isWithinPixelCaps(video)) return failure('too_many_pixels')
  return {
    ok: true,
    kind: video === null ? 'audio' : 'video',
    contentType: typeOfContent(contentType, video !== null),
    width: video?.width ?? null,
    height: video?.height ?? null,
    durationS,
  }
}

/** The facts of an input of any kind, by its content; as `probeVideo` otherwise. */
export const probeUpload = async (source: ByteSource): Promise<UploadProbe> => {
  const sniffed = sniff(await readHead(source, headBytes))
  if (!sniffed.ok) return { ok: false, reason: 'unsupported_media_type', detail: sniffed.detail }
  const { contentType } = sniffed
  switch (kindOf(contentType)) {
    case 'text':
      return { ok: true, kind: 'text', contentType, width: null, height: null, durationS: null }
    case 'image':
      return probeImage(source, contentType)
    case 'video':
    case 'audio':
      return probeTracks(source, contentType)
  }
}
