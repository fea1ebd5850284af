import type { CodecContext, Packet } from 'node-av'
import { loadAvLibrary } from './libraries.ts'
import { type Sound, sampleRate } from './music/sound.ts'

/** Sound as AAC packets, in order. */
export interface EncodedSound {
  readonly encoder: CodecContext
  readonly packets: readonly Packet[]
  readonly sampleRate: number
  close(): void
}

const bitsPerS = 160_000n

/** Encodes all of a sound to AAC at once: a minute takes a fraction of a second. */
export async function encodeSound(sound: Sound): Promise<EncodedSound> {
  const av = await loadAvLibrary()
  const codec = av.Codec.findEncoderByName(av.FF_ENCODER_AAC)
  if (!codec) throw new Error('This build of node-av has no AAC encoder')
  const encoder = new av.CodecContext()
  encoder.allocContext3(codec)
  encoder.sampleRate = sampleRate
  encoder.sampleFormat = av.AV_SAMPLE_FMT_FLTP
  encoder.channelLayout = av.AV_CHANNEL_LAYOUT_STEREO
  encoder.bitRate = bitsPerS
  encoder.timeBase = new av.Rational(1, sampleRate)
  encoder.setFlags(av.AV_CODEC_FLAG_GLOBAL_HEADER)
  const check = (code: number, action: string) => av.FFmpegError.throwIfError(code, action)
  check(await encoder.open2(codec, null), 'open the AAC encoder')
  const packets: Packet[] = []
  const drain = () => {
    for (;;) {
      const packet = new av.Packet()
      packet.alloc()
      const code = encoder.receivePacketSync(packet)
      if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) {
        packet.free()
        return
      }
      check(code, 'encode sound')
      packets.push(packet)
    }
  }
  const step = encoder.frameSize
  for (let from = 0; from < sound.left.length; from += step) {
    const frame = soundFrame(av, sound, from, Math.min(step, sound.left.length - from))
    check(encoder.sendFrameSync(frame), 'encode sound')
    frame.free()
    drain()
  }
  check(encoder.sendFrameSync(null), 'finish the sound')
  drain()
  return {
    encoder,
    packets,
    sampleRate,
    close() {
      for (const packet of packets) packet.free()
      encoder.freeContext()
    },
  }
}

function soundFrame(
  av: Awaited<ReturnType<typeof loadAvLibrary>>,
  sound: Sound,
  from: number,
  samples: number,
) {
  const plane = (channel: Float32Array) =>
    Buffer.from(channel.buffer, channel.byteOffset + from * 4, samples * 4)
  return av.Frame.fromAudioBuffer(Buffer.concat([plane(sound.left), plane(sound.right)]), {
    nbSamples: samples,
    format: av.AV_SAMPLE_FMT_FLTP,
    sampleRate,
    channelLayout: av.AV_CHANNEL_LAYOUT_STEREO,
    timeBase: { num: 1, den: sampleRate },
    pts: BigInt(from),
  })
}
