import type { CodecContext, Frame, Packet, Stream } from 'node-av'
import { loadAvLibrary } from './libraries.ts'
import type { EncodedSound } from './sound-encoder.ts'

export interface VideoFileOptions {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly framesPerS: number
  /** Read, not closed: the caller made it. */
  readonly sound: EncodedSound
  readonly title: string
  readonly comment: string
  /** x264's own words for how hard it tries. */
  readonly preset: 'veryfast' | 'superfast'
  /** x264 threads; 0 lets it choose. */
  readonly threads: number
}

/** An MP4 file being written: H.264 High and AAC, BT.709, its index before its media. */
export interface VideoFile {
  /** Adds the next frame; `rgba` may be reused once the promise is fulfilled. */
  addFrame(rgba: Buffer): Promise<void>
  /** Writes what is left and the index. */
  finish(): Promise<void>
  /** Frees everything; safe to call after `finish` and after a failure. */
  close(): Promise<void>
}

type Av = Awaited<ReturnType<typeof loadAvLibrary>>

const constantQuality = '21'

export async function createVideoFile(options: VideoFileOptions): Promise<VideoFile> {
  const av = await loadAvLibrary()
  const check = (code: number, action: string) => av.FFmpegError.throwIfError(code, action)
  const file = new av.FormatContext()
  check(file.allocOutputContext2(null, 'mp4', options.path), 'prepare an MP4 file')
  const encoder = await openEncoder(av, options)
  const videoStream = addStream(av, file, encoder)
  const { sound } = options
  const soundStream = addStream(av, file, sound.encoder)
  file.metadata = av.Dictionary.fromObject({
    title: options.title,
    comment: options.comment,
    encoder: 'Clipline sandbox',
  })
  check(await file.openOutput(), 'open the output file')
  check(await file.writeHeader(av.Dictionary.fromObject({ movflags: '+faststart' })), 'write the header')
  const pictures = createPictures(av, options)
  const packet = new av.Packet()
  packet.alloc()
  let frameCount = 0
  let nextSound = 0

  /** Sound up to the time of the picture, so that the two lie side by side in the file. */
  const writeSound = async (untilS: number) => {
    for (; nextSound < sound.packets.length; nextSound += 1) {
      const source = sound.packets[nextSound]
      if (!source || Number(source.pts) / sound.sampleRate > untilS) return
      const copy = source.clone()
      if (!copy) throw new Error('FFmpeg is out of memory')
      await writePacket(copy, soundStream, sound.encoder)
      copy.free()
    }
  }
  const writePacket = async (written: Packet, stream: Stream, from: CodecContext) => {
    written.streamIndex = stream.index
    written.rescaleTs(from.timeBase, stream.timeBase)
    check(await file.interleavedWriteFrame(written), 'write to the file')
  }
  const drain = async () => {
    for (;;) {
      const code = await encoder.receivePacket(packet)
      if (code === av.AVERROR_EAGAIN || code === av.AVERROR_EOF) return
      check(code, 'encode a picture')
      packet.duration = 1n
      await writeSound(Number(packet.dts) / options.framesPerS)
      await writePacket(packet, videoStream, encoder)
      packet.unref()
    }
  }
  return {
    async addFrame(rgba) {
      const picture = await pictures.convert(rgba, frameCount)
      frameCount += 1
      check(await encoder.sendFrame(picture), 'encode a picture')
      await drain()
    },
    async finish() {
      check(await encoder.sendFrame(null), 'finish the pictures')
      await drain()
      await writeSound(Number.POSITIVE_INFINITY)
      check(await file.writeTrailer(), 'write the index')
    },
    async close() {
      await file.closeOutput()
      pictures.close()
      packet.free()
      encoder.freeContext()
      file.freeContext()
    },
  }
}

async function openEncoder(av: Av, options: VideoFileOptions): Promise<CodecContext> {
  const codec = av.Codec.findEncoderByName(av.FF_ENCODER_LIBX264)
  if (!codec) throw new Error('This build of node-av has no H.264 encoder')
  const encoder = new av.CodecContext()
  encoder.allocContext3(codec)
  encoder.width = options.width
  encoder.height = options.height
  encoder.pixelFormat = av.AV_PIX_FMT_YUV420P
  encoder.timeBase = new av.Rational(1, options.framesPerS)
  encoder.framerate = new av.Rational(options.framesPerS, 1)
  encoder.gopSize = options.framesPerS * 2
  encoder.threadCount = options.threads
  encoder.colorSpace = av.AVCOL_SPC_BT709
  encoder.colorPrimaries = av.AVCOL_PRI_BT709
  encoder.colorTrc = av.AVCOL_TRC_BT709
  encoder.colorRange = av.AVCOL_RANGE_MPEG
  encoder.setFlags(av.AV_CODEC_FLAG_GLOBAL_HEADER)
  const settings = av.Dictionary.fromObject({ preset: options.preset, crf: constantQuality, profile: 'high' })
  av.FFmpegError.throwIfError(await encoder.open2(codec, settings), 'open the H.264 encoder')
  return encoder
}

function addStream(av: Av, file: InstanceType<Av['FormatContext']>, encoder: CodecContext): Stream {
  const stream = file.newStream()
  av.FFmpegError.throwIfError(stream.codecpar.fromContext(encoder), 'describe a stream')
  stream.timeBase = encoder.timeBase
  return stream
}

interface Pictures {
  /** The picture in the encoder's own colors; valid until the next call. */
  convert(rgba: Buffer, index: number): Promise<Frame>
  close(): void
}

/** Converts full-range RGB to limited-range BT.709, as the stream says it is. */
function createPictures(av: Av, options: VideoFileOptions): Pictures {
  const allocate = (
    format: Frame['format'],
    range: Frame['colorRange'],
    space: Frame['colorSpace'],
    align: number,
  ) => {
    const frame = new av.Frame()
    frame.alloc()
    frame.width = options.width
    frame.height = options.height
    frame.format = format
    frame.colorRange = range
    frame.colorSpace = space
    av.FFmpegError.throwIfError(frame.getBuffer(align), 'allocate a picture')
    return frame
  }
  // Aligned to one byte, so that rows follow each other as they do in the canvas.
  const rgb = allocate(av.AV_PIX_FMT_RGBA, av.AVCOL_RANGE_JPEG, av.AVCOL_SPC_RGB, 1)
  const yuv = allocate(av.AV_PIX_FMT_YUV420P, av.AVCOL_RANGE_MPEG, av.AVCOL_SPC_BT709, 0)
  yuv.colorPrimaries = av.AVCOL_PRI_BT709
  yuv.colorTrc = av.AVCOL_TRC_BT709
  const scaler = new av.SoftwareScaleContext()
  scaler.allocContext()
  return {
    async convert(rgba, index) {
      const plane = rgb.data?.[0]
      if (!plane) throw new Error('FFmpeg gave no memory for a picture')
      rgba.copy(plane)
      av.FFmpegError.throwIfError(yuv.makeWritable(), 'reuse a picture')
      av.FFmpegError.throwIfError(await scaler.scaleFrame(yuv, rgb), 'convert a picture')
      yuv.pts = BigInt(index)
      return yuv
    },
    close() {
      rgb.free()
      yuv.free()
      scaler.freeContext()
    },
  }
}
