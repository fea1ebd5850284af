import {
  ADTS,
  CustomSource,
  EncodedPacketSink,
  Input,
  type InputFormat,
  type InputVideoTrack,
  Logging,
  LogLevel,
  MATROSKA,
  MP3,
  MP4,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny'
import type { ByteSource } from './byte-source.ts'

/** What is inside a video or audio file. Codecs by their usual names (`h264`, `hevc`, `vp9`, `aac`, `opus`, …). */
export interface Tracks {
  readonly container: Container
  readonly durationS: number | null
  readonly video: VideoTrack | null
  readonly audio: { readonly codec: string | null } | null
}

export interface VideoTrack {
  /** In pixels as displayed: turned, and with its pixel aspect ratio applied. */
  readonly width: number
  readonly height: number
  readonly codec: string | null
  readonly fps: number | null
}

export type Container = 'mp4' | 'mov' | 'mkv' | 'webm' | 'avi' | 'wav' | 'mp3' | 'aac'

export type TracksResult =
  | { readonly ok: true; readonly tracks: Tracks }
  /** `too_complex`: reading on would take more than a sound file of any length needs. */
  | { readonly ok: false; readonly reason: 'unreadable' | 'too_complex' }

/** Playlist formats are left out on purpose: they name other files to read. */
const containers = new Map<InputFormat, Container>([
  [MP4, 'mp4'],
  [QTFF, 'mov'],
  [MATROSKA, 'mkv'],
  [WEBM, 'webm'],
  [WAVE, 'wav'],
  [MP3, 'mp3'],
  [ADTS, 'aac'],
])

/** The index of an hour of video is a few megabytes. */
const maxReadBytes = 64 * 1024 * 1024
/** Enough packets for a frame rate. */
const sampledPackets = 128

Logging.level = LogLevel.Silent

/** Reads from the source until the budget is spent; remembers why it stopped, as the parser hides it in its errors. */
const limitedSource = (source: ByteSource) => {
  const state: { readBytes: number; failure: { readonly error: unknown } | null } = {
    readBytes: 0,
    failure: null,
  }
  const reader = new CustomSource({
    getSize: () => source.sizeBytes,
    prefetchProfile: 'fileSystem',
    read: async (start, end) => {
      state.readBytes += end - start
      if (state.readBytes > maxReadBytes) throw new Error('the read budget is spent')
      try {
        return await source.read(start, end)
      } catch (error) {
        state.failure ??= { error }
        throw error
      }
    },
    // Of a read ahead that nobody waits for; `read` has taken note of it.
    handleUnhandledError: () => undefined,
  })
  return { reader, state }
}

const positiveOrNull = (value: number | null): number | null =>
  value !== null && value > 0 && Number.isFinite(value) ? value : null

const toThousandths = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 1000) / 1000

/** Loads the last frame, which fails for a file that was cut off, and samples the first ones. */
const readVideoTrack = async (track: InputVideoTrack): Promise<VideoTrack | null> => {
  const last = await new EncodedPacketSink(track).getPacket(Number.POSITIVE_INFINITY)
  if (last === null || last.byteLength === 0) return null
  const { averagePacketRate } = await track.computePacketStats(sampledPackets)
  const codec = await track.getCodec()
  return {
    width: await track.getDisplayWidth(),
    height: await track.getDisplayHeight(),
    codec: codec === 'avc' ? 'h264' : codec,
    fps: toThousandths(positiveOrNull(averagePacketRate)),
  }
}

const readInput = async (input: Input): Promise<Tracks> => {
  const container = containers.get(await input.getFormat())
  if (container === undefined) throw new Error('a format that was not asked for')
  const videoTrack = await input.getPrimaryVideoTrack()
  const audioTrack = await input.getPrimaryAudioTrack()
  const seconds = (await input.getDurationFromMetadata()) ?? (await input.computeDuration())
  return {
    container,
    durationS: toThousandths(positiveOrNull(seconds)),
    video: videoTrack === null ? null : await readVideoTrack(videoTrack),
    audio: audioTrack === null ? null : { codec: await audioTrack.getCodec() },
  }
}

/**
 * The tracks of an MP4, MOV, Matroska, WebM, WAV, MP3 or AAC file. Any bytes give a result; only a source that fails
 * makes it throw, with the source's own error. A hostile file may still use up time and memory: run it where it can
 * be killed.
 */
export const readTracks = async (source: ByteSource): Promise<TracksResult> => {
  const { reader, state } = limitedSource(source)
  const input = new Input({ formats: [...containers.keys()], source: reader })
  try {
    return { ok: true, tracks: await readInput(input) }
  } catch {
    if (state.failure !== null) throw state.failure.error
    return { ok: false, reason: state.readBytes > maxReadBytes ? 'too_complex' : 'unreadable' }
  } finally {
    input.dispose()
  }
}
