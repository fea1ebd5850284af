import type { Frame } from 'node-av'
import type { Av } from './libraries.ts'

export interface PictureConverter {
  /** The picture in the encoder's own colors; valid until the next call. */
  convert(rgba: Buffer, index: number): Promise<Frame>
  close(): void
}

interface PictureSize {
  readonly width: number
  readonly height: number
}

interface PictureShape {
  readonly format: Frame['format']
  readonly colorRange: Frame['colorRange']
  readonly colorSpace: Frame['colorSpace']
  /** Bytes to which rows are padded; 0 lets FFmpeg choose. */
  readonly align: number
}

/** Converts full-range RGB to limited-range BT.709, as the stream says it is. */
export function createPictureConverter(av: Av, size: PictureSize): PictureConverter {
  const { rgb, yuv } = allocatePictures(av, size)
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

function allocatePictures(av: Av, size: PictureSize): { readonly rgb: Frame; readonly yuv: Frame } {
  const rgb = allocatePicture(av, size, {
    format: av.AV_PIX_FMT_RGBA,
    colorRange: av.AVCOL_RANGE_JPEG,
    colorSpace: av.AVCOL_SPC_RGB,
    // Rows follow each other without a gap, as they do in the canvas.
    align: 1,
  })
  const yuv = allocatePicture(av, size, {
    format: av.AV_PIX_FMT_YUV420P,
    colorRange: av.AVCOL_RANGE_MPEG,
    colorSpace: av.AVCOL_SPC_BT709,
    align: 0,
  })
  yuv.colorPrimaries = av.AVCOL_PRI_BT709
  yuv.colorTrc = av.AVCOL_TRC_BT709
  return { rgb, yuv }
}

function allocatePicture(av: Av, size: PictureSize, { align, ...shape }: PictureShape): Frame {
  const frame = new av.Frame()
  frame.alloc()
  Object.assign(frame, { width: size.width, height: size.height }, shape)
  av.FFmpegError.throwIfError(frame.getBuffer(align), 'allocate a picture')
  return frame
}
