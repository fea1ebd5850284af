import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { newId } from '../../../src/job/ids.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import type { Storage } from '../../../src/media/storage.ts'
import { type S3Server, startS3Server } from '../../support/s3-server.ts'
import { type ApiKit, openApiKit } from './kit.ts'
import { png } from './media.ts'

describe('files in S3', () => {
  const content = randomBytes(100_000)
  const sha256 = createHash('sha256').update(content).digest('hex')
  const id = newId('artifact', Date.now())
  const jobId = newId('job', Date.now())
  let server: S3Server
  let storage: Storage
  let kit: ApiKit
  beforeAll(async () => {
    server = await startS3Server()
    storage = await openStorage(server.storageUrl, { clock: systemClock })
    kit = await openApiKit({ deps: { storage } })
    const storageKey = `artifacts/${kit.tenantId}/${id}.mp4`
    await storage.put(storageKey, Readable.from([content]), { contentType: 'video/mp4' })
    await kit.store.prisma.artifact.create({
      data: {
        id,
        jobId,
        tenantId: kit.tenantId,
        storageKey,
        contentType: 'video/mp4',
        sizeBytes: content.length,
        sha256,
        durationS: 5,
      },
    })
  })
  afterAll(async () => {
    await kit.close()
    await storage.close()
    await server.close()
  })

  const get = (headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    kit.send({ method, url: `/v1/artifacts/${id}/content`, headers })

  test('the console may play and show files from where the redirection leads, and call nothing there', async () => {
    const { headers } = await kit.app.inject({ url: '/console' })
    const rules = String(headers['content-security-policy']).split('; ')
    expect(rules).toContain(`media-src 'self' ${server.origin} blob:`)
    expect(rules).toContain(`img-src 'self' ${server.origin} blob: data:`)
    expect(rules.filter((rule) => rule.includes(server.origin))).toHaveLength(2)
  })

  test('a file is answered with a redirection to a URL that serves it, for a quarter of an hour', async () => {
    const response = await get()
    expect(response.statusCode).toBe(302)
    expect(response.headers['cache-control']).toBe('no-store')
    const location = new URL(String(response.headers['location']))
    expect(location.origin).toBe(server.origin)
    expect(location.searchParams.get('X-Amz-Expires')).toBe('900')
    const file = await fetch(location)
    expect(Buffer.from(await file.arrayBuffer()).equals(content)).toBe(true)
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${jobId}.mp4"`)
    expect(file.headers.get('content-type')).toBe('video/mp4')
  })

  test('a signed link leads there as well', async () => {
    const link = await kit.send({
      method: 'POST',
      url: `/v1/artifacts/${id}/links`,
      payload: { ttl_s: 60 },
    })
    const { pathname, search } = new URL(link.json().url)
    const response = await kit.app.inject({ url: pathname + search })
    expect(response.statusCode).toBe(302)
    expect((await fetch(String(response.headers['location']))).status).toBe(200)
  })

  test('a part of a file is asked for where it is', async () => {
    const response = await get({ range: 'bytes=5-9' })
    const part = await fetch(String(response.headers['location']), { headers: { range: 'bytes=5-9' } })
    expect(Buffer.from(await part.arrayBuffer()).equals(content.subarray(5, 10))).toBe(true)
    expect((await get({ range: 'bytes=100000-' })).statusCode).toBe(416)
  })

  test('HEAD and an unchanged file are answered without a redirection', async () => {
    const head = await get({}, 'HEAD')
    expect(head.statusCode).toBe(200)
    expect(head.headers).toMatchObject({ 'content-length': '100000', etag: `"${sha256}"` })
    expect((await get({ 'if-none-match': `"${sha256}"` })).statusCode).toBe(304)
  })

  test('another tenant is led nowhere', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    expect((await get({ authorization })).statusCode).toBe(404)
  })

  test('an upload is kept there, and gone with its row', async () => {
    const response = await kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload: png,
      headers: { 'content-type': 'image/png' },
    })
    expect(response.statusCode).toBe(201)
    const { id: uploadId } = response.json()
    expect(await storage.stat(`uploads/${kit.tenantId}/${uploadId}.png`)).not.toBeNull()
    expect((await kit.send({ method: 'DELETE', url: `/v1/uploads/${uploadId}` })).statusCode).toBe(204)
    expect(await storage.stat(`uploads/${kit.tenantId}/${uploadId}.png`)).toBeNull()
  })

  test('a file that is refused leaves nothing there', async () => {
    const before = await server.countFiles()
    const response = await kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload: Buffer.concat([png, Buffer.alloc(1_000_001)]),
      headers: { 'content-type': 'image/png' },
    })
    expect(response.statusCode).toBe(413)
    expect(await server.countFiles()).toBe(before)
  })
})
