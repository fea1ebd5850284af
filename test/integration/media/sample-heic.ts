/** A real HEIC image: one frame of HEVC, encoded by FFmpeg where it is installed, in boxes written here. */
import { be, box, bytes, fileType } from '../../unit/media/sample-files.ts'

const ffmpeg = await import('node-av').catch(() => null)

/** HEVC needs an encoder; without the optional `node-av` there is none. */
export const canMakeHeic = ffmpeg !== null

/** One frame, dark on the left half and bright on the right one, as a stream of HEVC with start codes. */
const encodeFrame = async (width: number, height: number): Promise<Buffer> => {
  if (ffmpeg === null) throw new Error('node-av is not installed')
  const { AV_PIX_FMT_YUV420P, Encoder, FF_ENCODER_LIBX265, Frame } = ffmpeg
  const planes = Buffer.alloc((width * height * 3) / 2, 128)
  for (let row = 0; row < height; row += 1) {
    planes.fill(60, row * width, row * width + width / 2)
    planes.fill(200, row * width + width / 2, (row + 1) * width)
  }
  const frame = Frame.fromVideoBuffer(planes, {
    width,
    height,
    format: AV_PIX_FMT_YUV420P,
    timeBase: { num: 1, den: 25 },
  })
  frame.pts = 0n
  const encoder = await Encoder.create(FF_ENCODER_LIBX265, { options: { 'x265-params': 'log-level=none' } })
  async function* frames() {
    yield frame
    yield null
  }
  const packets: Buffer[] = []
  for await (const packet of encoder.packets(frames()))
    if (packet?.data) packets.push(Buffer.from(packet.data))
  return Buffer.concat(packets)
}

interface Unit {
  readonly type: number
  readonly body: Buffer
}

/** The units between start codes (ITU-T H.265, Annex B). */
const splitUnits = (stream: Buffer): Unit[] =>
  stream
    .toString('latin1')
    .split('\0\0\x01')
    .map((unit) => unit.replace(/\0+$/, ''))
    .filter((unit) => unit !== '')
    .map((unit) => Buffer.from(unit, 'latin1'))
    .map((body) => ({ type: (body[0]! >>> 1) & 0x3f, body }))

const parameterSets = { video: 32, sequence: 33, picture: 34 }

/** The decoder configuration: profile and level as the sequence has them, then the parameter sets themselves. */
const configuration = (units: readonly Unit[]): Buffer => {
  const sets = Object.values(parameterSets).map((type) => units.find((unit) => unit.type === type)!)
  const sequence = Buffer.from(sets[1]!.body.toString('latin1').replaceAll('\0\0\x03', '\0\0'), 'latin1')
  const profile = sequence.subarray(3, 15)
  const arrays = sets.map(({ type, body }) => bytes(0x80 | type, be(1, 2), be(body.length, 2), body))
  return box(
    'hvcC',
    bytes(1, profile, [0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 0x0f, arrays.length], ...arrays),
  )
}

const fullBox = (name: string, version: number, ...body: readonly Buffer[]): Buffer =>
  box(name, be(version, 1), be(0, 3), ...body)

/** An image of that size, shown after so many turns by 90° against the clock. */
export const sampleHeic = async ({ width = 128, height = 96, quarterTurns = 0 } = {}): Promise<Buffer> => {
  const units = splitUnits(await encodeFrame(width, height))
  const slices = units.filter(({ type }) => type < 32)
  const image = bytes(...slices.flatMap(({ body }) => [be(body.length, 4), body]))
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
          configuration(units),
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
