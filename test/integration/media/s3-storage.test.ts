import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { storedSource } from '../../../src/media/byte-source.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { partBytes } from '../../../src/media/s3-writer.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'

const video = { contentType: 'video/mp4' }
const key = 'artifacts/ten_1/art_1.mp4'
const mebibyte = 1024 * 1024

describe('the SDK', () => {
  it('is loaded where files are kept in S3, and nowhere else', async () => {
    const opening = fileURLToPath(new URL('../../../src/media/open-storage.ts', import.meta.url))
    const loads = async (url: string) => {
      const script = `
        import { registerHooks } from 'node:module'
        let isLoaded = false
        registerHooks({ load: (url, context, next) => {
          isLoaded ||= url.includes('@aws-sdk')
          return next(url, context)
        } })
        const { openStorage } = await import(${JSON.stringify(opening)})
        await (await openStorage(${JSON.stringify(url)}, { clock: {} })).close()
        process.stdout.write(String(isLoaded))`
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
      return stdout
    }
    const folder = await mkdtemp(join(tmpdir(), 'clipline-load-'))
    expect(await Promise.all([loads(`file:${folder}`), loads('s3://bucket')])).toEqual(['false', 'true'])
    await rm(folder, { recursive: true })
  })
})

describe('storage in a bucket', () => {
  let server: S3Server
  beforeAll(async () => {
    server = await startS3Server()
  })
  afterAll(() => server.close())

  const openedStorages: Awaited<ReturnType<typeof openStorage>>[] = []
  const open = async (url = server.storageUrl, nowMs = systemClock.nowMs) => {
    const storage = await openStorage(url, { clock: { ...systemClock, nowMs } })
    openedStorages.push(storage)
    return storage
  }
  afterEach(async () => {
    for (const storage of openedStorages.splice(0)) {
      if (storage.presign !== undefined) await storage.delete(key).catch(() => undefined)
      await storage.close()
    }
    server.requests.length = 0
  })

  const inMebibytes = (bytes: Buffer): Readable =>
    Readable.from(
      Array.from({ length: Math.ceil(bytes.length / mebibyte) }, (_, no) =>
        bytes.subarray(no * mebibyte, (no + 1) * mebibyte),
      ),
    )

  it.each([partBytes - 1, partBytes, partBytes + 1, 2 * partBytes + 12_345])(
    'takes %i bytes in parts, and gives back the same',
    async (length) => {
      const storage = await open()
      const bytes = randomBytes(length)
      expect(await storage.put(key, inMebibytes(bytes), video)).toMatchObject({ sizeBytes: length })
      const opened = await storage.open(key)
      expect(bytes.equals(await buffer(opened!.stream))).toBe(true)
      expect(await server.countFiles()).toBe(1)
    },
  )

  it.each([1, 8, 9, 20])(
    'leaves no part of an upload whose source breaks after %i MiB',
    async (mebibytes) => {
      const storage = await open()
      const broken = new Error('the client went away')
      const source = Readable.from(
        (async function* () {
          for (let no = 0; no < mebibytes; no += 1) yield randomBytes(mebibyte)
          throw broken
        })(),
      )
      await expect(storage.put(key, source, video)).rejects.toBe(broken)
      expect(await server.countFiles()).toBe(0)
    },
  )

  it('leaves no part of an upload that is aborted while a part is on its way', async () => {
    const storage = await open()
    const abort = new AbortController()
    const reason = new Error('the job was canceled')
    const source = Readable.from(
      (async function* () {
        yield randomBytes(2 * partBytes)
        abort.abort(reason)
        yield randomBytes(2 * partBytes)
      })(),
    )
    await expect(storage.put(key, source, { ...video, signal: abort.signal })).rejects.toBe(reason)
    expect(await server.countFiles()).toBe(0)
  })

  it('sweeps uploads that a dead process left, and no young ones', async () => {
    const dying = await open()
    const never = dying.put(
      key,
      Readable.from(
        (async function* () {
          yield randomBytes(partBytes + 1)
          await new Promise(() => undefined)
        })(),
      ),
      video,
    )
    never.catch(() => undefined)
    await expect.poll(() => server.countFiles(), { timeout: 20_000 }).toBe(1)
    const [soon, late] = [await open(), await open(server.storageUrl, () => Date.now() + 7_200_000)]
    expect(await soon.sweep(3_600_000)).toBe(0)
    expect(await late.sweep(3_600_000)).toBe(1)
    expect(await server.countFiles()).toBe(0)
  })

  it('serves a file by a URL of its own, whole and in parts, under the name it is given', async () => {
    const storage = await open()
    const bytes = randomBytes(1_000)
    await storage.put(key, Readable.from([bytes]), video)
    const url = await storage.presign!(key, { ttlS: 60, filename: 'fox.mp4', contentType: 'video/mp4' })
    const whole = await fetch(url)
    expect(whole.headers.get('content-disposition')).toBe('attachment; filename="fox.mp4"')
    expect(whole.headers.get('content-type')).toBe('video/mp4')
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
    const part = await fetch(url, { headers: { range: 'bytes=10-19' } })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true)
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('60')
  })

  it('gives out URLs of the server as clients reach it', async () => {
    const storage = await open(`${server.storageUrl}&public_endpoint=https://files.example.com`)
    const url = await storage.presign!(key, { ttlS: 60, filename: 'fox.mp4', contentType: 'video/mp4' })
    expect(url).toMatch(
      /^https:\/\/files\.example\.com\/clipline-test\/media\/artifacts\/ten_1\/art_1\.mp4\?/,
    )
  })

  it('answers many small looks into a file with few requests', async () => {
    const storage = await open()
    const bytes = randomBytes(3 * mebibyte)
    await storage.put(key, Readable.from([bytes]), video)
    const source = await storedSource(storage, key)
    server.requests.length = 0
    for (let at = 0; at < bytes.length; at += 50_000) {
      const end = Math.min(at + 60_000, bytes.length)
      expect(bytes.subarray(at, end).equals(await source!.read(at, end))).toBe(true)
    }
    // Twelve blocks for 63 looks; a connection that the server has just closed may cost one more.
    expect(server.requests.length).toBeLessThanOrEqual(16)
  })

  const put = (storage: Awaited<ReturnType<typeof openStorage>>) =>
    storage.put(key, Readable.from([Buffer.from('x')]), video)

  it('says so when the bucket does not exist', async () => {
    const storage = await open(`s3://no-such-bucket?endpoint=${server.origin}`)
    await expect(put(storage)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'unavailable',
      message: 'the bucket of the storage does not exist',
    })
    await expect(storage.check()).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('says so when the credentials are refused', async () => {
    const known = process.env['AWS_ACCESS_KEY_ID']
    process.env['AWS_ACCESS_KEY_ID'] = 'STRANGER'
    const storage = await open()
    await expect(put(storage)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the storage refused the credentials (InvalidAccessKeyId)',
    })
    process.env['AWS_ACCESS_KEY_ID'] = known
  })

  it('says so when the server is away, without its address', async () => {
    const gone = await startS3Server()
    await gone.close()
    const storage = await open(gone.storageUrl)
    await expect(put(storage)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the storage failed (ECONNREFUSED)',
    })
  })
})
