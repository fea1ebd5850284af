/** What every storage driver must do. A new driver is one more line in `drivers`. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { openStorage } from '../../src/media/open-storage.ts'
import { type Storage, StorageError } from '../../src/media/storage.ts'
import { startS3Server } from '../support/s3-server.ts'

interface Driven {
  readonly storage: Storage
  /** Everything that is kept, finished or not, by whatever name the driver gives it. */
  readonly countFiles: () => Promise<number>
  readonly remove: () => Promise<void>
}

const drivers: readonly { readonly name: string; readonly open: () => Promise<Driven> }[] = [
  {
    name: 'file',
    open: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'clipline-storage-'))
      const storage = await openStorage(`file:${folder}`, { clock: systemClock })
      return {
        storage,
        countFiles: async () => {
          const entries = await readdir(folder, { recursive: true, withFileTypes: true })
          return entries.filter((entry) => entry.isFile()).length
        },
        remove: () => rm(folder, { recursive: true }),
      }
    },
  },
  {
    name: 's3',
    open: async () => {
      const server = await startS3Server()
      const storage = await openStorage(server.storageUrl, { clock: systemClock })
      return { storage, countFiles: server.countFiles, remove: server.close }
    },
  },
]

const opened: Driven[] = []
afterEach(async () => {
  for (const { storage, remove } of opened.splice(0)) {
    await storage.close()
    await remove()
  }
})

const kibibyte = 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const video = { contentType: 'video/mp4' }
const key = 'artifacts/ten_1/art_1.mp4'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The bytes in chunks, as a network gives them. */
const chunked = (bytes: Buffer, chunkBytes = 64 * kibibyte): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
      bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    ),
  )

const read = async (storage: Storage, ...where: Parameters<Storage['open']>) => {
  const file = await storage.open(...where)
  return file === null ? null : buffer(file.stream)
}

