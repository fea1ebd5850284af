import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Draft } from '../../../src/sandbox/render/draft.ts'
import { type RenderRequest, renderDraft } from '../../../src/sandbox/render/render-draft.ts'
import {
  boxNames,
  draftOf,
  draftOfMedia,
  openMovie,
  pictureAt,
  plainPng,
  temporaryFolder,
  turnedJpeg,
} from './clip-kit.ts'

const fourPrompts = [
  'a cinematic video clip of a sunset over the ocean',
  'a city street at night with neon reflections on wet pavement',
  'a fox running through a snowy forest at dusk',
  'animate this photo into a cinematic clip',
]

async function setup() {
  const folder = await temporaryFolder()
  const outFile = join(folder, 'clip.mp4')
  const render = (draft: Draft, change: Partial<RenderRequest> = {}) =>
    renderDraft({ draft, output: {}, mediaFile: () => undefined, outFile, mode: 'tiny', ...change })
  return { folder, outFile, render }
}

describe('a rendered clip', () => {
  it('is an MP4 of H.264 High and stereo AAC with its index first, as long as the draft', async () => {
    const { outFile, render } = await setup()
    const result = await render(draftOf('a sunset over the ocean, 3 seconds'))
    const bytes = await readFile(outFile)
    const movie = openMovie(bytes)
    const video = await movie.getPrimaryVideoTrack()
    const audio = await movie.getPrimaryAudioTrack()

    expect(await movie.getMimeType()).toContain('video/mp4')
    expect(await video?.getCodecParameterString()).toMatch(/^avc1\.64/)
    expect(await audio?.getCodecParameterString()).toBe('mp4a.40.2')
    expect(await audio?.getSampleRate()).toBe(48_000)
    expect(await audio?.getNumberOfChannels()).toBe(2)
    expect(await video?.computeDuration()).toBeCloseTo(3, 3)
    expect(Math.abs((await movie.computeDuration()) - 3)).toBeLessThan(1 / 30)
    expect(boxNames(bytes).indexOf('moov')).toBeLessThan(boxNames(bytes).indexOf('mdat'))
    expect(result).toEqual({
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      durationMs: 3000,
      width: await video?.getDisplayWidth(),
      height: await video?.getDisplayHeight(),
    })
  })

  it('says in its metadata that it is a simulation', async () => {
    const { outFile, render } = await setup()
    await render(draftOf('a sunset over the ocean, 1 second'))
    const tags = await openMovie(await readFile(outFile)).getMetadataTags()

    expect(tags.title).toBe('Sunset over the Ocean')
    expect(tags.comment).toContain('simulated')
  })

  it('in full has thirty frames a second in the exact canvas, tagged BT.709', async () => {
    const { outFile, render } = await setup()
    const result = await render(draftOf(fourPrompts[0] ?? '', { durationMs: 700, width: 270, height: 480 }), {
      mode: 'full',
    })
    const video = await openMovie(await readFile(outFile)).getPrimaryVideoTrack()
    const statistics = await video?.computePacketStats()

    expect(result).toMatchObject({ durationMs: 700, width: 270, height: 480 })
    expect(statistics?.packetCount).toBe(21)
    expect(await video?.getColorSpace()).toMatchObject({
      primaries: 'bt709',
      transfer: 'bt709',
      matrix: 'bt709',
      fullRange: false,
    })
  })

  it.each(fourPrompts)('is drawn for "%s" in both orientations', async (prompt) => {
    const { outFile, render } = await setup()
    for (const [width, height] of [
      [1920, 1080],
      [1080, 1920],
    ] as const) {
      const result = await render(draftOf(prompt, { durationMs: 1000, width, height }))
      const at = await pictureAt(outFile, 0.5, result)
      const colors = new Set(
        [0.1, 0.3, 0.5, 0.7, 0.9].map((y) =>
          at(0.5, y)
            .map((part) => part >> 4)
            .join(),
        ),
      )
      expect(result.width / result.height).toBeCloseTo(width / height, 1)
      expect(colors.size).toBeGreaterThan(1)
    }
  })

  it('is the same file for the same draft', async () => {
    const { render } = await setup()
    const draft = draftOf('a street in the rain at night, 1 second')
    expect((await render(draft)).sha256).toBe((await render(draft)).sha256)
  })

  it('is made even of a draft that says nothing', async () => {
    const { render } = await setup()
    const result = await render({ t: [{ tt: 7, sg: [{ d: 400, m: { text: '世界' } }] }, { tt: 99 }] })
    expect(result).toMatchObject({ durationMs: 400 })
  })
})

