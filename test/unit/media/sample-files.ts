/** The smallest files that have the structure of their type, built byte by byte. */
import { crc32, deflateSync } from 'node:zlib'

export const bytes = (...parts: readonly (string | number | readonly number[] | Buffer)[]): Buffer =>
  Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'latin1')
      return Buffer.isBuffer(part) ? part : Buffer.from(typeof part === 'number' ? [part] : part)
    }),
  )

export const be = (value: number, length: number): Buffer => {
  const buffer = Buffer.alloc(length)
  buffer.writeUIntBE(value, 0, length)
  return buffer
}

export const le = (value: number, length: number): Buffer => {
  const buffer = Buffer.alloc(length)
  buffer.writeUIntLE(value, 0, length)
  return buffer
}

const pngChunk = (name: string, body: Buffer): Buffer =>
  bytes(be(body.length, 4), name, body, be(crc32(bytes(name, body)), 4))

export const png = (width = 3, height = 2): Buffer =>
  bytes(
    '\x89PNG\r\n\x1a\n',
    pngChunk('IHDR', bytes(be(width, 4), be(height, 4), [8, 6, 0, 0, 0])),
    pngChunk('IDAT', deflateSync(Buffer.alloc((3 * 4 + 1) * 2))),
    pngChunk('IEND', Buffer.alloc(0)),
  )

/** A little- or big-endian EXIF block with nothing but an orientation. */
export const exif = (orientation: number, order: 'II' | 'MM' = 'II'): Buffer => {
  const number = order === 'II' ? le : be
  return bytes(
    order,
    number(42, 2),
    number(8, 4),
    number(1, 2),
    number(0x0112, 2),
    number(3, 2),
    number(1, 4),
    number(orientation, 2),
    [0, 0],
    number(0, 4),
  )
}

export const jpegSegment = (marker: number, body: Buffer): Buffer =>
  bytes([0xff, marker], be(body.length + 2, 2), body)

export const jpeg = (
  width = 3,
  height = 2,
  { segments = [] as readonly Buffer[], frame = 0xc0 } = {},
): Buffer =>
  bytes(
    [0xff, 0xd8],
    jpegSegment(0xe0, bytes('JFIF\0', [1, 1, 0, 0, 1, 0, 1, 0, 0])),
    ...segments,
    jpegSegment(0xdb, Buffer.alloc(65, 1)),
    jpegSegment(frame, bytes(8, be(height, 2), be(width, 2), [1, 1, 0x11, 0])),
    jpegSegment(0xda, bytes([1, 1, 0, 0, 63, 0])),
    [0x00, 0xff, 0xd9],
  )

export const gif = (width = 3, height = 2, blocks: Buffer = Buffer.alloc(0)): Buffer =>
  bytes(
    'GIF89a',
    le(width, 2),
    le(height, 2),
    [0x80, 0, 0],
    Buffer.alloc(6),
    blocks,
    [0x2c],
    Buffer.alloc(9),
    [2, 1, 0x44, 0, 0x3b],
  )

const riff = (form: string, body: Buffer, id = 'RIFF'): Buffer =>
  bytes(id, le(body.length + 4, 4), form, body)

const chunk = (name: string, body: Buffer): Buffer =>
  bytes(name, le(body.length, 4), body, Buffer.alloc(body.length % 2))

export const webpLossy = (width = 3, height = 2): Buffer =>
  riff(
    'WEBP',
    chunk('VP8 ', bytes([0x10, 0, 0, 0x9d, 0x01, 0x2a], le(width, 2), le(height, 2), Buffer.alloc(4))),
  )

export const webpLossless = (width = 3, height = 2): Buffer =>
  riff('WEBP', chunk('VP8L', bytes(0x2f, le((width - 1) | ((height - 1) << 14), 4), Buffer.alloc(3))))

export const webpExtended = (width = 3, height = 2): Buffer =>
  riff('WEBP', chunk('VP8X', bytes([0, 0, 0, 0], le(width - 1, 3), le(height - 1, 3))))

export const box = (name: string, ...body: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(body)
  return bytes(be(content.length + 8, 4), name, content)
}

export const fileType = (major: string, ...compatible: readonly string[]): Buffer =>
  box('ftyp', bytes(major, be(0, 4), ...compatible))

/** An ISO file of those brands with nothing of use in it. */
export const iso = (major: string, ...compatible: readonly string[]): Buffer =>
  bytes(fileType(major, ...compatible), box('mdat', Buffer.alloc(16)))

