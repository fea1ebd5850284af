import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually, setup } from './support.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const setupRendered = async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.submit(session_id, 'r')
  const { output } = await client.rendered('r')
  const whole = Buffer.from(await (await fetch(output.url)).arrayBuffer())
  return { client, session_id, url: output.url, whole }
}

test.each([
  [
    'R1',
    { taskId: 'r', status: 'completed', progress: 100, output: { url: expect.stringMatching(/r\.mp4$/) } },
  ],
  [
    'R2',
    {
      success: true,
      data: {
        id: 'r',
        status: 'completed',
        outputUrl: expect.stringMatching(/r\.mp4$/),
        completedAt: expect.any(Number),
      },
    },
  ],
  [
    'R3',
    {
      id: 'r',
      status: 'completed',
      outputUrl: expect.stringMatching(/r\.mp4$/),
      createdAt: expect.any(Number),
    },
  ],
])('render.shape %s', async (shape, expected) => {
  const { client } = await setupRendered()
  await client.fault({ 'render.shape': shape })
  expect((await client.poll('r')).body).toMatchObject(expected)
})

test('render.fail: failed, with a reason, and no file', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.fault({ 'render.fail': true }, { times: 1 })
  await client.submit(session_id, 'r')
  await eventually(async () => (await client.poll('r')).body).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('out of memory'),
  })
  expect(await client.get('/api/render/proxy/r/download')).toMatchObject({ status: 404 })
  expect(await client.ledger('render_end')).toMatchObject([{ status: 'failed' }])
  await client.submit(session_id, 'r2')
  await client.rendered('r2')
})

test('render.completedNoUrl: only the fallback download has the file', async () => {
  const { client, whole } = await setupRendered()
  await client.fault({ 'render.completedNoUrl': true })
  expect((await client.poll('r')).body).toMatchObject({ status: 'completed', output: {} })
  expect((await client.poll('r')).text).not.toContain('url')
  const file = await fetch(`${client.url}/api/render/proxy/r/download`, {
    headers: { authorization: 'Bearer nmv_usr_TEST0001' },
  })
  expect(file.headers.get('content-type')).toBe('video/mp4')
  expect(Buffer.from(await file.arrayBuffer())).toEqual(whole)
  expect(await client.ledger('download')).toMatchObject([{ via: 'cdn' }, { via: 'proxy', render_id: 'r' }])
})

test('render.slowMs: a render takes longer, and shows its progress', async () => {
  const { client } = await setup({ timeFactor: 1 / 300 })
  const { session_id } = await client.generated()
  await client.fault({ 'render.slowMs': 300_000 })
  await client.submit(session_id, 'r')
  const seen: number[] = []
  await eventually(async () => {
    const body = (await client.poll('r')).body as { status: string; progress: number }
    seen.push(body.progress)
    return body.status
  }).toBe('completed')
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(new Set(seen).size).toBeGreaterThan(3)
})

test.each([
  ['conflict', 409, false],
  ['badRequest', 400, false],
  ['errorIn200', 200, false],
  ['existing', 200, true],
])('render.duplicate %s', async (mode, status, success) => {
  const { client, session_id } = await setupRendered()
  await client.fault({ 'render.duplicate': mode })
  expect(await client.submit(session_id, 'r')).toMatchObject({ status, body: { success } })
  expect((await client.ledger('render')).map((row) => row['verdict'])).toEqual(['accepted', 'duplicate'])
})

test('render.forgetful: gone, and its id can be used anew', async () => {
  const { client, session_id } = await setupRendered()
  await client.fault({ 'render.forgetful': true }, { times: 1 })
  expect(await client.poll('r')).toMatchObject({ status: 404 })
  expect(await client.poll('r')).toMatchObject({ status: 404 })
  expect(await client.submit(session_id, 'r')).toMatchObject({ status: 200 })
  await client.rendered('r')
})

test('an error on the poll passes, the render does not', async () => {
  const { client } = await setupRendered()
  await client.fault({ 'http.status': 502 }, { endpoint: 'render_poll', times: 2 })
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push((await client.poll('r')).status)
  expect(statuses).toEqual([502, 502, 200])
})