describe('uploaded media', () => {
  it('stands upright when its EXIF orientation says that it was turned', async () => {
    const { folder, outFile, render } = await setup()
    const photo = join(folder, 'photo.jpg')
    await writeFile(photo, turnedJpeg())
    const result = await render(draftOfMedia([{ src: 'u/photo.jpg' }], { width: 540, height: 960 }), {
      mediaFile: () => photo,
    })
    const at = await pictureAt(outFile, 0.5, result)

    expect(at(0.5, 0.1)[0]).toBeGreaterThan(at(0.5, 0.1)[2])
    expect(at(0.5, 0.9)[2]).toBeGreaterThan(at(0.5, 0.9)[0])
  })

  it('becomes a slideshow whose pictures blend into each other', async () => {
    const { folder, outFile, render } = await setup()
    const files: Record<string, string> = { red: join(folder, 'red.png'), blue: join(folder, 'blue.png') }
    await writeFile(files['red'] ?? '', plainPng('#d01010'))
    await writeFile(files['blue'] ?? '', plainPng('#1010d0'))
    const draft = draftOfMedia([{ src: 'red' }, { src: 'blue' }], { width: 320, height: 180 })
    const result = await render(draft, { mediaFile: (src) => files[src], mode: 'full' })
    const before = (await pictureAt(outFile, 0.5, result))(0.5, 0.5)
    const between = (await pictureAt(outFile, 1.25, result))(0.5, 0.5)
    const after = (await pictureAt(outFile, 1.9, result))(0.5, 0.5)

    expect(before[0]).toBeGreaterThan(150)
    expect(between[0]).toBeGreaterThan(40)
    expect(between[2]).toBeGreaterThan(40)
    expect(after[2]).toBeGreaterThan(150)
  })

  it('that is a clip is cut in from the asked moment on and covers the canvas', async () => {
    const { folder, outFile, render } = await setup()
    const clip = join(folder, 'source.mp4')
    const red = join(folder, 'red.png')
    const green = join(folder, 'green.png')
    await writeFile(red, plainPng('#c01010'))
    await writeFile(green, plainPng('#10c010'))
    const source = draftOfMedia([{ src: red }, { src: green }], { width: 320, height: 180 })
    await render(source, { mediaFile: (src) => src, outFile: clip, mode: 'full' })
    const result = await render(draftOfMedia([{ src: clip, in: 1600 }], { width: 360, height: 640 }), {
      mediaFile: (src) => src,
    })
    const at = await pictureAt(outFile, 0.2, result)

    for (const [x, y] of [
      [0.1, 0.1],
      [0.5, 0.5],
      [0.9, 0.8],
    ] as const) {
      expect(at(x, y)[1]).toBeGreaterThan(at(x, y)[0])
    }
  })

  it('that nobody knows fails the render and leaves nothing behind', async () => {
    const { folder, render } = await setup()
    await expect(render(draftOfMedia([{ src: 'u/gone.jpg' }], { width: 320, height: 180 }))).rejects.toThrow(
      /u\/gone\.jpg/,
    )
    expect(await readdir(folder)).toEqual([])
  })

  it('of a sound file is played under the picture', async () => {
    const { folder, outFile, render } = await setup()
    const piece = join(folder, 'piece.mp4')
    await render(draftOf('a happy day on a meadow, 1 second'), { outFile: piece })
    const draft = draftOf('a sunset over the sea', { durationMs: 2500 })
    const tracks = (draft.t ?? []).map((track) =>
      track.tt === 1
        ? { tt: 1, sg: [{ st: 0, d: 2500, m: { title: 'piece.mp4', src: 'piece', volume: 1 } }] }
        : track,
    )
    await render({ ...draft, t: tracks }, { mediaFile: (src) => (src === 'piece' ? piece : undefined) })
    const audio = await openMovie(await readFile(outFile)).getPrimaryAudioTrack()

    expect((await audio?.computePacketStats())?.averageBitrate).toBeGreaterThan(60_000)
  })
})

describe('a render under way', () => {
  it('tells how far it is, never backwards, and ends at one', async () => {
    const { render } = await setup()
    const told: number[] = []
    await render(draftOf('mountains above a lake, 1 second'), {
      onProgress: (fraction) => told.push(fraction),
    })

    expect(told).toEqual([...told].sort((one, other) => one - other))
    expect(told.at(-1)).toBe(1)
  })

  it('stops with the reason of its signal and leaves nothing behind', async () => {
    const { folder, render } = await setup()
    const controller = new AbortController()
    const reason = new Error('the client went away')
    const stopped = render(draftOf('a forest in fog'), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    })

    await expect(stopped).rejects.toBe(reason)
    expect(await readdir(folder)).toEqual([])
  })
})
