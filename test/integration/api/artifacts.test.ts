import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { newId } from '../../../src/job/ids.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

describe('artifacts', () => {
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, no) => no % 251))
  const sha256 = createHash('sha256').update(content).digest('hex')
  const id = newId('artifact', Date.now())
  const jobId = newId('job', Date.now())
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
    const storage = await openStorage(`file:${kit.storageDir}`, { clock: systemClock })
    const storageKey = `artifacts/${id}.mp4`
    await storage.put(storageKey, Readable.from([content]), { contentType: 'video/mp4' })
    await storage.close()
    await kit.store.prisma.artifact.create({
      data: {
        id,
        jobId,
        tenantId: kit.tenantId,
        storageKey,
        contentType: 'video/mp4',
        sizeBytes: content.length,
        sha256,
        width: 1080,
        height: 1920,
        durationS: 5,
      },
    })
  })
  afterAll(() => kit.close())

  const get = (headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    kit.send({ method, url: `/v1/artifacts/${id}/content`, headers })

  test('the facts lead to the file', async () => {
    const response = await kit.send({ url: `/v1/artifacts/${id}` })
    expect(response.json()).toMatchObject({
      id,
      sha256,
      size_bytes: 100_000,
      url: `${publicUrl}/v1/artifacts/${id}/content`,
    })
  })

  test('the file comes whole, named by its hash, to be kept and not to be run', async () => {
    const response = await get()
    expect(response.statusCode).toBe(200)
    expect(response.rawPayload.equals(content)).toBe(true)
    expect(response.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '100000',
      'accept-ranges': 'bytes',
      etag: `"${sha256}"`,
      'content-disposition': `attachment; filename="${jobId}.mp4"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })

  test('HEAD tells the same without the file', async () => {
    const response = await get({}, 'HEAD')
    expect(response.statusCode).toBe(200)
    expect(response.headers).toMatchObject({ 'content-length': '100000', etag: `"${sha256}"` })
    expect(response.rawPayload).toHaveLength(0)
  })

  test('HEAD tells of the whole file, whatever range it names', async () => {
    for (const range of ['bytes=0-9', 'bytes=100000-']) {
      const response = await get({ range }, 'HEAD')
      expect(response.statusCode).toBe(200)
      expect(response.headers['content-length']).toBe('100000')
      expect(response.headers['content-range']).toBeUndefined()
    }
  })

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=-5', 99_995, 100_000],
    ['bytes=500-1000000', 500, 100_000],
  ])('a part: %s', async (range, start, end) => {
    const response = await get({ range })
    expect(response.statusCode).toBe(206)
    expect(response.headers['content-range']).toBe(`bytes ${start}-${end - 1}/100000`)
    expect(response.headers['content-length']).toBe(String(end - start))
    expect(response.rawPayload.equals(content.subarray(start, end))).toBe(true)
  })

  test('a part beyond the file is 416', async () => {
    const response = await get({ range: 'bytes=100000-' })
    expect(response.statusCode).toBe(416)
    expect(response.headers['content-range']).toBe('bytes */100000')
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json().code).toBe('range_not_satisfiable')
  })

  test('a part of another file is the whole one', async () => {
    expect((await get({ range: 'bytes=0-9', 'if-range': '"other"' })).statusCode).toBe(200)
    expect((await get({ range: 'bytes=0-9', 'if-range': `"${sha256}"` })).statusCode).toBe(206)
  })

  test('who has it already gets 304', async () => {
    const response = await get({ 'if-none-match': `"${sha256}"` })
    expect(response.statusCode).toBe(304)
    expect(response.rawPayload).toHaveLength(0)
  })

  test('another tenant finds nothing', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    expect((await get({ authorization })).statusCode).toBe(404)
    expect((await kit.send({ url: `/v1/artifacts/${id}`, headers: { authorization } })).statusCode).toBe(404)
  })

  test('a file whose time is over is not found', async () => {
    const gone = newId('artifact', Date.now())
    const row = await kit.store.prisma.artifact.findUniqueOrThrow({ where: { id } })
    await kit.store.prisma.artifact.create({ data: { ...row, id: gone, storageKey: 'artifacts/gone.mp4' } })
    const response = await kit.send({ url: `/v1/artifacts/${gone}/content` })
    expect(response.statusCode).toBe(404)
    expect(response.headers['etag']).toBeUndefined()
  })
})
