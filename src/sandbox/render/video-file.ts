import type { CodecContext, FormatContext, Packet, Stream } from 'node-av'
import { type Av, loadAvLibrary } from './libraries.ts'
import { createPictureConverter } from './picture-converter.ts'
import type { EncodedSound } from './sound-encoder.ts'
import { openVideoEncoder, type VideoEncoderOptions } from './video-encoder.ts'

export interface VideoFileOptions extends VideoEncoderOptions {
  readonly path: string
  /** Read, not closed: the caller made it. */
  readonly sound: EncodedSound
  readonly title: string
  readonly comment: string
}

/** An MP4 file being written: H.264 and AAC, its index before its media. */
export interface VideoFile {
  /** Adds the next frame. One at a time: wait for the promise before the next. */
  addFrame(rgba: Buffer): Promise<void>
  /** Writes what is left and the index. */
  finish(): Promise<void>
  /** Frees everything; safe after `finish` and after a failure, but not while a frame is being added. */
  close(): Promise<void>
}

export async function createVideoFile(options: VideoFileOptions): Promise<VideoFile> {
  const av = await loadAvLibrary()
  const encoder = await openVideoEncoder(av, options)
  const output = await openOutput(av, encoder, options)
  const converter = createPictureConverter(av, options)
  const sound = createSoundWriter(output, options.sound)
  const packet = new av.Packet()
  packet.alloc()
  let frameCount = 0
  const encode = async (frame: Parameters<CodecContext['sendFrame']>[0]) => {
    av.FFmpegError.throwIfError(await encoder.sendFrame(frame), 'encode a picture')
    for (;;) {
      const code = await encoder.receivePacket(packet)
      if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
      av.FFmpegError.throwIfError(code, 'encode a picture')
      packet.duration = 1n
      await sound.writeUntil(Number(packet.dts) / options.framesPerS)
      await output.write(packet, output.video, encoder)
      packet.unref()
    }
  }
  return {
    async addFrame(rgba) {
      const frame = await converter.convert(rgba, frameCount)
      frameCount += 1
      await encode(frame)
    },
    async finish() {
      await encode(null)
      await sound.writeUntil(Number.POSITIVE_INFINITY)
      av.FFmpegError.throwIfError(await output.file.writeTrailer(), 'write the index')
    },
    async close() {
      await output.file.closeOutput()
      converter.close()
      packet.free()
      encoder.freeContext()
      output.file.freeContext()
    },
  }
}

interface Output {
  readonly file: FormatContext
  readonly video: Stream
  readonly audio: Stream
  /** Takes a packet in its encoder's time. */
  write(packet: Packet, stream: Stream, encoder: CodecContext): Promise<void>
}

async function openOutput(av: Av, encoder: CodecContext, options: VideoFileOptions): Promise<Output> {
  const check = (code: number, action: string) => av.FFmpegError.throwIfError(code, action)
  const file = new av.FormatContext()
  check(file.allocOutputContext2(null, 'mp4', options.path), 'prepare an MP4 file')
  const addStream = (from: CodecContext): Stream => {
    const stream = file.newStream()
    check(stream.codecpar.fromContext(from), 'describe a stream')
    stream.timeBase = from.timeBase
    return stream
  }
  const video = addStream(encoder)
  const audio = addStream(options.sound.encoder)
  const { title, comment } = options
  file.metadata = av.Dictionary.fromObject({ title, comment, encoder: 'Clipline sandbox' })
  check(await file.openOutput(), 'open the output file')
  check(await file.writeHeader(av.Dictionary.fromObject({ movflags: '+faststart' })), 'write the header')
  return {
    file,
    video,
    audio,
    async write(packet, stream, from) {
      packet.streamIndex = stream.index
      packet.rescaleTs(from.timeBase, stream.timeBase)
      check(await file.interleavedWriteFrame(packet), 'write to the file')
    },
  }
}

interface SoundWriter {
  /** Writes the sound up to a time of the picture, so that the two lie side by side in the file. */
  writeUntil(timeS: number): Promise<void>
}

function createSoundWriter(output: Output, sound: EncodedSound): SoundWriter {
  let next = 0
  return {
    async writeUntil(timeS) {
      for (; next < sound.packets.length; next += 1) {
        const packet = sound.packets[next]
        if (!packet || Number(packet.pts) / sound.sampleRate > timeS) return
        // Writing consumes a packet, and this sound may be shared with other files.
        const copy = packet.clone()
        if (!copy) throw new Error('FFmpeg is out of memory')
        await output.write(copy, output.audio, sound.encoder)
        copy.free()
      }
    },
  }
}