test('one render of a session at a time, the others wait and can be canceled', async () => {
  const { client } = await setup({ timeFactor: 1 / 40 })
  const { session_id } = await client.generated()
  for (const id of ['a', 'b', 'c']) await client.submit(session_id, id)
  await eventually(async () => (await client.poll('a')).body).toMatchObject({ status: 'processing' })
  expect((await client.poll('b')).body).toMatchObject({ status: 'pending', progress: 5 })
  expect(await client.post('/api/render/proxy/lambda/b/cancel')).toMatchObject({
    status: 200,
    body: { success: true, data: { id: 'b', status: 'cancelled' } },
  })
  expect(await client.post('/api/render/proxy/lambda/a/cancel')).toMatchObject({
    status: 409,
    body: { success: false },
  })
  expect(await client.post('/api/render/proxy/lambda/x/cancel')).toMatchObject({ status: 404 })
  await client.rendered('c')
  expect((await client.poll('a')).body).toMatchObject({ status: 'completed' })
  expect((await client.poll('b')).body).toMatchObject({ status: 'cancelled' })
  expect((await client.ledger('cancel')).map((row) => [row['render_id'], row['verdict']])).toEqual([
    ['b', 'accepted'],
    ['a', 'rejected'],
    ['x', 'rejected'],
  ])
})

test('download.mode truncated: half of the bytes, and the ledger knows which', async () => {
  const { client, url, whole } = await setupRendered()
  await client.fault({ 'download.mode': 'truncated' }, { times: 1 })
  const file = await fetch(url)
  expect(file.headers.get('content-length')).toBe(String(whole.length))
  await expect(file.arrayBuffer()).rejects.toThrow()
  const half = whole.subarray(0, Math.floor((whole.length - 1) / 2) + 1)
  expect((await client.ledger('download')).at(-1)).toMatchObject({
    is_whole: false,
    size_bytes: half.length,
    sha256: sha256(half),
  })
})

test('download.mode: nothing, a page, or not there', async () => {
  const { client, url } = await setupRendered()
  await client.fault({ 'download.mode': 'empty' }, { times: 1 })
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(0)
  await client.fault({ 'download.mode': 'html' }, { times: 1 })
  const page = await fetch(url)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html'])
  expect(await page.text()).toContain('<html>')
  await client.fault({ 'download.mode': 'notFound' }, { times: 1 })
  expect((await fetch(url)).status).toBe(404)
  expect((await fetch(url)).status).toBe(200)
})

test('download.redirectTo: to itself once, or wherever', async () => {
  const { client, url, whole } = await setupRendered()
  await client.fault({ 'download.redirectTo': 'self' })
  expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
  expect(Buffer.from(await (await fetch(url)).arrayBuffer())).toEqual(whole)
  await client.fault({ 'download.redirectTo': 'http://169.254.169.254/latest' })
  const moved = await fetch(url, { redirect: 'manual' })
  expect(moved.headers.get('location')).toBe('http://169.254.169.254/latest')
})

test('download.slowMs: the bytes trickle, all of them', async () => {
  const { client, url, whole } = await setupRendered()
  await client.fault({ 'download.slowMs': 100 })
  const file = await fetch(url)
  const chunks: Buffer[] = []
  for await (const chunk of file.body ?? []) chunks.push(Buffer.from(chunk))
  expect(chunks.length).toBeGreaterThan(3)
  expect(Buffer.concat(chunks)).toEqual(whole)
})

test('a file has an ETag, ranges and a head', async () => {
  const { url, whole, client } = await setupRendered()
  const downloads = (await client.ledger('download')).length
  const head = await fetch(url, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe(String(whole.length))
  const etag = head.headers.get('etag') ?? ''
  expect(etag).toBe(`"${sha256(whole)}"`)
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304)
  expect(await client.ledger('download')).toHaveLength(downloads)

  const part = await fetch(url, { headers: { range: 'bytes=100-199' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${whole.length}`])
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(100, 200))
  expect((await client.ledger('download')).at(-1)).toMatchObject({
    sha256: sha256(whole.subarray(100, 200)),
    status: 206,
  })
  expect((await fetch(url, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416)
})
