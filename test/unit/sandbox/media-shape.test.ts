import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeStillMovie } from '../../../src/sandbox/fixture/still-movie.ts'
import { drawStillPicture } from '../../../src/sandbox/fixture/still-picture.ts'
import { readMediaShape } from '../../../src/sandbox/media/media-shape.ts'

const shapeOf = async (bytes: Buffer) => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-shape-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'file')
  await writeFile(path, bytes)
  return readMediaShape(path, bytes.length)
}

const movie = writeStillMovie(drawStillPicture(170, 96, { luma: 1, blueChroma: 1, redChroma: 1 }), 4000)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const png = hex('89504e470d0a1a0a 0000000d 49484452 00000280 00000168 08060000 00')
const gif = Buffer.concat([Buffer.from('GIF89a'), hex('4001 f000 000000')])
const jpeg = hex('ffd8 ffe0 0004 0000 ffc4 0003 00 ffc0 0011 08 0168 0280 03 00000000')
const webpLossy = Buffer.concat([
  Buffer.from('RIFF....WEBPVP8 ....', 'latin1'),
  hex('000000 9d012a 8002 6801'),
])
const webpLossless = Buffer.concat([Buffer.from('RIFF....WEBPVP8L....', 'latin1'), hex('2f 7fc25900')])
const webpExtended = Buffer.concat([
  Buffer.from('RIFF....WEBPVP8X....', 'latin1'),
  hex('00000000 7f0200 670100'),
])
const wave = Buffer.concat([
  Buffer.from('RIFF....WAVEfmt ', 'latin1'),
  hex('10000000 0100 0100 44ac0000 10b10200 0200 1000'),
  Buffer.from('data'),
  hex('20620500 00000000'),
  Buffer.alloc(16),
])

test.each([
  ['PNG', png, { width: 640, height: 360 }],
  ['GIF', gif, { width: 320, height: 240 }],
  ['JPEG', jpeg, { width: 640, height: 360 }],
  ['lossy WebP', webpLossy, { width: 640, height: 360 }],
  ['lossless WebP', webpLossless, { width: 640, height: 360 }],
  ['extended WebP', webpExtended, { width: 640, height: 360 }],
  ['WAV', wave, { durationS: 2 }],
  ['MP4', movie, { width: 170, height: 96, durationS: 4, fps: 1 }],
])('the headers of a %s file tell its shape', async (_name, bytes, expected) => {
  expect(await shapeOf(bytes)).toEqual(expected)
})

test.each([png, gif, jpeg, webpLossy, webpExtended, wave, movie])(
  'no truncated file is too short to be read (%#)',
  async (bytes) => {
    for (let length = 0; length < bytes.length; length += Math.max(1, Math.floor(bytes.length / 60))) {
      await expect(shapeOf(bytes.subarray(0, length))).resolves.toBeTypeOf('object')
    }
  },
)

test('a file that is not what it says has no shape', async () => {
  expect(await shapeOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toEqual({})
  expect(await shapeOf(Buffer.alloc(0))).toEqual({})
  expect(await shapeOf(hex('00000001 6d6f6f76 ffffffffffffffff'))).toEqual({})
})
