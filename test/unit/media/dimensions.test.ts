import { describe, expect, it } from 'vitest'
import type { ContentType } from '../../../src/media/content-type.ts'
import { imageDimensions } from '../../../src/media/dimensions.ts'
import {
  be,
  box,
  bytes,
  exif,
  fileType,
  gif,
  heic,
  jpeg,
  jpegSegment,
  png,
  webpExtended,
  webpLossless,
  webpLossy,
} from './sample-files.ts'

const exifSegment = (orientation: number, order?: 'II' | 'MM') =>
  jpegSegment(0xe1, bytes('Exif\0\0', exif(orientation, order)))
const turnedJpeg = (orientation: number, order?: 'II' | 'MM') =>
  jpeg(40, 30, { segments: [exifSegment(orientation, order)] })

const upright = { ok: true, width: 40, height: 30 }
const turned = { ok: true, width: 30, height: 40 }

describe('the dimensions of an image', () => {
  it.each<[string, ContentType, Buffer, unknown]>([
    ['JPEG', 'image/jpeg', jpeg(40, 30), upright],
    ['a progressive JPEG', 'image/jpeg', jpeg(40, 30, { frame: 0xc2 }), upright],
    [
      'a JPEG with a profile',
      'image/jpeg',
      jpeg(40, 30, { segments: [jpegSegment(0xe2, Buffer.alloc(60_000))] }),
      upright,
    ],
    ['PNG', 'image/png', png(40, 30), upright],
    ['GIF', 'image/gif', gif(40, 30), upright],
    ['lossy WebP', 'image/webp', webpLossy(40, 30), upright],
    ['lossless WebP', 'image/webp', webpLossless(40, 30), upright],
    ['extended WebP', 'image/webp', webpExtended(40, 30), upright],
    ['HEIC', 'image/heic', heic(40, 30), upright],
    ['HEIC turned once', 'image/heic', heic(40, 30, { quarterTurns: 1 }), turned],
    ['HEIC turned twice', 'image/heic', heic(40, 30, { quarterTurns: 2 }), upright],
    ['HEIC turned three times', 'image/heic', heic(40, 30, { quarterTurns: 3 }), turned],
    [
      'HEIC with wide numbers',
      'image/heic',
      heic(40, 30, { itemIdBytes: 4, isLarge: true, quarterTurns: 1 }),
      turned,
    ],
    ['AVIF', 'image/avif', heic(40, 30, { brand: 'avif' }), upright],
  ])('are read from the header of %s', (_, contentType, file, expected) => {
    expect(imageDimensions(file, contentType)).toEqual(expected)
  })

  it.each([1, 2, 3, 4])('are those of the file under EXIF orientation %i', (orientation) => {
    expect(imageDimensions(turnedJpeg(orientation), 'image/jpeg')).toEqual(upright)
  })

  it.each([5, 6, 7, 8])('are swapped by EXIF orientation %i', (orientation) => {
    expect(imageDimensions(turnedJpeg(orientation), 'image/jpeg')).toEqual(turned)
    expect(imageDimensions(turnedJpeg(orientation, 'MM'), 'image/jpeg')).toEqual(turned)
  })

  it('are not confused by an EXIF block that points beyond itself', () => {
    const broken = exif(6)
    broken.writeUInt32LE(0xffff_fff0, 4)
    const file = jpeg(40, 30, { segments: [jpegSegment(0xe1, bytes('Exif\0\0', broken))] })
    expect(imageDimensions(file, 'image/jpeg')).toEqual(upright)
  })

  it.each<[string, ContentType, Buffer]>([
    ['a PNG of a million pixels a side', 'image/png', png(1_000_000, 1_000_000)],
    ['a PNG with one long side', 'image/png', png(16_385, 1)],
    ['a PNG with the other long', 'image/png', png(1, 16_385)],
    ['a PNG over fifty megapixels', 'image/png', png(7072, 7072)],
    ['a JPEG of the largest size', 'image/jpeg', jpeg(65_535, 65_535)],
    ['a GIF of the largest size', 'image/gif', gif(65_535, 65_535)],
    ['a WebP of the largest size', 'image/webp', webpExtended(16_384, 16_384)],
    ['a HEIC of four thousand million', 'image/heic', heic(0xffff_ffff, 0xffff_ffff)],
  ])('are refused for %s', (_, contentType, file) => {
    expect(imageDimensions(file, contentType)).toEqual({ ok: false, reason: 'too_many_pixels' })
  })

  it.each([
    [16_384, 1],
    [1, 16_384],
    [7071, 7071],
  ])('may be %i × %i', (width, height) => {
    expect(imageDimensions(png(width, height), 'image/png')).toEqual({ ok: true, width, height })
  })

  it.each<[string, ContentType, Buffer]>([
    ['a PNG without width', 'image/png', png(0, 30)],
    ['a GIF without height', 'image/gif', gif(40, 0)],
    ['a JPEG without height', 'image/jpeg', jpeg(40, 0)],
    ['a JPEG with noise between its segments', 'image/jpeg', bytes([0xff, 0xd8], 'noise, noise')],
    [
      'a HEIC without a primary item',
      'image/heic',
      bytes(fileType('heic'), box('meta', be(0, 4), box('iprp'))),
    ],
    ['a HEIC whose primary item has no extent', 'image/heic', heicWithoutExtent()],
    ['a video', 'video/mp4', bytes(fileType('isom'))],
  ])('are not to be had from %s', (_, contentType, file) => {
    expect(imageDimensions(file, contentType)).toEqual({ ok: false, reason: 'malformed' })
  })

  it.each<[string, ContentType, Buffer]>([
    ['JPEG', 'image/jpeg', jpeg(40, 30, { segments: [jpegSegment(0xe2, Buffer.alloc(60_000))] })],
    ['PNG', 'image/png', png(40, 30)],
    ['WebP', 'image/webp', webpExtended(40, 30)],
    ['HEIC', 'image/heic', heic(40, 30)],
  ])('of %s need more than its first bytes', (_, contentType, file) => {
    expect(imageDimensions(file.subarray(0, 20), contentType)).toEqual({ ok: false, reason: 'truncated' })
  })

  it('are a matter of a result, never of an exception, wherever the file ends', () => {
    const files: [ContentType, Buffer][] = [
      ['image/jpeg', turnedJpeg(6)],
      ['image/png', png()],
      ['image/gif', gif()],
      ['image/webp', webpLossless()],
      ['image/heic', heic()],
    ]
    for (const [contentType, file] of files)
      for (let end = 0; end < file.length; end += 1)
        expect(imageDimensions(file.subarray(0, end), contentType)).toHaveProperty('ok')
  })
})

function heicWithoutExtent(): Buffer {
  const file = heic()
  file.write('xxxx', file.lastIndexOf('ispe'))
  return file
}
