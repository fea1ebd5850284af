import type { Demuxer, Frame, SoftwareScaleContext } from 'node-av'
import { type Av, loadAvLibrary } from '../libraries.ts'
import type { Bitmap, CreateBitmap } from '../scene/view.ts'
import type { ShotPainter } from './shot-painter.ts'

export interface FootageOptions {
  readonly path: string
  readonly width: number
  readonly height: number
  readonly createBitmap: CreateBitmap
}

/** A clip scaled to cover the canvas, upright. */
interface Fit {
  /** Size of the decoded picture after scaling, before turning. */
  readonly width: number
  readonly height: number
  /** Quarter turns clockwise. */
  readonly turns: number
}

/**
 * Cuts in an uploaded clip: decoded in step with the film, scaled to cover the canvas, turned as its metadata says, its
 * own sound left out (the music bed plays on). When it is shorter than its shot, its last picture stays.
 */
export async function createFootage(options: FootageOptions): Promise<ShotPainter> {
  const av = await loadAvLibrary()
  const demuxer = await av.Demuxer.open(options.path)
  const stream = demuxer.video()
  if (!stream) {
    await demuxer.close()
    throw new Error('The media file holds no picture')
  }
  const decoder = await av.Decoder.create(stream)
  const frames = decoder.frames(demuxer.packets(stream.index))
  const screen = createScreen(av, options, fitOf(av, stream.codecpar, options))
  let next = await readFrame(frames)
  const firstS = next?.stampS ?? 0
  return {
    async paint(pen, timeS) {
      while (next !== null && next.stampS - firstS <= timeS + 0.001) {
        screen.show(next.frame)
        next = await readFrame(frames)
      }
      screen.paint(pen)
    },
    close() {
      next?.frame.free()
      screen.close()
      decoder.close()
      demuxer.closeSync()
    },
  }
}

interface StampedFrame {
  readonly frame: Frame
  readonly stampS: number
}

/** The next picture of a clip; null at its end. */
async function readFrame(frames: AsyncGenerator<Frame | null>): Promise<StampedFrame | null> {
  const { value: frame, done } = await frames.next()
  if (done || !frame) return null
  const { num, den } = frame.timeBase
  return { frame, stampS: (Number(frame.pts) * num) / Math.max(1, den) }
}

type StreamShape = NonNullable<ReturnType<Demuxer['video']>>['codecpar']

function fitOf(av: Av, shape: StreamShape, canvas: { readonly width: number; readonly height: number }): Fit {
  const turns = quarterTurns(shape.getCodedSideData(av.AV_PKT_DATA_DISPLAYMATRIX))
  const aspect = shape.sampleAspectRatio
  const stretch = aspect.num > 0 && aspect.den > 0 ? aspect.num / aspect.den : 1
  const sourceWidth = shape.width * stretch
  const isTurned = turns % 2 === 1
  const [across, down] = isTurned ? [shape.height, sourceWidth] : [sourceWidth, shape.height]
  const scale = Math.max(canvas.width / across, canvas.height / down)
  const even = (pixels: number) => Math.max(2, Math.ceil(pixels / 2) * 2)
  return { width: even(sourceWidth * scale), height: even(shape.height * scale), turns }
}

/** Reads the rotation of a display matrix (nine 16.16 fixed-point numbers, little endian). */
function quarterTurns(matrix: Buffer | null): number {
  if (!matrix || matrix.length < 36) return 0
  const angle = Math.atan2(matrix.readInt32LE(4), matrix.readInt32LE(0))
  return (Math.round(angle / (Math.PI / 2)) + 4) % 4
}

interface Screen {
  /** Takes the frame over and frees it. */
  show(frame: Frame): void
  paint(pen: ReturnType<Bitmap['getContext']>): void
  close(): void
}

function createScreen(av: Av, canvas: FootageOptions, fit: Fit): Screen {
  const bitmap = canvas.createBitmap(fit.width, fit.height)
  const picture = bitmap.getContext('2d')
  const image = picture.createImageData(fit.width, fit.height)
  const scaler: SoftwareScaleContext = new av.SoftwareScaleContext()
  scaler.allocContext()
  const target = new av.Frame()
  target.alloc()
  target.width = fit.width
  target.height = fit.height
  target.format = av.AV_PIX_FMT_RGBA
  return {
    show(frame) {
      target.unref()
      target.width = fit.width
      target.height = fit.height
      target.format = av.AV_PIX_FMT_RGBA
      av.FFmpegError.throwIfError(target.getBuffer(1), 'allocate a picture')
      av.FFmpegError.throwIfError(scaler.scaleFrameSync(target, frame), 'scale a picture')
      frame.free()
      image.data.set(target.toBuffer().subarray(0, image.data.length))
      picture.putImageData(image, 0, 0)
    },
    paint(pen) {
      pen.save()
      pen.fillStyle = '#000000'
      pen.fillRect(0, 0, canvas.width, canvas.height)
      pen.translate(canvas.width / 2, canvas.height / 2)
      pen.rotate((fit.turns * Math.PI) / 2)
      pen.drawImage(bitmap, -fit.width / 2, -fit.height / 2)
      pen.restore()
    },
    close() {
      target.free()
      scaler.freeContext()
    },
  }
}
