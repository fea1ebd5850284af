import type { CodecContext, Frame, Packet } from 'node-av'
import { type Av, loadAvLibrary } from './libraries.ts'
import { type Sound, sampleRate } from './music/sound.ts'

/** Sound as AAC packets, in order. */
export interface EncodedSound {
  readonly encoder: CodecContext
  readonly packets: readonly Packet[]
  readonly sampleRate: number
  close(): void
}

const bitsPerS = 160_000n

/** Encodes all of a sound to AAC at once: a minute of it takes a fraction of a second. */
export async function encodeSound(sound: Sound): Promise<EncodedSound> {
  const av = await loadAvLibrary()
  const encoder = await openSoundEncoder(av)
  const packets: Packet[] = []
  const encode = (frame: Frame | null) => {
    av.FFmpegError.throwIfError(encoder.sendFrameSync(frame), 'encode sound')
    packets.push(...receivePackets(av, encoder))
  }
  const step = encoder.frameSize
  for (let from = 0; from < sound.left.length; from += step) {
    const frame = soundFrame(av, sound, { from, to: Math.min(from + step, sound.left.length) })
    encode(frame)
    frame.free()
  }
  encode(null)
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

async function openSoundEncoder(av: Av): Promise<CodecContext> {
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
  av.FFmpegError.throwIfError(await encoder.open2(codec, null), 'open the AAC encoder')
  return encoder
}

function receivePackets(av: Av, encoder: CodecContext): Packet[] {
  const packets: Packet[] = []
  for (;;) {
    const packet = new av.Packet()
    packet.alloc()
    const code = encoder.receivePacketSync(packet)
    if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) {
      packet.free()
      return packets
    }
    av.FFmpegError.throwIfError(code, 'encode sound')
    packets.push(packet)
  }
}

function soundFrame(
  av: Av,
  sound: Sound,
  { from, to }: { readonly from: number; readonly to: number },
): Frame {
  const plane = (channel: Float32Array) =>
    Buffer.from(channel.buffer, channel.byteOffset + from * 4, (to - from) * 4)
  return av.Frame.fromAudioBuffer(Buffer.concat([plane(sound.left), plane(sound.right)]), {
    nbSamples: to - from,
    format: av.AV_SAMPLE_FMT_FLTP,
    sampleRate,
    channelLayout: av.AV_CHANNEL_LAYOUT_STEREO,
    timeBase: { num: 1, den: sampleRate },
    pts: BigInt(from),
  })
}
