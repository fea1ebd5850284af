import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import type { Storage } from '../../../src/media/storage.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'
import { pdf, png } from './media.ts'

const pieceType = 'application/offset+octet-stream'
const base = '/v1/uploads/resumable'
const mebibyte = 1024 * 1024
/** A picture with so much behind it: as long as wanted, and sound. */
const pictureOf = (sizeBytes: number) => Buffer.concat([png, randomBytes(sizeBytes - png.length)])
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe.each(['file', 's3'])('resumable uploads, kept in %s', (driver) => {
  let kit: ApiKit
  let origin = ''
  let server: S3Server | null = null
  let storage: Storage | null = null
  let isDiskLow = false
  let nowMs = () => Date.now()
  beforeAll(async () => {
    if (driver === 's3') {
      server = await startS3Server()
      storage = await openStorage(server.storageUrl, { clock: systemClock })
    }
    kit = await openApiKit({
      deps: {
        ...(storage !== null && { storage }),
        clock: { ...systemClock, nowMs: () => nowMs() },
        disk: { isLow: async () => isDiskLow },
        maxUploadBytes: 40 * mebibyte,
      },
    })
    origin = await kit.app.listen({ host: '127.0.0.1', port: 0 })
  })
  beforeEach(async () => {
    isDiskLow = false
    nowMs = () => Date.now()
    await kit.store.prisma.upload.deleteMany()
    await kit.store.prisma.resumableUpload.deleteMany()
    for (const key of await listFiles()) await kit.deps.storage.delete(key)
  })
  afterAll(async () => {
    await kit.close()
    await storage?.close()
    await server?.close()
  })

  const listFiles = async (): Promise<string[]> => {
    const keys: string[] = []
    for await (const { key } of kit.deps.storage.list('')) keys.push(key)
    return keys.sort()
  }

  type Headers = Record<string, string>
  const send = (options: InjectOptions & { headers?: Headers }) =>
    kit.send({ ...options, headers: { 'tus-resumable': '1.0.0', ...options.headers } })
  const create = (headers: Headers, payload?: Buffer) =>
    send({ method: 'POST', url: base, headers, ...(payload && { payload }) })
  const createFor = async (lengthBytes: number, headers: Headers = {}): Promise<string> => {
    const response = await create({ 'upload-length': String(lengthBytes), ...headers })
    expect(response.statusCode).toBe(201)
    return new URL(String(response.headers['location'])).pathname
  }
  const patch = (url: string, offset: number, payload: Buffer, headers: Headers = {}) =>
    send({
      method: 'PATCH',
      url,
      payload,
      headers: { 'content-type': pieceType, 'upload-offset': String(offset), ...headers },
    })
  const head = (url: string) => send({ method: 'HEAD', url })
  const remove = (url: string) => send({ method: 'DELETE', url })

  const expectUpload = async (id: unknown, content: Buffer) => {
    const upload = await kit.send({ url: `/v1/uploads/${id}` })
    expect(upload.statusCode).toBe(200)
    expect(upload.json()).toMatchObject({
      content_type: 'image/png',
      size_bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      width: 1,
    })
    await expect.poll(listFiles, { timeout: 20_000 }).toEqual([`uploads/${kit.tenantId}/${id}.png`])
    return upload.json()
  }

  /** Sends some of what it announces, and then breaks the connection. */
  const breakOff = async (url: string, offset: number, sent: Buffer, announced: number, headers = {}) => {
    const broken = request(origin + url, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${kit.apiKey}`,
        'tus-resumable': '1.0.0',
        'content-type': pieceType,
        'upload-offset': String(offset),
        'content-length': String(announced),
        ...headers,
      },
    })
    broken.on('error', () => undefined)
    await new Promise((resolve) => broken.write(sent, resolve))
    return () => broken.destroy()
  }

  test('OPTIONS says what is spoken, to anybody', async () => {
    const response = await kit.app.inject({ method: 'OPTIONS', url: base })
    expect(response.statusCode).toBe(204)
    expect(response.headers).toMatchObject({
      allow: 'OPTIONS, POST',
      'tus-resumable': '1.0.0',
      'tus-version': '1.0.0',
      'tus-max-size': String(40 * mebibyte),
      'tus-extension': 'creation,creation-with-upload,creation-defer-length,expiration,checksum,termination',
      'tus-checksum-algorithm': 'sha1,sha256,md5',
    })
    const ofOne = await kit.app.inject({ method: 'OPTIONS', url: `${base}/upl_1` })
    expect(ofOne.headers['allow']).toBe('OPTIONS, HEAD, PATCH, DELETE')
  })

  test('a file in several parts becomes an upload with the last one', async () => {
    const content = pictureOf(300_000)
    const created = await create({
      'upload-length': '300000',
      'upload-metadata': `filename ${base64('mein föx.jpeg')},filetype ${base64('image/png')},is_draft`,
    })
    expect(created.statusCode).toBe(201)
    expect(created.headers['upload-offset']).toBe('0')
    const url = new URL(String(created.headers['location']))
    expect(url.href.startsWith(`${publicUrl}${base}/tus_`)).toBe(true)
    for (let at = 0; at < 300_000; at += 100_000) {
      const response = await patch(url.pathname, at, content.subarray(at, at + 100_000))
      expect(response.statusCode).toBe(204)
      expect(response.headers['upload-offset']).toBe(String(at + 100_000))
      expect(response.headers['tus-resumable']).toBe('1.0.0')
      expect(Date.parse(String(response.headers['upload-expires']))).toBeGreaterThan(Date.now())
      const isLast = at === 200_000
      expect(response.headers['clipline-upload-id'] === undefined).toBe(!isLast)
    }
    const told = await head(url.pathname)
    const id = told.headers['clipline-upload-id']
    expect(told.headers['content-location']).toBe(`${publicUrl}/v1/uploads/${id}`)
    expect((await expectUpload(id, content)).filename).toBe('mein föx.png')
  })

  test('HEAD tells how far it has come, how long it is, and what was said of it', async () => {
    const metadata = `filename ${base64('a.png')}`
    const url = await createFor(100, { 'upload-metadata': metadata })
    await patch(url, 0, png.subarray(0, 10))
    const response = await head(url)
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({
      'upload-offset': '10',
      'upload-length': '100',
      'upload-metadata': metadata,
      'cache-control': 'no-store',
    })
  })

  test('bytes may come with the creation, all of them even', async () => {
    const content = pictureOf(5_000)
    const headers = { 'upload-length': '5000', 'content-type': pieceType }
    const some = await create(headers, content.subarray(0, 4_000))
    expect(some.statusCode).toBe(201)
    expect(some.headers['upload-offset']).toBe('4000')
    expect((await remove(new URL(String(some.headers['location'])).pathname)).statusCode).toBe(204)
    const all = await create(headers, content)
    expect(all.headers['upload-offset']).toBe('5000')
    await expectUpload(all.headers['clipline-upload-id'], content)
  })

  test('the length may be said later, once', async () => {
    const content = pictureOf(3_000)
    const created = await create({ 'upload-defer-length': '1' })
    const url = new URL(String(created.headers['location'])).pathname
    await patch(url, 0, content.subarray(0, 1_000))
    expect((await head(url)).headers).toMatchObject({ 'upload-defer-length': '1', 'upload-offset': '1000' })
    expect((await patch(url, 1_000, Buffer.alloc(0), { 'upload-length': '500' })).statusCode).toBe(400)
    expect((await patch(url, 1_000, Buffer.alloc(0), { 'upload-length': '3000' })).statusCode).toBe(204)
    expect((await head(url)).headers['upload-length']).toBe('3000')
    expect((await patch(url, 1_000, content.subarray(1_000), { 'upload-length': '4000' })).statusCode).toBe(
      400,
    )
    const last = await patch(url, 1_000, content.subarray(1_000))
    await expectUpload(last.headers['clipline-upload-id'], content)
  })

  test('a file of many pieces comes out whole, whatever the sizes of its parts', async () => {
    const content = pictureOf(13 * mebibyte + 12_345)
    const url = await createFor(content.length)
    const sizes = [1, 70_000, 999, 7 * mebibyte, 1_200_000]
    let offset = 0
    for (const size of sizes) {
      expect((await patch(url, offset, content.subarray(offset, offset + size))).statusCode).toBe(204)
      offset += size
    }
    // The small ones were put together.
    expect((await listFiles()).length).toBeLessThanOrEqual(5)
    const last = await patch(url, offset, content.subarray(offset))
    await expectUpload(last.headers['clipline-upload-id'], content)
  })

  test('what came before a connection broke is kept, and the rest is sent from there', async () => {
    const content = pictureOf(10 * mebibyte)
    const url = await createFor(content.length)
    const cut = await breakOff(url, 0, content.subarray(0, 8 * mebibyte), content.length)
    await expect
      .poll(async () => Number((await head(url)).headers['upload-offset']), { timeout: 20_000 })
      .toBeGreaterThanOrEqual(6 * mebibyte)
    cut()
    // As a client does: what is still being put away when it comes back costs it another try.
    const goOn = async () => {
      const offset = Number((await head(url)).headers['upload-offset'])
      expect(offset).toBeGreaterThanOrEqual(6 * mebibyte)
      return (await patch(url, offset, content.subarray(offset))).statusCode
    }
    await expect.poll(goOn, { timeout: 20_000 }).toBe(204)
    await expectUpload((await head(url)).headers['clipline-upload-id'], content)
  })

  test('another process goes on with it: nothing of it is in the memory of the first', async () => {
    const content = pictureOf(9 * mebibyte)
    const url = await createFor(content.length)
    await patch(url, 0, content.subarray(0, 5_000_000))
    const other = await openApiKit({ deps: { ...kit.deps, apiKeys: kit.deps.apiKeys } })
    const response = await other.app.inject({
      method: 'PATCH',
      url,
      payload: content.subarray(5_000_000),
      headers: {
        authorization: `Bearer ${kit.apiKey}`,
        'tus-resumable': '1.0.0',
        'content-type': pieceType,
        'upload-offset': '5000000',
      },
    })
    await other.close()
    await expectUpload(response.headers['clipline-upload-id'], content)
  })

  test('of two requests at once one is refused, and the file is not harmed', async () => {
    const content = pictureOf(3_000_000)
    const url = await createFor(content.length)
    const rivals = await Promise.all([1, 2, 3].map(() => patch(url, 0, content.subarray(0, 2_000_000))))
    expect(rivals.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409, 409])
    const enders = await Promise.all([1, 2].map(() => patch(url, 2_000_000, content.subarray(2_000_000))))
    const ended = enders.filter(({ statusCode }) => statusCode === 204)
    expect(ended).toHaveLength(1)
    await expectUpload(ended[0]?.headers['clipline-upload-id'], content)
    expect(await kit.store.prisma.upload.count()).toBe(1)
  })

  test('bytes for another offset are 409, and change nothing', async () => {
    const url = await createFor(1_000)
    for (const offset of [1, 999, 5_000]) {
      const response = await patch(url, offset, png.subarray(0, 1))
      expect(response.statusCode).toBe(409)
      expect(response.json().code).toBe('offset_mismatch')
    }
    expect((await head(url)).headers['upload-offset']).toBe('0')
    expect(await listFiles()).toEqual([])
  })

  test('more bytes than the file has are 413', async () => {
    const url = await createFor(100)
    const response = await patch(url, 0, pictureOf(101))
    expect(response.statusCode).toBe(413)
    expect((await head(url)).headers['upload-offset']).toBe('0')
    expect(await listFiles()).toEqual([])
  })

  test('a file over the limit is 413 when it is created', async () => {
    const response = await create({ 'upload-length': String(40 * mebibyte + 1) })
    expect(response.statusCode).toBe(413)
    expect(response.json().code).toBe('media_too_large')
    expect(await kit.store.prisma.resumableUpload.count()).toBe(0)
  })

  test('a file of no accepted type is refused with its first bytes, and forgotten', async () => {
    const url = await createFor(20 * mebibyte)
    const response = await patch(url, 0, Buffer.concat([pdf, randomBytes(7 * mebibyte)]))
    expect(response.statusCode).toBe(415)
    expect(response.json().code).toBe('unsupported_media_type')
    expect((await head(url)).statusCode).toBe(404)
    expect(await listFiles()).toEqual([])
  })

  test('a small file of no accepted type is refused with its last byte', async () => {
    const url = await createFor(pdf.length)
    await patch(url, 0, pdf.subarray(0, 10))
    expect((await patch(url, 10, pdf.subarray(10))).statusCode).toBe(415)
    expect((await head(url)).statusCode).toBe(404)
    expect(await listFiles()).toEqual([])
    expect((await create({ 'upload-length': '0' })).statusCode).toBe(415)
  })

  describe('with a checksum', () => {
    const content = pictureOf(8 * mebibyte)
    const sumOf = (algorithm: string, bytes: Buffer) =>
      `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`

    test.each([
      ['sha1', 8 * mebibyte],
      ['sha256', 100_000],
      ['md5', 100_000],
    ])('%s: intact bytes are kept', async (algorithm, sizeBytes) => {
      const whole = content.subarray(0, sizeBytes)
      const url = await createFor(sizeBytes)
      const most = whole.subarray(0, (sizeBytes * 7) / 8)
      const first = await patch(url, 0, most, { 'upload-checksum': sumOf(algorithm, most) })
      expect(first.headers['upload-offset']).toBe(String(most.length))
      const rest = whole.subarray(most.length)
      const last = await patch(url, most.length, rest, { 'upload-checksum': sumOf(algorithm, rest) })
      await expectUpload(last.headers['clipline-upload-id'], whole)
    })

    test('damaged bytes are 460, and thrown away', async () => {
      const url = await createFor(content.length)
      const response = await patch(url, 0, content, { 'upload-checksum': sumOf('sha1', png) })
      expect(response.statusCode).toBe(460)
      expect(response.json().code).toBe('checksum_mismatch')
      expect((await head(url)).headers['upload-offset']).toBe('0')
      expect(await listFiles()).toEqual([])
    })

    test('bytes that broke off are thrown away, as nobody can check them', async () => {
      const url = await createFor(content.length)
      const cut = await breakOff(url, 0, content.subarray(0, 7 * mebibyte), content.length, {
        'upload-checksum': sumOf('sha1', content),
      })
      await expect.poll(listFiles, { timeout: 20_000 }).not.toEqual([])
      cut()
      await expect.poll(listFiles, { timeout: 20_000 }).toEqual([])
      expect((await head(url)).headers['upload-offset']).toBe('0')
    })

    test.each(['crc32 AAAA', 'sha1', 'sha1 !', 'sha1 AAAA AAAA'])('%s is 400', async (header) => {
      const url = await createFor(100)
      const response = await patch(url, 0, png, { 'upload-checksum': header })
      expect(response.statusCode).toBe(400)
      expect(response.json().errors[0].pointer).toBe('/headers/upload-checksum')
    })
  })

  test('DELETE forgets it and what has come of it', async () => {
    const url = await createFor(1_000)
    await patch(url, 0, png.subarray(0, 20))
    expect((await remove(url)).statusCode).toBe(204)
    expect(await listFiles()).toEqual([])
    expect((await head(url)).statusCode).toBe(404)
    expect((await patch(url, 20, png.subarray(20))).statusCode).toBe(404)
    expect((await remove(url)).statusCode).toBe(404)
  })

  test('DELETE of one that has become an upload leaves the upload', async () => {
    const url = await createFor(png.length)
    const { headers } = await patch(url, 0, png)
    expect((await remove(url)).statusCode).toBe(204)
    expect((await kit.send({ url: `/v1/uploads/${headers['clipline-upload-id']}` })).statusCode).toBe(200)
  })

  test('after its time it is 410', async () => {
    const url = await createFor(1_000)
    nowMs = () => Date.now() + 86_400_001
    expect((await head(url)).statusCode).toBe(410)
    const response = await patch(url, 0, png)
    expect(response.statusCode).toBe(410)
    expect(response.json().code).toBe('upload_expired')
  })

  test('another version of tus, or none, is 412 with the version that is spoken', async () => {
    for (const version of ['0.2.2', '']) {
      const response = await send({ method: 'POST', url: base, headers: { 'tus-resumable': version } })
      expect(response.statusCode).toBe(412)
      expect(response.headers['tus-version']).toBe('1.0.0')
      expect(response.json().code).toBe('tus_version')
    }
  })

  test('bytes of another type are 415', async () => {
    const url = await createFor(100)
    const response = await patch(url, 0, png, { 'content-type': 'application/octet-stream' })
    expect(response.statusCode).toBe(415)
    expect(response.json().code).toBe('unsupported_content_type')
  })

  test.each([
    ['no length', {}, '/headers/upload-length'],
    ['a length in words', { 'upload-length': 'ten' }, '/headers/upload-length'],
    ['a negative length', { 'upload-length': '-1' }, '/headers/upload-length'],
    ['two lengths', { 'upload-length': '5', 'upload-defer-length': '1' }, '/headers/upload-defer-length'],
    ['another deferral', { 'upload-defer-length': '2' }, '/headers/upload-defer-length'],
    ['bad metadata', { 'upload-length': '5', 'upload-metadata': 'filename !' }, '/headers/upload-metadata'],
    [
      'a name twice',
      { 'upload-length': '5', 'upload-metadata': 'a YQ==,a YQ==' },
      '/headers/upload-metadata',
    ],
    ['a part to be joined', { 'upload-length': '5', 'upload-concat': 'partial' }, '/headers/upload-concat'],
    ['a joining of parts', { 'upload-concat': 'final;/a /b' }, '/headers/upload-concat'],
    ['a bad key', { 'upload-length': '5', 'idempotency-key': 'a b' }, '/headers/idempotency-key'],
  ])('%s is 400 and named', async (_name, headers, pointer) => {
    const response = await create(headers as Headers)
    expect(response.statusCode).toBe(400)
    expect(response.json().errors[0].pointer).toBe(pointer)
  })

  test('an Idempotency-Key makes one of two creations', async () => {
    const headers = { 'upload-length': '100', 'idempotency-key': 'once' }
    const [first, again] = [await create(headers), await create(headers)]
    expect(again.headers['location']).toBe(first.headers['location'])
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect((await create({ ...headers, 'upload-length': '101' })).statusCode).toBe(422)
    expect(await kit.store.prisma.resumableUpload.count()).toBe(1)
  })

  test('a client that has only POST says what it means in a header', async () => {
    const url = await createFor(png.length)
    const post = (method: string, headers: Headers = {}, payload?: Buffer) =>
      send({
        method: 'POST',
        url,
        headers: { 'x-http-method-override': method, ...headers },
        ...(payload && { payload }),
      })
    expect((await post('HEAD')).headers['upload-offset']).toBe('0')
    const patched = await post('PATCH', { 'content-type': pieceType, 'upload-offset': '0' }, png)
    expect(patched.statusCode).toBe(204)
    expect((await post('DELETE')).statusCode).toBe(204)
    expect((await post('PUT')).statusCode).toBe(405)
  })

  test('another tenant finds nothing, and a key needs the scope', async () => {
    const url = await createFor(100)
    const stranger = await kit.newKey({ tenantId: await kit.newTenant('stranger') })
    const reader = await kit.newKey({ scopes: ['jobs:read'] })
    for (const [key, status] of [
      [stranger, 404],
      [reader, 403],
    ] as const) {
      const authorization = `Bearer ${key}`
      expect((await send({ method: 'HEAD', url, headers: { authorization } })).statusCode).toBe(status)
      expect((await patch(url, 0, png, { authorization })).statusCode).toBe(status)
      expect((await send({ method: 'DELETE', url, headers: { authorization } })).statusCode).toBe(status)
    }
    expect((await head(url)).headers['upload-offset']).toBe('0')
    expect((await kit.app.inject({ method: 'HEAD', url })).statusCode).toBe(401)
  })

  test('none is begun while the disk is nearly full', async () => {
    isDiskLow = true
    const response = await create({ 'upload-length': '100' })
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('60')
    expect(await kit.store.prisma.resumableUpload.count()).toBe(0)
  })
})
