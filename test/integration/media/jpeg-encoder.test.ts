import { describe, expect, it } from 'vitest'
import { bufferSource } from '../../../src/media/byte-source.ts'
import { encodeJpeg, type Picture } from '../../../src/media/jpeg/encoder.ts'
import { probeUpload } from '../../../src/media/probe.ts'

/** An independent decoder (Skia), where it is installed. */
const canvas = await import('@napi-rs/canvas').catch(() => null)

const paint = (
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [number, number, number, number],
): Picture => {
  const rgba = new Uint8ClampedArray(width * height * 4)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rgba.set(color(x, y), (y * width + x) * 4)
  return { width, height, rgba }
}

const decode = async (file: Uint8Array): Promise<Picture> => {
  if (canvas === null) throw new Error('@napi-rs/canvas is not installed')
  const image = await canvas.loadImage(Buffer.from(file))
  const context = canvas.createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  return {
    width: image.width,
    height: image.height,
    rgba: context.getImageData(0, 0, image.width, image.height).data,
  }
}

/** Peak signal-to-noise ratio in decibels: from about 35 on, nobody sees a difference. */
const likeness = (one: Picture, other: Picture): number => {
  const squares = Array.from(one.rgba).reduce(
    (sum, value, index) => sum + (value - (other.rgba[index] ?? 0)) ** 2,
    0,
  )
  return 10 * Math.log10(255 ** 2 / (squares / one.rgba.length))
}

const landscape = (width: number, height: number): Picture =>
  paint(width, height, (x, y) => [
    128 + 100 * Math.sin(x / 30),
    128 + 100 * Math.cos(y / 25),
    (x + y) / 4,
    255,
  ])

describe('encoding JPEG', () => {
  it.each([
    [1, 1],
    [7, 3],
    [8, 8],
    [16, 16],
    [17, 33],
    [640, 479],
  ])('writes a header of %i × %i', async (width, height) => {
    const file = encodeJpeg(landscape(width, height), 90)
    expect(await probeUpload(bufferSource(file))).toMatchObject({ contentType: 'image/jpeg', width, height })
    expect([...file.subarray(-2)]).toEqual([0xff, 0xd9])
  })

  it.skipIf(canvas === null).each([
    [1, 1],
    [7, 3],
    [17, 33],
    [640, 479],
  ])('writes what other decoders read, at %i × %i', async (width, height) => {
    const picture = landscape(width, height)
    const decoded = await decode(encodeJpeg(picture, 90))
    expect(decoded).toMatchObject({ width, height })
    expect(likeness(picture, decoded)).toBeGreaterThan(35)
  })

  it.skipIf(canvas === null)('survives the hardest contrast and noise', async () => {
    const checkers = paint(64, 64, (x, y) => ((x + y) % 2 ? [255, 255, 255, 255] : [0, 0, 0, 255]))
    expect(likeness(checkers, await decode(encodeJpeg(checkers, 100)))).toBeGreaterThan(25)
    let seed = 1
    const noise = paint(100, 100, () => {
      seed = (seed * 48_271) % 0x7fffffff
      return [seed & 0xff, seed & 0xff, seed & 0xff, 255]
    })
    expect(likeness(noise, await decode(encodeJpeg(noise, 100)))).toBeGreaterThan(30)
  })

  it.skipIf(canvas === null)('puts what is transparent on white', async () => {
    const decoded = await decode(
      encodeJpeg(
        paint(16, 16, (x) => [0, 0, 0, x < 8 ? 0 : 255]),
        90,
      ),
    )
    expect(decoded.rgba[0]).toBeGreaterThan(245)
    expect(decoded.rgba[60]).toBeLessThan(10)
  })

  it('takes less room for less quality', () => {
    const sizes = [10, 50, 90, 100].map((quality) => encodeJpeg(landscape(320, 240), quality).length)
    expect(sizes).toEqual(sizes.toSorted((one, other) => one - other))
  })
})
