import type { CodecContext } from 'node-av'
import type { Av } from './libraries.ts'

export interface VideoEncoderOptions {
  readonly width: number
  readonly height: number
  readonly framesPerS: number
  /** 0 lets x264 choose. */
  readonly threads: number
}

/** How hard x264 tries, and its constant rate factor: lower is better and larger. A sandbox shares its machine. */
const preset = 'superfast'
const rateFactor = '21'

/** H.264 High, 4:2:0, tagged BT.709, a key frame every two seconds. */
export async function openVideoEncoder(av: Av, options: VideoEncoderOptions): Promise<CodecContext> {
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
  const settings = av.Dictionary.fromObject({ preset, crf: rateFactor, profile: 'high' })
  av.FFmpegError.throwIfError(await encoder.open2(codec, settings), 'open the H.264 encoder')
  return encoder
}
