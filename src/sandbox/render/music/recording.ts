import type { Frame } from 'node-av'
import { loadAvLibrary } from '../libraries.ts'
import { createSound, type Sound, sampleRate } from './sound.ts'

/** Reads an uploaded audio file, or the sound of a clip, as long as `durationS`; a shorter one is played again. */
export async function readRecording(path: string, durationS: number): Promise<Sound> {
  const av = await loadAvLibrary()
  const demuxer = await av.Demuxer.open(path)
  try {
    const stream = demuxer.audio()
    if (!stream) throw new Error('The audio file holds no sound')
    const decoder = await av.Decoder.create(stream, {
      resample: {
        sampleRate,
        sampleFormat: av.AV_SAMPLE_FMT_FLTP,
        channelLayout: av.AV_CHANNEL_LAYOUT_STEREO,
      },
    })
    const sound = createSound(durationS)
    let filled = 0
    for await (const frame of decoder.frames(demuxer.packets(stream.index))) {
      if (!frame) break
      filled += copySamples(frame, sound, filled)
      frame.free()
      if (filled >= sound.left.length) break
    }
    decoder.close()
    repeat(sound, filled)
    return sound
  } finally {
    await demuxer.close()
  }
}

function copySamples(frame: Frame, sound: Sound, at: number): number {
  const [left, right] = frame.extendedData ?? []
  const count = Math.min(frame.nbSamples, sound.left.length - at)
  if (!left || count <= 0) return 0
  sound.left.set(floats(left, count), at)
  sound.right.set(floats(right ?? left, count), at)
  return count
}

function floats(bytes: Buffer, count: number): Float32Array {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + count * 4))
}

function repeat(sound: Sound, filled: number): void {
  if (filled === 0) return
  for (const channel of [sound.left, sound.right]) {
    for (let at = filled; at < channel.length; at += filled)
      channel.copyWithin(at, 0, Math.min(filled, channel.length - at))
  }
}
