/** A real HEIC image: one frame of HEVC, encoded by FFmpeg where it is installed, in boxes written here. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { be, box, bytes, fileType } from '../../unit/media/sample-files.ts'

const ffmpeg = await import('node-av').catch(() => null)

/** HEVC needs an encoder; without the optional `node-av` there is none. */
export const canMakeHeic = ffmpeg !== null

const timeBase = { num: 1, den: 25 }

/** Dark on the left half, bright on the right one, in an MP4 that holds nothing else. */
const encodeMp4 = async (width: number, height: number): Promise<Buffer> => {
  if (ffmpeg === null) throw new Error('node-av is not installed')
  const { AV_PIX_FMT_YUV420P, Encoder, FF_ENCODER_LIBX265, Frame, Muxer } = ffmpeg
  const planes = Buffer.alloc((width * height * 3) / 2, 128)
  for (let row = 0; row < height; row += 1) {
    planes.fill(60, row * width, row * width + width / 2)
    planes.fill(200, row * width + width / 2, (row + 1) * width)
  }
  const folder = await mkdtemp(join(tmpdir(), 'clipline-heic-'))
  const path = join(folder, 'frame.mp4')
  const frame = Frame.fromVideoBuffer(planes, { width, height, format: AV_PIX_FMT_YUV420P, timeBase })
  frame.pts = 0n
  const encoder = await Encoder.create(FF_ENCODER_LIBX265, { options: { 'x265-params': 'log-level=none' } })
  const muxer = await Muxer.open(path, {})
  const stream = muxer.addStream(encoder)
  async function* frames() {
    yield frame
    yield null
  }
  for await (const packet of encoder.packets(frames())) if (packet) await muxer.writePacket(packet, stream)
  await muxer.close()
  return readFile(path).finally(() => rm(folder, { recursive: true }))
}

/** A box of a file, its header included, wherever its name stands first. */
const cutBox = (file: Buffer, name: string): Buffer => {
  const start = file.indexOf(name) - 4
  return file.subarray(start, start + file.readUInt32BE(start))
}

const fullBox = (name: string, version: number, ...body: readonly Buffer[]): Buffer =>
  box(name, be(version, 1), be(0, 3), ...body)

/** An image of that size, shown after so many turns by 90° against the clock. */
export const sampleHeic = async ({ width = 128, height = 96, quarterTurns = 0 } = {}): Promise<Buffer> => {
  const mp4 = await encodeMp4(width, height)
  const image = cutBox(mp4, 'mdat').subarray(8)
  const metaFor = (imageAt: number) =>
    fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, bytes(be(0, 4), 'pict', Buffer.alloc(13))),
      fullBox('pitm', 0, be(1, 2)),
      fullBox(
        'iloc',
        0,
        bytes([0x44, 0x00], be(1, 2), be(1, 2), be(0, 2), be(1, 2), be(imageAt, 4), be(image.length, 4)),
      ),
      fullBox('iinf', 0, be(1, 2), fullBox('infe', 2, bytes(be(1, 2), be(0, 2), 'hvc1', 0))),
      box(
        'iprp',
        box(
          'ipco',
          cutBox(mp4, 'hvcC'),
          fullBox('ispe', 0, be(width, 4), be(height, 4)),
          box('irot', be(quarterTurns, 1)),
        ),
        fullBox('ipma', 0, be(1, 4), bytes(be(1, 2), 3, 0x81, 0x02, 0x83)),
      ),
    )
  const head = fileType('heic', 'mif1', 'heic')
  const meta = metaFor(head.length + metaFor(0).length + 8)
  return bytes(head, meta, box('mdat', image))
}