/** A HEIC header: properties of a thumbnail first, then those of the primary item. */
export const heic = (
  width = 40,
  height = 30,
  { quarterTurns = 0, brand = 'heic', itemIdBytes = 2, isLarge = false } = {},
): Buffer => {
  const extent = (w: number, h: number) => box('ispe', be(0, 4), be(w, 4), be(h, 4))
  const id = (value: number) => be(value, itemIdBytes)
  const version = itemIdBytes === 2 ? 0 : 1
  const property = (number: number) => be(isLarge ? number | 0x8000 : number | 0x80, isLarge ? 2 : 1)
  const associations = bytes(
    be(version, 1),
    be(isLarge ? 1 : 0, 3),
    be(2, 4),
    bytes(id(1), 1, property(1)),
    bytes(id(2), 2, property(2), property(3)),
  )
  const meta = box(
    'meta',
    be(0, 4),
    box('pitm', bytes(be(version, 1), be(0, 3), id(2))),
    box(
      'iprp',
      box('ipco', extent(4, 4), extent(width, height), box('irot', Buffer.from([quarterTurns]))),
      box('ipma', associations),
    ),
  )
  return bytes(fileType(brand, 'mif1', 'heic'), meta, box('mdat', Buffer.alloc(8)))
}

const ebml = (id: readonly number[], body: Buffer): Buffer => bytes(id, 0x80 | body.length, body)

export const matroska = (docType = 'matroska'): Buffer =>
  bytes(
    ebml(
      [0x1a, 0x45, 0xdf, 0xa3],
      bytes(ebml([0x42, 0x86], Buffer.from([1])), ebml([0x42, 0x82], bytes(docType))),
    ),
    [0x18, 0x53, 0x80, 0x67, 0xff],
  )

const waveFormat = chunk('fmt ', bytes(le(1, 2), le(1, 2), le(8000, 4), le(16_000, 4), le(2, 2), le(16, 2)))

export const wav = (seconds = 1, before: Buffer = Buffer.alloc(0)): Buffer =>
  riff('WAVE', bytes(before, waveFormat, chunk('data', Buffer.alloc(16_000 * seconds))))

export const wavWithNotes = (): Buffer => wav(1, chunk('LIST', bytes('INFOIART', le(3, 4), 'Me\0\0')))

const list = (name: string, ...body: readonly Buffer[]): Buffer => chunk('LIST', bytes(name, ...body))

/** 320 × 240 at 25 frames a second, with H.264 and MP3 unless asked otherwise. */
export const avi = ({
  frames = 50,
  fourCc = 'H264',
  audioTag = 0x55,
  hasVideo = true,
  hasAudio = true,
} = {}): Buffer => {
  const header = bytes(
    le(40_000, 4),
    Buffer.alloc(12),
    le(frames, 4),
    le(0, 4),
    le(2, 4),
    le(0, 4),
    le(320, 4),
    le(240, 4),
  )
  const streamHeader = (kind: string, rate: number, scale: number, length: number) =>
    chunk(
      'strh',
      bytes(
        kind,
        fourCc,
        Buffer.alloc(12),
        le(scale, 4),
        le(rate, 4),
        le(0, 4),
        le(length, 4),
        Buffer.alloc(20),
      ),
    )
  const videoList = list(
    'strl',
    streamHeader('vids', 25, 1, frames),
    chunk('strf', bytes(le(40, 4), le(320, 4), le(240, 4), le(1, 2), le(24, 2), fourCc, Buffer.alloc(20))),
  )
  const audioList = list(
    'strl',
    streamHeader('auds', 8000, 1, (8000 * frames) / 25),
    chunk('strf', bytes(le(audioTag, 2), Buffer.alloc(16))),
  )
  const streams = [...(hasVideo ? [videoList] : []), ...(hasAudio ? [audioList] : [])]
  const headers = list('hdrl', chunk('avih', bytes(header, Buffer.alloc(16))), ...streams)
  return riff('AVI ', bytes(headers, list('movi', Buffer.alloc(4))))
}

/** MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame. */
export const mp3Frame = bytes([0xff, 0xfb, 0x90, 0x00], Buffer.alloc(413))
/** MPEG 2 layer III, 64 kbit/s, 22.05 kHz: 208 bytes a frame. */
export const mp3Frame2 = bytes([0xff, 0xf3, 0x80, 0x00], Buffer.alloc(204))

export const mp3 = (frames = 3): Buffer => bytes(...Array.from({ length: frames }, () => mp3Frame))

export const id3 = (sizeBytes: number): Buffer =>
  bytes(
    'ID3',
    [4, 0, 0],
    [21, 14, 7, 0].map((shift) => (sizeBytes >>> shift) & 0x7f),
    Buffer.alloc(sizeBytes),
  )

/** AAC LC, 44.1 kHz, stereo, in an ADTS frame. */
export const aacFrame = (lengthBytes = 64): Buffer =>
  bytes(
    [
      0xff,
      0xf1,
      0x50,
      0x80 | (lengthBytes >>> 11),
      (lengthBytes >>> 3) & 0xff,
      ((lengthBytes & 7) << 5) | 0x1f,
      0xfc,
    ],
    Buffer.alloc(lengthBytes - 7),
  )

export const aac = (frames = 3): Buffer => bytes(...Array.from({ length: frames }, () => aacFrame()))
