import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { bufferSource } from '../../../src/media/byte-source.ts'
import { type MediaInspector, openMediaInspector } from '../../../src/media/media-inspector.ts'
import { bytes, fileType, jpeg, png } from '../../unit/media/sample-files.ts'
import { canMakeHeic, sampleHeic } from './sample-heic.ts'
import { bombVideo, sampleVideo } from './sample-videos.ts'

const opened: MediaInspector[] = []
const setup = (clock: Clock = systemClock): MediaInspector => {
  const inspector = openMediaInspector({ clock })
  opened.push(inspector)
  return inspector
}
afterAll(() => Promise.all(opened.map((inspector) => inspector.close())))

/** A clock whose timers go off when the test says so. */
const handClock = () => {
  const callbacks = new Set<() => void>()
  const clock: Clock = {
    ...systemClock,
    after: (_, callback) => {
      callbacks.add(callback)
      return () => callbacks.delete(callback)
    },
  }
  return { clock, callbacks }
}

describe('inspecting media', () => {
  it('gives the facts of a video and of an upload', async () => {
    const inspector = setup()
    const clip = bufferSource(await sampleVideo({ format: 'mp4' }))
    expect(await inspector.probeVideo(clip)).toMatchObject({ ok: true, container: 'mp4', width: 320 })
    expect(await inspector.probeUpload(clip)).toMatchObject({ ok: true, kind: 'video', durationS: 2.02 })
    expect(await inspector.probeUpload(bufferSource(png(4, 3)))).toMatchObject({ width: 4, height: 3 })
  })

  it('answers many at once, each with its own', async () => {
    const inspector = setup()
    const probes = Array.from({ length: 50 }, (_, index) =>
      inspector.probeUpload(bufferSource(png(index + 1, 1))),
    )
    const widths = (await Promise.all(probes)).map((probe) => probe.ok && probe.width)
    expect(widths).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
  })

  it('throws what the source throws, and goes on', async () => {
    const inspector = setup()
    const broken = new Error('the disk is gone')
    const source = { sizeBytes: 1000, read: () => Promise.reject(broken) }
    await expect(inspector.probeVideo(source)).rejects.toBe(broken)
    expect(await inspector.probeUpload(bufferSource(png()))).toMatchObject({ ok: true })
  })

  it('survives a file that makes the parser fill its memory, and goes on', async () => {
    const inspector = setup()
    const bomb = bufferSource(await bombVideo())
    const harmless = bufferSource(await sampleVideo({ format: 'mp4' }))
    const [first, second] = await Promise.all([inspector.probeVideo(bomb), inspector.probeVideo(harmless)])
    expect(first).toMatchObject({ ok: false, reason: 'too_complex' })
    expect(second).toMatchObject({ ok: true })
  })

  it('kills a probe that takes too long, and goes on', async () => {
    const { clock, callbacks } = handClock()
    const inspector = setup(clock)
    const asked = Promise.withResolvers<void>()
    const probe = inspector.probeVideo({
      sizeBytes: 1000,
      read: () => {
        asked.resolve()
        return new Promise(() => undefined)
      },
    })
    await asked.promise
    for (const callback of callbacks) callback()
    expect(await probe).toEqual({
      ok: false,
      reason: 'too_complex',
      detail: 'the file takes too long to read',
    })
    expect(await inspector.probeUpload(bufferSource(png()))).toMatchObject({ ok: true })
    expect(callbacks.size).toBe(0)
  })

  it('ends what is running when it is closed, and takes nothing more', async () => {
    const inspector = setup()
    const asked = Promise.withResolvers<void>()
    const probe = inspector.probeVideo({
      sizeBytes: 1000,
      read: () => {
        asked.resolve()
        return new Promise(() => undefined)
      },
    })
    await asked.promise
    await inspector.close()
    expect(await probe).toMatchObject({ ok: false, reason: 'too_complex' })
    await expect(inspector.probeVideo(bufferSource(png()))).rejects.toThrow('closed')
  })

  it('keeps no process alive while it has nothing to do', async () => {
    const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href)
    const script = `
      import { openMediaInspector } from ${source('media/media-inspector.ts')}
      import { bufferSource } from ${source('media/byte-source.ts')}
      import { systemClock } from ${source('clock.ts')}
      const inspector = openMediaInspector({ clock: systemClock })
      process.stdout.write((await inspector.probeUpload(bufferSource(Buffer.from('a fox')))).contentType)`
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect({ stdout, stderr }).toEqual({ stdout: 'text/plain', stderr: '' })
  })

  it('gives a result for damaged files of every sort', async () => {
    const inspector = setup()
    const files = await Promise.all([
      sampleVideo({ format: 'mp4', seconds: 1, isReordered: true }),
      sampleVideo({ format: 'fragmentedMp4', seconds: 1 }),
      sampleVideo({ format: 'mkv', seconds: 1 }),
      sampleVideo({ format: 'webm', seconds: 1, videoCodec: 'vp8', audioCodec: null }),
      sampleVideo({ format: 'aac', seconds: 1, videoCodec: null }),
    ])
    const share = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    const changes = fc.array(fc.tuple(share(0, 0.999), fc.nat(255)), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), changes, share(0.1, 1), async (file, all, kept) => {
        const damaged = Buffer.from(file.subarray(0, Math.floor(file.length * kept)))
        for (const [where, value] of all) damaged[Math.floor(where * damaged.length)] = value
        expect(await inspector.probeUpload(bufferSource(damaged))).toHaveProperty('ok')
      }),
      { numRuns: 100 },
    )
  })
})

