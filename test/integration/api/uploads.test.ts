import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Scope } from '../../../src/actions/scopes.ts'
import { UploadOut } from '../../../src/api/schemas/upload-out.ts'
import { holdRow } from './held-row.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'
import { type FormFile, formOf, pdf, png, text } from './media.ts'

describe('uploads', () => {
  let kit: ApiKit
  let origin = ''
  beforeAll(async () => {
    kit = await openApiKit()
    origin = await kit.app.listen({ host: '127.0.0.1', port: 0 })
  })
  beforeEach(async () => {
    for (const { id } of await kit.store.prisma.upload.findMany())
      await kit.send({ method: 'DELETE', url: `/v1/uploads/${id}` })
    await kit.store.prisma.job.deleteMany()
  })
  afterAll(() => kit.close())

  const sendRaw = (payload: Buffer, headers: Record<string, string> = {}) =>
    kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload,
      headers: { 'content-type': 'image/png', ...headers },
    })
  const sendForm = (...files: FormFile[]) =>
    kit.send({ method: 'POST', url: '/v1/uploads', ...formOf(...files) })
  const file = (content: Buffer, filename = 'a.png') => ({
    name: 'file',
    filename,
    type: 'image/png',
    content,
  })

  const expectNothing = async () => {
    expect(await kit.listFiles()).toEqual([])
    expect(await kit.store.prisma.upload.count()).toBe(0)
    expect(await listAll()).toEqual([])
  }

  /** Every file on the disk, unfinished ones included. */
  const listAll = async () => {
    const entries = await readdir(kit.storageDir, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => join(parentPath, name))
  }

  test('a body is one file', async () => {
    const response = await sendRaw(png, { 'x-filename': 'my%20f%C3%B6x.jpeg' })
    expect(response.statusCode).toBe(201)
    const upload = UploadOut.parse(response.json())
    expect(upload).toMatchObject({
      filename: 'my föx.png',
      content_type: 'image/png',
      size_bytes: png.length,
      sha256: createHash('sha256').update(png).digest('hex'),
      width: 1,
      height: 1,
      duration_s: null,
    })
    expect(response.headers['location']).toBe(`${publicUrl}/v1/uploads/${upload.id}`)
    expect(Date.parse(upload.expires_at ?? '') - Date.parse(upload.created_at)).toBe(86_400_000)
    expect(await kit.listFiles()).toEqual([`uploads/${kit.tenantId}/${upload.id}.png`])
  })

  test('a name may be written in UTF-8', async () => {
    const inLatin1 = Buffer.from('狐 ä.png').toString('latin1')
    expect((await sendRaw(png, { 'x-filename': inLatin1 })).json().filename).toBe('狐 ä.png')
    expect((await sendRaw(png, { 'x-filename': 'fo\u00df.png' })).json().filename).toBe('foß.png')
  })

  test('a form is one or more files', async () => {
    const response = await sendForm(file(png, 'one.png'), file(text, '../../etc/passwd'))
    expect(response.statusCode).toBe(201)
    expect(response.json().data).toMatchObject([
      { filename: 'one.png', content_type: 'image/png' },
      { filename: 'passwd.txt', content_type: 'text/plain' },
    ])
    expect(await kit.listFiles()).toHaveLength(2)
  })

  test('a file is what it holds, whatever it says that it is', async () => {
    const response = await sendRaw(png, { 'content-type': 'video/mp4', 'x-filename': 'clip.mp4' })
    expect(response.json()).toMatchObject({ content_type: 'image/png', filename: 'clip.png' })
  })

  test.each([
    ['a PDF', pdf],
    ['an empty form file', Buffer.alloc(0)],
    ['a script', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['noise', Buffer.from(Array.from({ length: 500 }, (_, no) => (no * 89) % 256))],
  ])('%s is 415, and nothing is kept', async (_name, content) => {
    const response = await sendForm(file(content))
    expect(response.statusCode).toBe(415)
    expect(response.json().code).toBe('unsupported_media_type')
    await expectNothing()
  })

  test('a damaged film is 422, and nothing is kept', async () => {
    const response = await sendRaw(
      Buffer.from('00000018667479706d703432000000006d70343269736f6d0000000866726565', 'hex'),
    )
    expect(response.statusCode).toBe(422)
    expect(response.json().code).toBe('unreadable_media')
    await expectNothing()
  })

  test('one bad file of several takes the others with it, and is named', async () => {
    const response = await sendForm(file(png), file(text), file(pdf))
    expect(response.statusCode).toBe(415)
    expect(response.json().errors).toMatchObject([{ pointer: '/2', code: 'unsupported_media_type' }])
    expect(response.json().detail).toMatch(/^File 3 of the form: /)
    await expectNothing()
  })

  test('a file over the limit is 413 at once, by its length or by its bytes', async () => {
    const big = Buffer.concat([png, Buffer.alloc(1_000_001)])
    for (const response of [await sendRaw(big), await sendForm(file(big))]) {
      expect(response.statusCode).toBe(413)
      expect(response.json().code).toBe('media_too_large')
    }
    await expectNothing()
  })

  test('a client reads the 413 though it has not sent everything', async () => {
    const sent = request(`${origin}/v1/uploads`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${kit.apiKey}`,
        'content-type': 'image/png',
        'content-length': '900000000',
      },
    })
    sent.on('error', () => undefined)
    sent.write(png)
    const [response] = await once(sent, 'response')
    expect(response.statusCode).toBe(413)
    sent.destroy()
    await expectNothing()
  })

  test.each([
    ['no body', { method: 'POST', url: '/v1/uploads' } as const],
    ['a form without files', { method: 'POST', url: '/v1/uploads', ...formOf() } as const],
    [
      'a field in the form',
      {
        method: 'POST',
        url: '/v1/uploads',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        payload: '--b\r\nContent-Disposition: form-data; name="skill"\r\n\r\nx\r\n--b--\r\n',
      } as const,
    ],
    [
      'a form that breaks off',
      {
        method: 'POST',
        url: '/v1/uploads',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        payload: `--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n${'x'.repeat(100)}`,
      } as const,
    ],
    [
      'a form without a boundary',
      {
        method: 'POST',
        url: '/v1/uploads',
        headers: { 'content-type': 'multipart/form-data' },
        payload: 'x',
      } as const,
    ],
  ])('%s is refused, and nothing is kept', async (_name, options) => {
    const response = await kit.send(options)
    expect([400, 415]).toContain(response.statusCode)
    expect(response.headers['content-type']).toBe('application/problem+json')
    await expectNothing()
  })

  test.each([0, 10, 5_000, 70_000])(
    'an upload that is broken off after %i bytes leaves nothing',
    async (sentBytes) => {
      const arrived = once(kit.app.server, 'request')
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
      socket.write(
        `POST /v1/uploads HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${kit.apiKey}\r\nContent-Type: image/png\r\nContent-Length: 200000\r\n\r\n`,
      )
      socket.write(Buffer.concat([png, Buffer.alloc(sentBytes)]))
      const [received] = await arrived
      if (sentBytes > 50_000) await vi.waitFor(async () => expect(await listAll()).toHaveLength(1))
      const closed = new Promise((resolve) => received.once('close', resolve))
      socket.destroy()
      await closed
      await vi.waitFor(expectNothing)
    },
  )

  test('uploads are listed, read and deleted', async () => {
    const first = (await sendRaw(png)).json()
    const second = (await sendRaw(text)).json()
    const page = await kit.send({ url: '/v1/uploads?limit=1' })
    expect(page.json()).toMatchObject({ data: [{ id: second.id }], next_cursor: expect.any(String) })
    const next = await kit.send({ url: `/v1/uploads?limit=1&cursor=${page.json().next_cursor}` })
    expect(next.json()).toEqual({ data: [first], next_cursor: null })
    expect((await kit.send({ url: `/v1/uploads/${first.id}` })).json()).toEqual(first)
    expect((await kit.send({ method: 'DELETE', url: `/v1/uploads/${first.id}` })).statusCode).toBe(204)
    expect((await kit.send({ method: 'DELETE', url: `/v1/uploads/${first.id}` })).statusCode).toBe(404)
    expect((await kit.send({ url: `/v1/uploads/${first.id}` })).statusCode).toBe(404)
    expect(await kit.listFiles()).toHaveLength(1)
  })

  test('are read by a key that may make them, or by one that may read jobs, and deleted by the first', async () => {
    const authorized = async (...scopes: Scope[]) => ({
      authorization: `Bearer ${await kit.newKey({ scopes })}`,
    })
    const [maker, reader] = [await authorized('uploads:write'), await authorized('jobs:read')]
    const { id } = (await sendRaw(png, maker)).json()
    for (const headers of [maker, reader]) {
      expect((await kit.send({ url: `/v1/uploads/${id}`, headers })).json().id).toBe(id)
      expect((await kit.send({ url: '/v1/uploads', headers })).json().data).toMatchObject([{ id }])
    }
    const stranger = await kit.send({ url: '/v1/uploads', headers: await authorized('usage:read') })
    expect(stranger.statusCode).toBe(403)
    expect(stranger.json().detail).toBe('The API key lacks the scope jobs:read or uploads:write.')
    const remove = (headers: Record<string, string>) =>
      kit.send({ method: 'DELETE', url: `/v1/uploads/${id}`, headers })
    expect((await remove(reader)).statusCode).toBe(403)
    expect((await remove(maker)).statusCode).toBe(204)
  })

  test('an upload of another tenant is not found, and cannot be used', async () => {
    const { id } = (await sendRaw(png)).json()
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    for (const method of ['GET', 'DELETE'] as const)
      expect(
        (await kit.send({ method, url: `/v1/uploads/${id}`, headers: { authorization } })).statusCode,
      ).toBe(404)
    const job = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'x', inputs: [{ upload_id: id }] },
      headers: { authorization },
    })
    expect(job.json()).toMatchObject({ status: 422, code: 'unknown_upload' })
  })

  test('a job keeps what it takes, until it has ended', async () => {
    const { id } = (await sendRaw(png)).json()
    const job = (
      await kit.send({
        method: 'POST',
        url: '/v1/jobs',
        payload: { prompt: 'x', inputs: [{ upload_id: id }, { upload_id: id }] },
      })
    ).json()
    expect((await kit.send({ url: `/v1/uploads/${id}` })).json().expires_at).toBeNull()
    const refused = await kit.send({ method: 'DELETE', url: `/v1/uploads/${id}` })
    expect(refused.json()).toMatchObject({ status: 409, code: 'upload_in_use' })
    await kit.send({ method: 'POST', url: `/v1/jobs/${job.id}/cancel` })
    expect((await kit.send({ method: 'DELETE', url: `/v1/uploads/${id}` })).statusCode).toBe(204)
  })

  test('an expired upload is gone for everybody', async () => {
    const { id } = (await sendRaw(png)).json()
    await kit.store.prisma.upload.update({ where: { id }, data: { expiresAt: new Date(Date.now() - 1) } })
    expect((await kit.send({ url: `/v1/uploads/${id}` })).statusCode).toBe(404)
    const job = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'x', inputs: [{ upload_id: id }] },
    })
    expect(job.json().code).toBe('unknown_upload')
  })

  test('the rules of the skill are checked when a job takes the file', async () => {
    const { id } = (await sendRaw(text)).json()
    const job = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'x', skill: 'image-to-video-higgsfield', inputs: [{ upload_id: id }] },
    })
    expect(job.statusCode).toBe(422)
    expect(job.json()).toMatchObject({
      code: 'unsupported_media_type',
      errors: [
        {
          pointer: '/inputs/0',
          code: 'unsupported_media_type',
          detail: expect.stringContaining('jpg, jpeg, png'),
        },
        { pointer: '/inputs', code: 'missing_input' },
      ],
    })
  })

  test('the same upload under the same key is kept once', async () => {
    const first = await sendRaw(png, { 'idempotency-key': 'upload-1' })
    const second = await sendRaw(png, { 'idempotency-key': 'upload-1' })
    expect(second.statusCode).toBe(201)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.json()).toEqual(first.json())
    expect(second.headers['location']).toBe(`${publicUrl}/v1/uploads/${first.json().id}`)
    const other = await sendRaw(text, { 'idempotency-key': 'upload-1' })
    expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    expect(await kit.listFiles()).toHaveLength(1)
  })

  describe('that are deleted while a job takes them', () => {
    /** Both wait for the upload, in this order; says how they were answered. */
    const race = async (...order: ('submit' | 'remove')[]) => {
      const { id } = (await sendRaw(png)).json()
      const held = await holdRow(kit, 'uploads', id)
      const requests = {
        submit: () =>
          kit.send({
            method: 'POST',
            url: '/v1/jobs',
            payload: { prompt: 'a fox', skill: 'image-to-video-higgsfield', inputs: [{ upload_id: id }] },
          }),
        remove: () => kit.send({ method: 'DELETE', url: `/v1/uploads/${id}` }),
      }
      const answers: Partial<Record<'submit' | 'remove', ReturnType<typeof kit.send>>> = {}
      try {
        for (const [place, name] of order.entries()) {
          answers[name] = requests[name]()
          await held.isAwaitedBy(place + 1)
        }
      } finally {
        await held.letGo()
      }
      const [submitted, removed] = await Promise.all([answers.submit, answers.remove])
      const isThere = (await kit.store.prisma.upload.count({ where: { id } })) === 1
      return { submitted, removed, isThere }
    }

    test('stay where the job comes first', async () => {
      const { submitted, removed, isThere } = await race('submit', 'remove')
      expect([submitted?.statusCode, removed?.statusCode, isThere]).toEqual([202, 409, true])
    })

    test('are unknown to the job where it comes second', async () => {
      const { submitted, removed, isThere } = await race('remove', 'submit')
      expect([submitted?.statusCode, removed?.statusCode, isThere]).toEqual([422, 204, false])
      expect(submitted?.json()).toMatchObject({
        code: 'unknown_upload',
        errors: [{ pointer: '/inputs/0/upload_id' }],
      })
    })
  })

  describe('by URL', () => {
    let server: Server
    let files = ''
    let change = 0
    beforeAll(async () => {
      server = createServer((incoming, outgoing) => {
        if (incoming.url?.startsWith('/pictures/')) outgoing.end(png)
        else if (incoming.url === '/changing' && change < 2) outgoing.end(change++ === 0 ? png : text)
        else if (incoming.url === '/big.png') outgoing.end(Buffer.concat([png, Buffer.alloc(1_000_001)]))
        else if (incoming.url === '/growing.png')
          outgoing.write(png, () => outgoing.end(Buffer.alloc(1_000_001)))
        else if (incoming.url === '/broken.png') outgoing.write(png, () => outgoing.destroy())
        else if (incoming.url === '/endless.png') outgoing.write(png)
        else outgoing.writeHead(404).end('no')
      }).listen(0, '127.0.0.1')
      await once(server, 'listening')
      files = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    afterAll(() => server.close())
    const fetchUrl = (url: unknown, headers: Record<string, string> = {}) =>
      kit.send({ method: 'POST', url: '/v1/uploads', payload: { url }, headers })

    test('the file is named as its URL is read, not as it is encoded', async () => {
      const response = await fetchUrl(`${files}/pictures/%C3%A9t%C3%A9%20fox.png`)
      expect(response.json().filename).toBe('été fox.png')
      const broken = await fetchUrl(`${files}/pictures/100%25%ff.png`)
      expect(broken.json().filename).toBe('100%25%ff.png')
    })

    test('the file is fetched, checked and kept', async () => {
      const response = await fetchUrl(`${files}/pictures/fox.png`)
      expect(response.statusCode).toBe(201)
      expect(response.json()).toMatchObject({ filename: 'fox.png', content_type: 'image/png', width: 1 })
    })

    test('the same key answers the same, whatever has become of the file; another URL is refused', async () => {
      const key = { 'idempotency-key': 'by-url' }
      const first = await fetchUrl(`${files}/changing`, key)
      const second = await fetchUrl(`${files}/changing`, key)
      expect([first.statusCode, second.statusCode]).toEqual([201, 201])
      expect(second.headers['idempotency-replayed']).toBe('true')
      expect(second.json()).toEqual(first.json())
      expect(change).toBe(1)
      const other = await fetchUrl(`${files}/pictures/fox.png`, key)
      expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    })

    test('a URL is not blamed where the service stops', async () => {
      const stopping = await openApiKit()
      const asked = once(server, 'request')
      const payload = { url: `${files}/endless.png` }
      const answered = stopping.send({ method: 'POST', url: '/v1/uploads', payload })
      await asked
      const stopped = stopping.close()
      expect((await answered).json()).toMatchObject({ status: 503, code: 'unavailable' })
      await stopped
    })

    test.each([
      ['is not there', () => `${files}/absent.png`, 422, 'url_unreachable'],
      ['is too large', () => `${files}/big.png`, 413, 'media_too_large'],
      ['grows too large', () => `${files}/growing.png`, 413, 'media_too_large'],
      ['breaks off', () => `${files}/broken.png`, 422, 'url_unreachable'],
      ['is inside', () => 'http://10.0.0.1/x.png', 422, 'url_not_allowed'],
      ['is a file of ours', () => 'file:///etc/passwd', 422, 'url_not_allowed'],
      ['is no URL', () => 7, 400, 'invalid_request'],
    ])('a file that %s is refused, and nothing is kept', async (_name, url, status, code) => {
      const response = await fetchUrl(url())
      expect(response.json()).toMatchObject({ status, code })
      await expectNothing()
    })
  })
})