const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe.each(drivers)('the $name storage', ({ open }) => {
  const setup = async () => {
    const driven = await open()
    opened.push(driven)
    return driven
  }

  describe('keeping a file', () => {
    it.each([0, 1, 64 * kibibyte, 1_000_003])('gives back %i bytes, measured and hashed', async (length) => {
      const { storage } = await setup()
      const bytes = randomBytes(length)
      const kept = await storage.put(key, chunked(bytes), {
        ...video,
        expectedBytes: length,
        maxBytes: length,
      })
      expect(kept).toEqual({ sizeBytes: length, sha256: sha256(bytes) })
      expect(sha256((await read(storage, key))!)).toBe(sha256(bytes))
      expect(await storage.stat(key)).toMatchObject({ sizeBytes: length })
    })

    it('holds little of a large file at a time, also while it listens for a signal', async () => {
      const { storage } = await setup()
      const { arrayBuffers: before } = process.memoryUsage()
      let most = 0
      async function* source() {
        for (let no = 0; no < 96; no += 1) {
          yield Buffer.alloc(kibibyte * kibibyte, no)
          if (no % 16 !== 15) continue
          collectGarbage()
          most = Math.max(most, process.memoryUsage().arrayBuffers - before)
        }
      }
      const { signal } = new AbortController()
      await storage.put(key, source(), { ...video, signal })
      expect(most).toBeLessThan(72 * kibibyte * kibibyte)
    })

    it('takes any async iterable of bytes', async () => {
      const { storage } = await setup()
      async function* source() {
        yield new Uint8Array([1, 2])
        yield new Uint8Array([3])
      }
      await storage.put(key, source(), video)
      expect(await read(storage, key)).toEqual(Buffer.from([1, 2, 3]))
    })

    it('replaces what was there, at once', async () => {
      const { storage, countFiles } = await setup()
      await storage.put(key, chunked(Buffer.from('first')), video)
      const open = await storage.open(key)
      await storage.put(key, chunked(Buffer.from('second')), video)
      expect(await read(storage, key)).toEqual(Buffer.from('second'))
      expect(await buffer(open!.stream)).toEqual(Buffer.from('first'))
      expect(await countFiles()).toBe(1)
    })

    it('shows nothing under the key before it is whole', async () => {
      const { storage } = await setup()
      const source = new PassThrough()
      const kept = storage.put(key, source, video)
      source.write(randomBytes(100))
      await new Promise((resolve) => source.once('drain', resolve).write(randomBytes(200_000)))
      expect(await storage.open(key)).toBeNull()
      expect(await storage.stat(key)).toBeNull()
      expect(await collect(storage.list(''))).toEqual([])
      source.end()
      await kept
      expect(await storage.stat(key)).toMatchObject({ sizeBytes: 200_100 })
    })

    it('keeps one of two files put at the same time, whole', async () => {
      const { storage, countFiles } = await setup()
      const files = [randomBytes(300_000), randomBytes(300_000)]
      await Promise.all(files.map((bytes) => storage.put(key, chunked(bytes), video)))
      const kept = await read(storage, key)
      expect(files.some((bytes) => bytes.equals(kept!))).toBe(true)
      expect(await countFiles()).toBe(1)
    })
  })

  describe('refusing a file', () => {
    const setupRefusal = async () => {
      const driven = await setup()
      await driven.storage.put(key, chunked(Buffer.from('before')), video)
      /** The put fails so, the source is destroyed, nothing is left of it, and what was there before still is. */
      const expectRefusal = async (source: Readable, failure: Promise<unknown>, expected: unknown) => {
        await expect(failure).rejects.toEqual(expected)
        expect(source.destroyed).toBe(true)
        expect(await driven.countFiles()).toBe(1)
        expect(await read(driven.storage, key)).toEqual(Buffer.from('before'))
      }
      return { ...driven, expectRefusal }
    }

    const errorOf = (code: string) => expect.objectContaining({ name: 'StorageError', code })

    it('stops at the first byte over the limit', async () => {
      const { storage, expectRefusal } = await setupRefusal()
      let given = 0
      const endless = Readable.from(
        (function* () {
          for (;;) {
            given += 1
            yield randomBytes(kibibyte)
          }
        })(),
      )
      const failure = storage.put(key, endless, { ...video, maxBytes: 10 * kibibyte })
      await expectRefusal(endless, failure, errorOf('too_large'))
      expect(given).toBeLessThan(100)
    })

    it('refuses an announced length over the limit before it reads anything', async () => {
      const { storage, expectRefusal } = await setupRefusal()
      const source = chunked(randomBytes(10))
      const failure = storage.put(key, source, { ...video, maxBytes: 5, expectedBytes: 10 })
      await expectRefusal(source, failure, errorOf('too_large'))
    })

    it.each([
      ['shorter', 99_999],
      ['longer', 100_001],
    ])('refuses a file that is %s than announced', async (_, length) => {
      const { storage, expectRefusal } = await setupRefusal()
      const source = chunked(randomBytes(length))
      const failure = storage.put(key, source, { ...video, expectedBytes: 100_000 })
      await expectRefusal(source, failure, errorOf('length_mismatch'))
    })

    it('refuses a file for which there is no room before it reads anything', async () => {
      const { storage, expectRefusal } = await setupRefusal()
      const space = await storage.readSpace()
      if (space === null) return
      const source = chunked(randomBytes(10))
      const failure = storage.put(key, source, { ...video, expectedBytes: space.freeBytes * 2 })
      await expectRefusal(source, failure, errorOf('no_space'))
    })

    it.each(Array.from({ length: 9 }, (_, index) => index * 64 * kibibyte))(
      'leaves nothing when the source fails after %i bytes',
      async (length) => {
        const { storage, expectRefusal } = await setupRefusal()
        const broken = new Error('the client went away')
        const source = Readable.from(
          (async function* () {
            yield* chunked(randomBytes(length))
            throw broken
          })(),
        )
        await expectRefusal(source, storage.put(key, source, video), broken)
      },
    )

    it.each(Array.from({ length: 9 }, (_, index) => index * 64 * kibibyte))(
      'leaves nothing when it is aborted after %i bytes, even while the source is silent',
      async (length) => {
        const { storage, expectRefusal } = await setupRefusal()
        const abort = new AbortController()
        const reason = new Error('the job was canceled')
        const silent = Promise.withResolvers<void>()
        const source = Readable.from(
          (async function* () {
            yield* chunked(randomBytes(length))
            silent.resolve()
            await new Promise(() => undefined)
          })(),
        )
        const failure = storage.put(key, source, { ...video, signal: abort.signal })
        void silent.promise.then(() => abort.abort(reason))
        await expectRefusal(source, failure, reason)
      },
    )

    it('leaves nothing when it was aborted before it began', async () => {
      const { storage, expectRefusal } = await setupRefusal()
      const source = chunked(randomBytes(10))
      const reason = new Error('canceled')
      await expectRefusal(
        source,
        storage.put(key, source, { ...video, signal: AbortSignal.abort(reason) }),
        reason,
      )
    })

    it('leaves nothing when the source had failed before', async () => {
      const { storage, expectRefusal } = await setupRefusal()
      const broken = new Error('reset')
      const source = new PassThrough()
      source.on('error', () => undefined).destroy(broken)
      await expectRefusal(source, storage.put(key, source, video), broken)
    })
  })

  describe('naming', () => {
    const longSegment = 'a'.repeat(129)
    it.each([
      '',
      '/',
      '.',
      '..',
      '../a',
      'a/../b',
      'a/..',
      '/etc/passwd',
      'a//b',
      'a/',
      './a',
      '.tmp/a',
      'a/.hidden',
      'a\\b',
      'a\0b',
      'a b',
      'a\nb',
      'ä',
      '%2e%2e/a',
      'C:a',
      longSegment,
      'a/a/a/a/a/a/a/a/a',
    ])('refuses %j as a key, for every operation', async (bad) => {
      const { storage, countFiles } = await setup()
      const invalid = expect.objectContaining({ name: 'StorageError', code: 'invalid_key' })
      const source = chunked(Buffer.from('x'))
      await expect(storage.put(bad, source, video)).rejects.toEqual(invalid)
      expect(source.destroyed).toBe(true)
      await expect(storage.open(bad)).rejects.toEqual(invalid)
      await expect(storage.stat(bad)).rejects.toEqual(invalid)
      await expect(storage.delete(bad)).rejects.toEqual(invalid)
      expect(await countFiles()).toBe(0)
    })

    it.each(['../', '/', 'a//', '..', '.tmp', 'a b'])('refuses %j as a prefix', async (bad) => {
      const { storage } = await setup()
      await expect(collect(storage.list(bad))).rejects.toBeInstanceOf(StorageError)
    })
  })

  describe('reading', () => {
    it.each([
      ['a part', { start: 10, end: 20 }, [10, 20]],
      ['the beginning', { start: 0, end: 1 }, [0, 1]],
      ['the end', { start: 255, end: 256 }, [255, 256]],
      ['a range that ends beyond the file', { start: 250, end: 1000 }, [250, 256]],
      ['a range beyond the file', { start: 256, end: 300 }, [0, 0]],
      ['an empty range', { start: 5, end: 5 }, [0, 0]],
    ] as const)('gives %s', async (_, range, [start, end]) => {
      const { storage } = await setup()
      const bytes = randomBytes(256)
      await storage.put(key, chunked(bytes), video)
      expect(await read(storage, key, range)).toEqual(bytes.subarray(start, end))
      const opened = await storage.open(key, range)
      expect(opened?.sizeBytes).toBe(256)
      opened?.stream.destroy()
    })

    it('finds nothing where nothing is, and no folder either', async () => {
      const { storage } = await setup()
      await storage.put(key, chunked(Buffer.from('x')), video)
      for (const absent of ['nothing', 'artifacts', 'artifacts/ten_1', `${key}/deeper`]) {
        expect(await storage.open(absent)).toBeNull()
        expect(await storage.stat(absent)).toBeNull()
      }
    })
  })

  it('deletes a file, once', async () => {
    const { storage, countFiles } = await setup()
    await storage.put(key, chunked(Buffer.from('x')), video)
    expect(await storage.delete(key)).toBe(true)
    expect(await storage.delete(key)).toBe(false)
    expect(await storage.open(key)).toBeNull()
    expect(await countFiles()).toBe(0)
  })

  it('lists the files by the beginning of their keys', async () => {
    const { storage } = await setup()
    const keys = ['uploads/a/1.jpg', 'uploads/a/2.jpg', 'uploads/ab/3.jpg', 'artifacts/a/1.mp4', 'top']
    for (const each of keys) await storage.put(each, chunked(Buffer.from(each)), video)
    const listed = async (prefix: string) =>
      (await collect(storage.list(prefix))).map((file) => file.key).toSorted()
    expect(await listed('')).toEqual(keys.toSorted())
    expect(await listed('uploads/')).toEqual(['uploads/a/1.jpg', 'uploads/a/2.jpg', 'uploads/ab/3.jpg'])
    expect(await listed('uploads/a/')).toEqual(['uploads/a/1.jpg', 'uploads/a/2.jpg'])
    expect(await listed('uploads/a')).toEqual(['uploads/a/1.jpg', 'uploads/a/2.jpg', 'uploads/ab/3.jpg'])
    expect(await listed('nothing/here')).toEqual([])
    const [top] = await collect(storage.list('top'))
    expect(top).toMatchObject({ key: 'top', sizeBytes: 3, modifiedAtMs: expect.any(Number) })
  })

  it('proves that it works and leaves nothing behind', async () => {
    const { storage, countFiles } = await setup()
    await storage.check()
    expect(await countFiles()).toBe(0)
  })
})