describe('converting HEIC', () => {
  it.skipIf(!canMakeHeic)('makes an upright JPEG of it', async () => {
    const inspector = setup()
    const result = await inspector.convertHeic(bufferSource(await sampleHeic({ quarterTurns: 1 })))
    if (!result.ok) throw new Error(result.detail)
    expect(result).toMatchObject({ width: 96, height: 128 })
    const probe = await inspector.probeUpload(bufferSource(result.jpeg))
    expect(probe).toEqual({
      ok: true,
      kind: 'image',
      contentType: 'image/jpeg',
      width: 96,
      height: 128,
      durationS: null,
    })
  })

  it.skipIf(!canMakeHeic)('says that an image with damaged data cannot be decoded', async () => {
    const inspector = setup()
    const file = await sampleHeic()
    file.fill(0xff, file.indexOf('mdat') + 4)
    expect(await inspector.convertHeic(bufferSource(file))).toMatchObject({
      ok: false,
      reason: 'undecodable',
    })
  })

  it.skipIf(!canMakeHeic)('decodes nothing that claims too many pixels', async () => {
    const inspector = setup()
    const file = await sampleHeic()
    file.writeUInt32BE(100_000, file.indexOf('ispe') + 8)
    expect(await inspector.convertHeic(bufferSource(file))).toMatchObject({ reason: 'too_many_pixels' })
  })

  it.each([
    ['a JPEG', jpeg(), 'not_heic'],
    ['nothing', Buffer.alloc(0), 'not_heic'],
    ['a head alone', bytes(fileType('heic'), [0, 0, 0, 8], 'mdat'), 'undecodable'],
  ])('refuses %s', async (_, file, reason) => {
    const inspector = setup()
    expect(await inspector.convertHeic(bufferSource(file))).toMatchObject({
      ok: false,
      reason,
      detail: expect.stringContaining('HEIC'),
    })
  })

  it('refuses a file too large to be decoded in memory before it reads it', async () => {
    const inspector = setup()
    const head = bytes(fileType('heic'), [0, 0, 0, 0], 'mdat', Buffer.alloc(20_000))
    const source = {
      sizeBytes: 65 * 1024 * 1024,
      read: async (start: number, end: number) => head.subarray(start, end),
    }
    expect(await inspector.convertHeic(source)).toMatchObject({ ok: false, reason: 'too_large' })
  })
})
