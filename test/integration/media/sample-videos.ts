/** Real containers around frames that nobody will decode, written by mediabunny's muxers: no encoder is needed. */
import {
  AdtsOutputFormat,
  type AudioCodec,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  type VideoCodec,
  WavOutputFormat,
  WebMOutputFormat,
} from 'mediabunny'

const formats = {
  mp4: () => new Mp4OutputFormat(),
  fastStartMp4: () => new Mp4OutputFormat({ fastStart: 'in-memory' }),
  fragmentedMp4: () => new Mp4OutputFormat({ fastStart: 'fragmented' }),
  mov: () => new MovOutputFormat(),
  mkv: () => new MkvOutputFormat(),
  webm: () => new WebMOutputFormat(),
  wav: () => new WavOutputFormat(),
  aac: () => new AdtsOutputFormat(),
} satisfies Record<string, () => OutputFormat>

interface Wish {
  readonly format: keyof typeof formats
  readonly videoCodec?: VideoCodec | null
  readonly audioCodec?: AudioCodec | null
  readonly rotation?: 0 | 90 | 180 | 270
  readonly seconds?: number
  readonly frameBytes?: number
  /** Every second and third frame change places, as with B-frames. */
  readonly isReordered?: boolean
}

const width = 320
const height = 240
const fps = 25
const hertz = 44_100

/** An AVC configuration with the parameter sets of a 320 × 240 baseline stream. */
const avcConfiguration = new Uint8Array([
  1, 0x42, 0, 0x0d, 0xff, 0xe1, 0, 9, 0x67, 0x42, 0, 0x0d, 0xe9, 0x02, 0x83, 0xf2, 0, 1, 0, 4, 0x68, 0xce,
  0x06, 0xe2,
])

const videoConfigs: Partial<Record<VideoCodec, VideoDecoderConfig>> = {
  avc: { codec: 'avc1.42000d', codedWidth: width, codedHeight: height, description: avcConfiguration },
  vp8: { codec: 'vp8', codedWidth: width, codedHeight: height },
  vp9: { codec: 'vp09.00.10.08', codedWidth: width, codedHeight: height },
}

const audioConfigs: Partial<Record<AudioCodec, AudioDecoderConfig>> = {
  aac: {
    codec: 'mp4a.40.2',
    numberOfChannels: 2,
    sampleRate: hertz,
    description: new Uint8Array([0x12, 0x10]),
  },
  'pcm-s16': { codec: 'pcm-s16', numberOfChannels: 1, sampleRate: hertz },
}

/** 0 1 2 3 4 … or, reordered, 0 2 1 4 3 …; a last one without a partner stays where it is. */
const shownAt = (frame: number, frameCount: number, isReordered: boolean): number => {
  const partner = frame + (frame % 2 === 1 ? 1 : -1)
  return isReordered && frame > 0 && partner < frameCount ? partner : frame
}

const writeVideo = async (source: EncodedVideoPacketSource, codec: VideoCodec, wish: Required<Wish>) => {
  const frameCount = wish.seconds * fps
  for (let frame = 0; frame < frameCount; frame += 1) {
    const bytes = new Uint8Array(wish.frameBytes).fill(frame & 0xff)
    const timestamp = shownAt(frame, frameCount, wish.isReordered) / fps
    const packet = new EncodedPacket(bytes, frame === 0 ? 'key' : 'delta', timestamp, 1 / fps)
    await source.add(packet, { decoderConfig: videoConfigs[codec]! })
  }
  source.close()
}

const writeAudio = async (source: EncodedAudioPacketSource, codec: AudioCodec, seconds: number) => {
  const samples = codec === 'pcm-s16' ? 4410 : 1024
  for (let at = 0; at < seconds * hertz; at += samples) {
    const bytes = new Uint8Array(codec === 'pcm-s16' ? samples * 2 : 100)
    const packet = new EncodedPacket(bytes, 'key', at / hertz, samples / hertz)
    await source.add(packet, { decoderConfig: audioConfigs[codec]! })
  }
  source.close()
}

const defaults = {
  videoCodec: 'avc',
  audioCodec: 'aac',
  rotation: 0,
  seconds: 2,
  frameBytes: 200,
  isReordered: false,
} as const

/** A file of 320 × 240 at 25 frames a second, two seconds long unless asked otherwise. */
export const sampleVideo = async (given: Wish): Promise<Buffer> => {
  const wish = { ...defaults, ...given }
  const { videoCodec, audioCodec, rotation } = wish
  const output = new Output({ format: formats[wish.format](), target: new BufferTarget() })
  const video = videoCodec === null ? null : new EncodedVideoPacketSource(videoCodec)
  const audio = audioCodec === null ? null : new EncodedAudioPacketSource(audioCodec)
  if (video !== null) output.addVideoTrack(video, { rotation, frameRate: fps })
  if (audio !== null) output.addAudioTrack(audio)
  await output.start()
  await Promise.all([
    video && writeVideo(video, videoCodec!, wish),
    audio && writeAudio(audio, audioCodec!, wish.seconds),
  ])
  await output.finalize()
  return Buffer.from(output.target.buffer!)
}

/**
 * An MP4 of a few kilobytes whose time table claims four thousand million frames in an order of their own: a parser
 * that believes it fills its memory with them.
 */
export const bombVideo = async (): Promise<Buffer> => {
  const file = await sampleVideo({ format: 'fastStartMp4', audioCodec: null, isReordered: true, seconds: 1 })
  file.writeUInt32BE(0xffff_fff0, file.indexOf('stts') + 12)
  return file
}
