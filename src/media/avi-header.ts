import { ascii, hasAscii, uintLe } from './bytes.ts'
import type { Tracks } from './tracks.ts'

const videoCodecs: Record<string, string> = {
  h264: 'h264',
  x264: 'h264',
  avc1: 'h264',
  hevc: 'hevc',
  xvid: 'mpeg4',
  divx: 'mpeg4',
  dx50: 'mpeg4',
  fmp4: 'mpeg4',
  mp4v: 'mpeg4',
  mjpg: 'mjpeg',
}

/** By format tag (RFC 2361). */
const audioCodecs: Record<number, string> = { 1: 'pcm', 85: 'mp3', 255: 'aac', 8192: 'ac3' }

interface Chunk {
  readonly id: string
  readonly start: number
  readonly end: number
}

function* chunksIn(bytes: Buffer, start: number, end: number): Iterable<Chunk> {
  for (let offset = start; offset + 8 <= Math.min(end, bytes.length); ) {
    const sizeBytes = uintLe(bytes, offset + 4, 4)
    yield { id: ascii(bytes, offset, 4), start: offset + 8, end: offset + 8 + sizeBytes }
    offset += 8 + sizeBytes + (sizeBytes % 2)
  }
}

interface Stream {
  readonly kind: string
  readonly durationS: number
  readonly fps: number
  readonly codec: string | null
}

/** A stream list: its header (`strh`) and the format (`strf`) right behind. */
const readStream = (bytes: Buffer, list: Chunk): Stream | null => {
  const [header, format] = chunksIn(bytes, list.start + 4, list.end)
  if (header?.id !== 'strh' || format?.id !== 'strf') return null
  const kind = ascii(bytes, header.start, 4)
  const fps = uintLe(bytes, header.start + 24, 4) / uintLe(bytes, header.start + 20, 4)
  const fourCc = ascii(bytes, format.start + 16, 4).toLowerCase()
  const codec =
    kind === 'vids' ? (videoCodecs[fourCc] ?? null) : (audioCodecs[uintLe(bytes, format.start, 2)] ?? null)
  return { kind, fps, codec, durationS: uintLe(bytes, header.start + 32, 4) / fps }
}

const positiveOrNull = (value: number): number | null => (value > 0 && Number.isFinite(value) ? value : null)

/** The tracks of an AVI file by its header list, which its head holds; null when that is broken. */
export const readAviTracks = (head: Buffer): Tracks | null => {
  if (!hasAscii(head, 8, 'AVI LIST') || !hasAscii(head, 20, 'hdrlavih')) return null
  const headerEnd = 20 + uintLe(head, 16, 4)
  const streams = [...chunksIn(head, 24, headerEnd)]
    .filter(({ id, start }) => id === 'LIST' && hasAscii(head, start, 'strl'))
    .flatMap((list) => readStream(head, list) ?? [])
  const video = streams.find(({ kind }) => kind === 'vids')
  const audio = streams.find(({ kind }) => kind === 'auds')
  const longest = Math.max(0, ...streams.map(({ durationS }) => positiveOrNull(durationS) ?? 0))
  return {
    container: 'avi',
    durationS: positiveOrNull(longest),
    video: video
      ? {
          width: uintLe(head, 64, 4),
          height: uintLe(head, 68, 4),
          codec: video.codec,
          fps: positiveOrNull(video.fps),
        }
      : null,
    audio: audio ? { codec: audio.codec } : null,
  }
}
