import { ALL_FORMATS, BufferSource, Input } from 'mediabunny'
import { expect, test } from 'vitest'
import { writeStillMovie } from '../../../src/sandbox/fixture/still-movie.ts'
import { drawStillPicture } from '../../../src/sandbox/fixture/still-picture.ts'

const color = { luma: 90, blueChroma: 170, redChroma: 80 }

test.each([
  [170, 96, 4500],
  [96, 170, 10_000],
  [96, 96, 100],
  [16, 32, 1000],
])(
  'a still movie of %i×%i lasts %i ms and is an MP4 that others can read',
  async (width, height, durationMs) => {
    const bytes = writeStillMovie(drawStillPicture(width, height, color), durationMs)
    const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) })
    expect(await input.computeDuration()).toBeCloseTo(durationMs / 1000, 3)
    const track = await input.getPrimaryVideoTrack()
    expect(track).toMatchObject({ codec: 'avc', displayWidth: width, displayHeight: height })
    expect(await track?.getCodecParameterString()).toBe('avc1.42c01e')
  },
)

test('a fixture is small', () => {
  expect(writeStillMovie(drawStillPicture(170, 96, color), 10_000).length).toBeLessThan(2500)
})
