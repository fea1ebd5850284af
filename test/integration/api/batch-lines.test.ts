import { once } from 'node:events'
import { request as openRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createIdempotencyGate } from '../../../src/actions/idempotency.ts'
import { systemClock } from '../../../src/clock.ts'
import { createBatchLineStore } from '../../../src/store/batch-lines.ts'
import { type BatchKit, openBatchKit, toNdjson } from './batch-kit.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'
import { png } from './media.ts'

let kit: ApiKit
let batches: BatchKit
let port: number
beforeAll(async () => {
  kit = await openApiKit()
  batches = openBatchKit(kit)
  await kit.app.listen({ host: '127.0.0.1', port: 0 })
  port = (kit.app.server.address() as AddressInfo).port
})
afterAll(() => kit.close())

const line = (customId: string, rest: object = {}) => ({
  custom_id: customId,
  prompt: `about ${customId}`,
  ...rest,
})
const jobsOf = async (id: string) =>
  (await kit.send({ method: 'GET', url: `/v1/jobs?batch_id=${id}&limit=100` })).json().data.reverse()
const oneShot = (text: string, query = '', headers: Record<string, string> = {}) =>
  kit.send({
    method: 'POST',
    url: `/v1/batches${query}`,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    payload: text,
  })

describe('lines as CSV', () => {
  test('have dotted columns, and several values with ; between them', async () => {
    const id = await batches.create()
    const table = [
      'custom_id,prompt,output.format,output.duration_s,metadata.order,metadata.with.dots,tags,input_urls,steps',
      'a,"a fox, running",mp4,5.5,42,yes,autumn; ads,https://public.example/1.jpg;https://public.example/2.jpg,"add music\nred title"',
      'b,"two\nlines",,,,,,,',
      ',c has no id',
    ].join('\r\n')
    const response = await batches.sendText(id, table, { type: 'text/csv; charset=utf-8' })
    expect(response.json()).toMatchObject({
      accepted: 2,
      rejected: 1,
      errors: [{ line: 3, custom_id: null }],
    })
    const [first, second] = await jobsOf(id)
    expect(first).toMatchObject({
      custom_id: 'a',
      prompt: 'a fox, running',
      output: { format: 'mp4', duration_s: 5.5 },
      metadata: { order: '42', 'with.dots': 'yes' },
      tags: ['autumn', 'ads'],
      inputs: [{ url: 'https://public.example/1.jpg' }, { url: 'https://public.example/2.jpg' }],
      steps: ['add music', 'red title'],
    })
    expect(second).toMatchObject({ prompt: 'two\nlines', metadata: {}, tags: [], inputs: [], steps: [] })
  })

  test('with a column that means nothing are refused before any line is taken', async () => {
    const id = await batches.create()
    const response = await batches.sendText(id, 'prompt,promt,metadata.__proto__,prompt\nx,y,z,x\n', {
      type: 'text/csv',
    })
    expect(response.statusCode).toBe(400)
    expect(response.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/1',
      '/2',
      '/3',
    ])
    expect(await batches.read(id)).toMatchObject({ lines: { total: 0 } })
  })

  test('that are malformed are kept with number and problem, and never block the good ones', async () => {
    const id = await batches.create()
    const table = Buffer.concat([
      Buffer.from('custom_id,prompt\na,good1\nb,5" TV on a wall\nc,"He said "hi"\nd,'),
      Buffer.from([0xff]),
      Buffer.from('\ne,good2\nf,"never closed\ng,part of f\n'),
    ])
    const response = await batches.sendText(id, table, { type: 'text/csv' })
    expect([response.statusCode, response.json()]).toMatchObject([
      200,
      { accepted: 3, rejected: 3, errors: [{ line: 3 }, { line: 4 }, { line: 6 }] },
    ])
    expect((await jobsOf(id)).map(({ prompt }: { prompt: string }) => prompt)).toEqual([
      'good1',
      '5" TV on a wall',
      'good2',
    ])
    const errors = await kit.send({ method: 'GET', url: `/v1/batches/${id}/errors` })
    const kept = errors.body.trim().split('\n')
    expect(kept.map((row) => JSON.parse(row))).toMatchObject([
      { line: 3, problem: { detail: expect.stringContaining('the quote that closes cell 2') } },
      { line: 4, problem: { detail: expect.stringContaining('must be UTF-8') } },
      { line: 6, problem: { detail: expect.stringContaining('never closed') } },
    ])
    const again = await batches.sendText(id, table, { type: 'text/csv' })
    expect(again.json()).toMatchObject({ accepted: 0, duplicates: 3, rejected: 3 })
  })

  test('that are malformed leave no open batch behind in one request, and a malformed header makes none', async () => {
    const post = (payload: string) =>
      kit.send({ method: 'POST', url: '/v1/batches', headers: { 'content-type': 'text/csv' }, payload })
    const made = await post('prompt\ngood1\n"a"b\ngood2\n')
    expect([made.statusCode, made.json()]).toMatchObject([
      202,
      { lines: { total: 3 }, ingest: { accepted: 2, rejected: 1 } },
    ])
    expect(made.json().state).not.toBe('open')
    const before = await kit.store.prisma.batch.count()
    const refused = await post('"prompt"s\ngood1\n')
    expect([refused.statusCode, refused.headers['location']]).toEqual([400, undefined])
    expect(await kit.store.prisma.batch.count()).toBe(before)
  })
})

describe('lines as a JSON array', () => {
  test('are its elements', async () => {
    const id = await batches.create()
    const text = ` [ ${JSON.stringify(line('a'))} ,\n{"prompt": "]},[{\\""}, 7, {"prompt": } ]`
    const response = await batches.sendText(id, text, { type: 'application/json' })
    expect(response.json()).toMatchObject({ accepted: 2, rejected: 2, errors: [{ line: 3 }, { line: 4 }] })
    expect((await jobsOf(id)).map(({ prompt }: { prompt: string }) => prompt)).toEqual(['about a', ']},[{"'])
  })

  test('stop where the array is broken off, and what was accepted stays', async () => {
    const id = await batches.create()
    const cut = await batches.sendText(id, '[{"prompt": "x"}, {"prompt"', { type: 'application/json' })
    expect([cut.statusCode, cut.json().code]).toEqual([400, 'invalid_request'])
    const none = await batches.sendText(id, '{"prompt": "x"}', { type: 'application/json' })
    expect(none.json().errors[0].detail).toBe('must be a JSON array of lines')
    expect(await batches.read(id)).toMatchObject({ lines: { accepted: 1, rejected: 0 } })
  })
})

describe('other content', () => {
  test('is refused', async () => {
    const id = await batches.create()
    const response = await batches.sendText(id, 'x', { type: 'text/plain' })
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported_content_type'])
    const typeless = await kit.send({ method: 'POST', url: `/v1/batches/${id}/lines` })
    expect(typeless.statusCode).toBe(415)
  })
})

describe('a line that is sent again', () => {
  test('is a duplicate by its custom_id, within a stream as between streams', async () => {
    const id = await batches.create()
    const other = await batches.create()
    const lines = [line('a'), line('b'), line('a', { prompt: 'something else' })]
    expect((await batches.send(id, lines)).json()).toMatchObject({ accepted: 2, duplicates: 1, total: 3 })
    expect((await batches.send(id, [...lines, line('c')])).json()).toMatchObject({
      accepted: 1,
      duplicates: 3,
      total: 4,
    })
    expect((await batches.send(other, lines)).json()).toMatchObject({ accepted: 2 })
    expect((await jobsOf(id)).map(({ prompt }: { prompt: string }) => prompt)).toEqual([
      'about a',
      'about b',
      'about c',
    ])
  })

  test('is kept once when it is bad, and takes its error back when it is right', async () => {
    const id = await batches.create({ all_or_nothing: true })
    const bad = [line('a', { prompt: '' }), { prompt: 1 }]
    expect((await batches.send(id, bad)).json()).toMatchObject({ rejected: 2 })
    expect((await batches.send(id, bad)).json()).toMatchObject({ rejected: 2 })
    expect(await batches.read(id)).toMatchObject({ lines: { rejected: 2 } })
    expect((await batches.send(id, [line('a')])).json()).toMatchObject({ accepted: 1 })
    expect(await batches.read(id)).toMatchObject({ lines: { accepted: 1, rejected: 1 } })
    expect((await batches.send(id, [line('a', { prompt: '' })])).json()).toMatchObject({ duplicates: 1 })
    expect(await batches.read(id)).toMatchObject({ lines: { accepted: 1, rejected: 1 } })
  })
})

/** Sends the beginning of a stream, waits until some of its lines are there, and breaks off. */
const breakOff = async (
  path: string,
  text: string,
  headers: Record<string, string>,
  isTaken: () => Promise<void>,
): Promise<void> => {
  const request = openRequest({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path,
    headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/x-ndjson', ...headers },
  })
  request.on('error', () => undefined)
  request.write(text)
  await isTaken()
  request.destroy()
}

describe('a stream with an Idempotency-Key', () => {
  const numbered = (count: number, word = 'number') =>
    Array.from({ length: count }, (_, no) => ({ prompt: `${word} ${no}` }))
  const keyed = (id: string, lines: readonly unknown[], key: string, query = '') =>
    batches.sendText(id, toNdjson(lines), { headers: { 'idempotency-key': key }, query })
  const linesOf = async (id: string): Promise<unknown> => (await batches.read(id))['lines']

  test('is answered as before when it is sent again', async () => {
    const id = await batches.create()
    const lines = [{ prompt: 'one' }, { prompt: '' }, line('c')]
    const first = await keyed(id, lines, 'stream-1')
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(first.json()).toMatchObject({ accepted: 2, rejected: 1, duplicates: 0 })
    const again = await keyed(id, lines, 'stream-1')
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect([again.statusCode, again.json()]).toEqual([200, first.json()])
    expect((await batches.sendText(id, toNdjson(lines))).json()).toMatchObject({ accepted: 1, duplicates: 1 })
  })

  test('stands for those lines, that batch and that query', async () => {
    const [id, other] = [await batches.create(), await batches.create()]
    await keyed(id, numbered(3), 'stream-2')
    for (const response of [
      await keyed(id, numbered(3, 'other'), 'stream-2'),
      await keyed(id, numbered(2), 'stream-2'),
      await keyed(id, numbered(4), 'stream-2'),
      await keyed(other, numbered(3), 'stream-2'),
      await keyed(id, numbered(3), 'stream-2', '?close=true'),
    ])
      expect([response.statusCode, response.json().code]).toEqual([422, 'idempotency_key_reused'])
    expect(await linesOf(id)).toMatchObject({ accepted: 3, rejected: 0 })
    expect(await linesOf(other)).toMatchObject({ total: 0 })
  })

  test('is answered as before also when it has closed the batch', async () => {
    const id = await batches.create()
    const first = await keyed(id, numbered(2), 'stream-3', '?close=true')
    const again = await keyed(id, numbered(2), 'stream-3', '?close=true')
    expect([again.statusCode, again.json()]).toEqual([200, first.json()])
    expect(await batches.read(id)).toMatchObject({ state: 'running', lines: { accepted: 2 } })
  })

  test('goes on where it broke off, and takes no line twice', async () => {
    const id = await batches.create()
    const lines = [...numbered(599), { prompt: '' }, ...numbered(100, 'more')]
    const text = toNdjson(lines)
    const headers = { 'idempotency-key': 'stream-4' }
    await breakOff(`/v1/batches/${id}/lines`, text.slice(0, text.indexOf('more 50')), headers, () =>
      expect.poll(() => linesOf(id)).toMatchObject({ accepted: 500 }),
    )
    await expect.poll(() => linesOf(id)).toMatchObject({ accepted: 649, rejected: 1 })
    const send = () => keyed(id, lines, 'stream-4')
    await expect.poll(async () => (await send()).statusCode).toBe(200)
    const answer = await send()
    expect(answer.headers['idempotency-replayed']).toBe('true')
    expect(answer.json()).toMatchObject({
      accepted: 50,
      rejected: 1,
      duplicates: 649,
      errors: [{ line: 600 }],
    })
    expect(await linesOf(id)).toMatchObject({ accepted: 699, rejected: 1 })
    expect(await kit.store.prisma.lineStream.count({ where: { batchId: id } })).toBe(0)
  })

  test.each([
    ['another line before the break', (lines: object[]) => lines.with(3, { prompt: 'changed' })],
    ['fewer lines than had come', (lines: object[]) => lines.slice(0, 5)],
  ])('that broke off does not go on with %s', async (what, change) => {
    const id = await batches.create()
    const lines = numbered(20)
    const key = `stream-5-${what.length}`
    const text = toNdjson(lines)
    const headers = { 'idempotency-key': key }
    await breakOff(`/v1/batches/${id}/lines`, text.slice(0, text.indexOf('number 12')), headers, () =>
      expect.poll(() => kit.store.prisma.lineStream.count({ where: { key } })).toBe(1),
    )
    await expect.poll(() => linesOf(id)).toMatchObject({ accepted: 12 })
    await expect
      .poll(async () => (await keyed(id, change(lines), key)).json().code)
      .toBe('idempotency_key_reused')
    expect(await linesOf(id)).toMatchObject({ accepted: 12 })
    expect((await keyed(id, lines, key)).json()).toMatchObject({ accepted: 8, duplicates: 12 })
  })

  test('is read by one request at a time', async () => {
    const id = await batches.create()
    const headers = { 'idempotency-key': 'stream-6' }
    await breakOff(`/v1/batches/${id}/lines`, '{"prompt": ', headers, async () => {
      await expect.poll(() => kit.store.prisma.lineStream.count({ where: { key: 'stream-6' } })).toBe(1)
      const second = await keyed(id, numbered(1), 'stream-6')
      expect([second.statusCode, second.json().code]).toEqual([409, 'idempotency_in_flight'])
      expect(second.headers['retry-after']).toBe('1')
    })
  })

  test('that another process has taken further meanwhile stops without taking anything', async () => {
    const id = await batches.create()
    const whole = kit.deps.lineStreams
    const open = async (batchId: string, key: string) => {
      const stream = await whole.open(batchId, key)
      await kit.store.prisma.lineStream.updateMany({ where: { key }, data: { lines: 1, digest: 'x' } })
      return stream
    }
    Object.assign(kit.deps, { lineStreams: { ...whole, open } })
    const response = await keyed(id, numbered(2), 'stream-7').finally(() =>
      Object.assign(kit.deps, { lineStreams: whole }),
    )
    expect([response.statusCode, response.json().code]).toEqual([409, 'idempotency_in_flight'])
    expect(await linesOf(id)).toMatchObject({ total: 0 })
  })

  test('that another process has read to its end meanwhile is answered as there, and makes no job again', async () => {
    const id = await batches.create()
    const { lineStreams, gate } = kit.deps
    const answers: unknown[] = []
    const open = async (batchId: string, key: string) => {
      Object.assign(kit.deps, { lineStreams, gate: createIdempotencyGate() })
      answers.push((await keyed(id, numbered(2), 'stream-9')).json())
      return lineStreams.open(batchId, key)
    }
    Object.assign(kit.deps, { lineStreams: { ...lineStreams, open } })
    const response = await keyed(id, numbered(2), 'stream-9').finally(() =>
      Object.assign(kit.deps, { lineStreams, gate }),
    )
    expect(response.headers['idempotency-replayed']).toBe('true')
    expect([response.json()]).toEqual(answers)
    expect(await linesOf(id)).toMatchObject({ accepted: 2 })
    expect(await kit.store.prisma.lineStream.count({ where: { key: 'stream-9' } })).toBe(0)
  })

  test('stands for other lines after a day, and they are new ones', async () => {
    const id = await batches.create()
    await keyed(id, numbered(2), 'stream-8')
    await kit.store.prisma.idempotencyKey.updateMany({
      where: { key: 'stream-8' },
      data: { createdAt: new Date(Date.now() - 25 * 3_600_000) },
    })
    expect((await keyed(id, numbered(3, 'other'), 'stream-8')).json()).toMatchObject({ accepted: 3 })
  })
})

describe('a connection that breaks', () => {
  test('loses no whole line, takes no half one, and the stream is simply sent again', async () => {
    const id = await batches.create()
    const lines = Array.from({ length: 1_200 }, (_, no) => line(`l${no}`))
    const text = toNdjson(lines)
    const request = openRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/v1/batches/${id}/lines`,
      headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/x-ndjson' },
    })
    request.on('error', () => undefined)
    request.write(text.slice(0, text.indexOf('"l1100"') + 3))
    await expect.poll(() => batches.read(id)).toMatchObject({ lines: { accepted: 1_000 } })
    request.destroy()
    await expect.poll(() => batches.read(id)).toMatchObject({ lines: { accepted: 1_100, rejected: 0 } })
    expect((await batches.sendText(id, text)).json()).toMatchObject({
      accepted: 100,
      duplicates: 1_100,
      total: 1_200,
    })
  })
})

describe('limits', () => {
  test('a line over 1 MiB is a bad line like any other', async () => {
    const id = await batches.create()
    const long = JSON.stringify(line('long', { prompt: 'x'.repeat(1_048_576) }))
    const response = await batches.sendText(id, `${long}\n${JSON.stringify(line('short'))}\n`)
    expect(response.json()).toMatchObject({ accepted: 1, rejected: 1 })
    expect(response.json().errors[0].problem.errors[0].code).toBe('payload_too_large')
  })

  test('a stream that says it is over 2 GiB is refused at once', async () => {
    const id = await batches.create()
    const request = openRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/v1/batches/${id}/lines`,
      headers: {
        authorization: `Bearer ${kit.apiKey}`,
        'content-type': 'application/x-ndjson',
        'content-length': String(2 * 1024 ** 3 + 1),
      },
    })
    request.on('error', () => undefined)
    request.flushHeaders()
    const [response] = await once(request, 'response')
    expect(response.statusCode).toBe(413)
    request.destroy()
  })

  test('beyond its last line a batch takes repeated ones only, and what was accepted stays', async () => {
    const { pool } = kit.store
    const whole = kit.deps.batchLines
    const small = createBatchLineStore({ pool, clock: systemClock, patienceMs: 2_000, maxLines: 3 })
    Object.assign(kit.deps, { batchLines: small })
    try {
      const id = await batches.create()
      const send = (...names: string[]) =>
        batches.send(
          id,
          names.map((name) => line(name)),
        )
      expect((await send('a', 'b')).json()).toMatchObject({ accepted: 2 })
      const over = await send('a', 'c', 'd', 'e')
      expect([over.statusCode, over.json().code]).toEqual([413, 'batch_full'])
      expect(over.json().detail).toContain('1 accepted, 0 rejected, 1 there already')
      expect((await send('a', 'b', 'c')).json()).toMatchObject({ accepted: 0, duplicates: 3 })
      expect((await jobsOf(id)).map(({ custom_id }: { custom_id: string }) => custom_id)).toEqual([
        'a',
        'b',
        'c',
      ])
    } finally {
      Object.assign(kit.deps, { batchLines: whole })
    }
  })

  test('a stream with a key goes on where most of its lines were there already, and the rest have just room', async () => {
    const { pool } = kit.store
    const whole = kit.deps.batchLines
    const small = createBatchLineStore({ pool, clock: systemClock, patienceMs: 2_000, maxLines: 520 })
    Object.assign(kit.deps, { batchLines: small })
    try {
      const id = await batches.create()
      const lines = Array.from({ length: 520 }, (_, no) => line(`l${no}`))
      expect((await batches.send(id, lines.slice(0, 400))).json()).toMatchObject({ accepted: 400 })
      const headers = { 'idempotency-key': 'tight' }
      const sent = await batches.sendText(id, toNdjson(lines), { headers })
      expect(sent.json()).toMatchObject({ accepted: 120, rejected: 0, duplicates: 400 })
    } finally {
      Object.assign(kit.deps, { batchLines: whole })
    }
  })

  test('a tenant has a few streams of lines at a time', async () => {
    const id = await batches.create()
    const open = () => {
      const request = openRequest({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: `/v1/batches/${id}/lines`,
        headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/x-ndjson' },
      })
      request.on('error', () => undefined)
      request.write('{"prompt": "')
      return request
    }
    const streams = Array.from({ length: 9 }, open)
    const [response] = await Promise.race(streams.map((stream) => once(stream, 'response')))
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '5'])
    for (const stream of streams) stream.destroy()
    await expect
      .poll(async () => (await batches.send(id, [line('x')])).statusCode, { timeout: 10_000 })
      .toBe(200)
  })

  test('lines that carry large defaults are written in smaller portions', async () => {
    const id = await batches.create({
      defaults: { steps: Array.from({ length: 20 }, () => 'x'.repeat(8_000)) },
    })
    const portions: number[] = []
    const whole = kit.deps.batchLines
    Object.assign(kit.deps, {
      batchLines: {
        ...whole,
        take: (lines: Parameters<typeof whole.take>[0]) => {
          portions.push(lines.good.length)
          return whole.take(lines)
        },
      },
    })
    try {
      const lines = Array.from({ length: 30 }, (_, no) => line(`l${no}`))
      expect((await batches.send(id, lines)).json()).toMatchObject({ accepted: 30 })
      expect(Math.max(...portions)).toBeLessThan(15)
    } finally {
      Object.assign(kit.deps, { batchLines: whole })
    }
  })

  test('lines of a batch that was closed are refused', async () => {
    const id = await batches.create()
    await batches.post(id, 'close')
    const response = await batches.send(id, [line('late')])
    expect([response.statusCode, response.json().code]).toEqual([409, 'batch_not_open'])
  })
})

test('no more is read than is written: a slow database slows the client down', async () => {
  const id = await batches.create()
  const whole = kit.deps.batchLines
  const { promise: written, resolve: write } = Promise.withResolvers<void>()
  const take = async () => {
    await written
    return {
      outcome: 'taken',
      acceptedIds: new Set(),
      knownLines: new Set(),
      lackingIds: new Set(),
      conflicts: new Map(),
    }
  }
  Object.assign(kit.deps, { batchLines: { ...whole, take } })
  try {
    const text = `${JSON.stringify({ prompt: 'x'.repeat(7_900) })}\n`.repeat(10)
    const rounds = 750
    let sent = 0
    const request = openRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/v1/batches/${id}/lines`,
      headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/x-ndjson' },
    })
    const sending = pipeline(function* () {
      for (; sent < rounds; sent += 1) yield text
    }, request)
    const answered = once(request, 'response')
    await expect
      .poll(async () => [sent, await kit.store.pool.query('SELECT pg_sleep(0.1)').then(() => sent)], {
        timeout: 10_000,
      })
      .toSatisfy(([before, after]) => before > 0 && before === after)
    expect(sent).toBeLessThan(rounds / 2)
    write()
    await sending
    const [response] = await answered
    expect(await json(response)).toMatchObject({ accepted: 0, duplicates: 7_500 })
  } finally {
    write()
    Object.assign(kit.deps, { batchLines: whole })
  }
})

describe('uploads', () => {
  test('of lines are checked together, by the rules of the skill', async () => {
    const id = await batches.create()
    const upload = await kit.send({
      method: 'POST',
      url: '/v1/uploads',
      headers: { 'content-type': 'image/png', 'x-filename': 'a.png' },
      payload: png,
    })
    const uploadId = upload.json().id
    const unknown = 'upl_0198c0de-7000-7000-8000-000000000001'
    const response = await batches.send(id, [
      line('good', { inputs: [{ upload_id: uploadId }] }),
      line('unknown', { inputs: [{ upload_id: unknown }] }),
    ])
    expect(response.json()).toMatchObject({
      accepted: 1,
      errors: [
        {
          custom_id: 'unknown',
          problem: { code: 'unknown_upload', errors: [{ pointer: '/inputs/0/upload_id' }] },
        },
      ],
    })
    const kept = await kit.store.prisma.upload.findUniqueOrThrow({ where: { id: uploadId } })
    expect(kept.expiresAt).toBeNull()
  })
})

describe('a line with a dedupe key', () => {
  const deduped = (customId: string, key: string, rest: object = {}) =>
    line(customId, { dedupe: { key, ...rest } })
  const submit = async (key: string): Promise<string> =>
    (await kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'x', dedupe: { key } } })).json().id

  test('is a duplicate where another job holds the key, within the stream as outside of it', async () => {
    const id = await batches.create()
    await submit('line-1')
    const lines = [deduped('a', 'line-1'), deduped('b', 'line-2'), deduped('c', 'line-2'), line('d')]
    expect((await batches.send(id, lines)).json()).toMatchObject({ accepted: 2, duplicates: 2, rejected: 0 })
    expect((await jobsOf(id)).map(({ custom_id }: { custom_id: string }) => custom_id)).toEqual(['b', 'd'])
    const held = await submit('line-2')
    expect(await batches.jobIds(id)).toContain(held)
  })

  test('is a bad line where it is to be refused', async () => {
    const id = await batches.create()
    const holder = await submit('line-3')
    const lines = [
      deduped('a', 'line-3', { on_conflict: 'reject' }),
      deduped('b', 'line-4', { on_conflict: 'reject' }),
      deduped('c', 'line-4', { on_conflict: 'reject' }),
    ]
    const response = await batches.send(id, lines)
    expect(response.json()).toMatchObject({
      accepted: 1,
      rejected: 2,
      errors: [
        {
          custom_id: 'a',
          problem: {
            code: 'duplicate_job',
            errors: [{ pointer: '/dedupe/key', detail: expect.stringContaining(holder) }],
          },
        },
        { custom_id: 'c', problem: { code: 'duplicate_job' } },
      ],
    })
  })

  test('replaces the job that holds the key, which is canceled', async () => {
    const id = await batches.create()
    const holder = await submit('line-5')
    const lines = ['a', 'b'].map((name) => deduped(name, 'line-5', { on_conflict: 'replace' }))
    expect((await batches.send(id, lines)).json()).toMatchObject({ accepted: 2, duplicates: 0 })
    const states = (await jobsOf(id)).map((job: { state: string }) => job.state)
    expect(states).toEqual(['canceled', 'queued'])
    expect((await kit.send({ url: `/v1/jobs/${holder}` })).json().state).toBe('canceled')
  })

  test.each(['return_existing', 'reject', 'replace'])(
    'that is sent again is a duplicate of itself, whatever it does to others: %s',
    async (on_conflict) => {
      const id = await batches.create()
      const lines = [deduped('a', `again-${on_conflict}`, { on_conflict }), line('b')]
      const headers = { 'idempotency-key': `again-${on_conflict}` }
      expect((await batches.sendText(id, toNdjson(lines), { headers })).json()).toMatchObject({ accepted: 2 })
      expect((await batches.send(id, lines)).json()).toMatchObject({
        accepted: 0,
        duplicates: 2,
        rejected: 0,
      })
      expect((await jobsOf(id))[0]).toMatchObject({ state: 'queued' })
    },
  )

  test('has its columns in a table', async () => {
    const id = await batches.create()
    const table = 'prompt,dedupe.key,dedupe.ttl_s,dedupe.on_conflict\nx,line-6,60,reject\ny,line-6,,reject\n'
    const response = await batches.sendText(id, table, { type: 'text/csv' })
    expect(response.json()).toMatchObject({ accepted: 1, rejected: 1, errors: [{ line: 2 }] })
  })

  test('of many streams at once one makes the job', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => batches.create()))
    const keys = Array.from({ length: 20 }, (_, no) => `rush-${no}`)
    const answers = await Promise.all(
      ids.map((id, turn) => {
        const lines = keys.map((key) => deduped(key, key))
        return batches.send(id, turn % 2 === 0 ? lines : lines.reverse())
      }),
    )
    const accepted = answers.map((answer) => answer.json().accepted as number)
    expect(accepted.reduce((sum, count) => sum + count)).toBe(20)
  })
})

describe('a line with a session_id', () => {
  const begin = async (): Promise<string> =>
    (await kit.send({ method: 'POST', url: '/v1/sessions', payload: {} })).json().id
  const spoken = (sessionId: string, ...names: string[]) =>
    names.map((name) => line(name, { session_id: sessionId }))
  const read = async (sessionId: string) => (await kit.send({ url: `/v1/sessions/${sessionId}` })).json()

  test('becomes a job of the conversation, behind the lines before it', async () => {
    const id = await batches.create()
    const sessionId = await begin()
    expect((await batches.send(id, spoken(sessionId, 'a', 'b'))).json()).toMatchObject({ accepted: 2 })
    expect(await jobsOf(id)).toMatchObject([{ session_id: sessionId }, { session_id: sessionId }])
    const said = (await kit.send({ url: `/v1/sessions/${sessionId}/messages` })).json().data
    expect(said.map(({ role, text }: { role: string; text: string | null }) => [role, text])).toMatchObject([
      ['user', 'about a'],
      ['assistant', null],
      ['user', 'about b'],
      ['assistant', null],
    ])
    await batches.post(id, 'close')
    await batches.keep()
    const [first = '', second = ''] = await batches.jobIds(id)
    const explained = await kit.send({ url: `/v1/jobs/${second}/explain` })
    expect(explained.json().waiting_for).toMatchObject({ kind: 'session' })
    await batches.finish(first, 'succeed')
    await batches.finish(second, 'succeed')
    expect(await batches.read(id)).toMatchObject({ jobs: { succeeded: 2 } })
  })

  test('holds up nothing of the conversation before it is let go of', async () => {
    const id = await batches.create()
    const sessionId = await begin()
    await batches.send(id, spoken(sessionId, 'a'))
    expect(await read(sessionId)).toMatchObject({ job_id: null, queued: 0 })
    const job = await kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: { prompt: 'now', session_id: sessionId },
    })
    await batches.finish(job.json().id, 'succeed')
  })

  test('counts among the jobs that a conversation may have, and once only', async () => {
    const id = await batches.create()
    const sessionId = await begin()
    const names = Array.from({ length: 102 }, (_, no) => `s${no}`)
    const first = await batches.send(id, spoken(sessionId, ...names.slice(0, 60)))
    expect(first.json()).toMatchObject({ accepted: 60 })
    const second = await batches.send(id, spoken(sessionId, ...names))
    expect(second.json()).toMatchObject({
      accepted: 40,
      duplicates: 60,
      rejected: 2,
      errors: [{ custom_id: 's100', problem: { code: 'session_full' } }, { custom_id: 's101' }],
    })
    const job = { method: 'POST' as const, url: '/v1/jobs', payload: { prompt: 'x', session_id: sessionId } }
    expect((await kit.send(job)).json().code).toBe('session_full')
  })

  test('takes no room where another job holds its dedupe key, unless it replaces that', async () => {
    const id = await batches.create()
    const sessionId = await begin()
    const deduped = (name: string, key: string, on_conflict = 'return_existing') =>
      line(name, { session_id: sessionId, dedupe: { key, on_conflict } })
    const held = [deduped('first', 'one'), deduped('second', 'two')]
    expect((await batches.send(id, held)).json()).toMatchObject({ accepted: 2 })
    const again = Array.from({ length: 100 }, (_, no) => deduped(`again${no}`, no % 2 === 0 ? 'one' : 'two'))
    const fresh = Array.from({ length: 99 }, (_, no) => deduped(`fresh${no}`, `fresh${no % 98}`))
    expect((await batches.send(id, [...again, ...fresh])).json()).toMatchObject({
      accepted: 98,
      duplicates: 101,
      rejected: 0,
    })
    // Nor where no room is left at all.
    const late = [deduped('late', 'one'), deduped('reject', 'two', 'reject'), deduped('new', 'three')]
    expect((await batches.send(id, late)).json()).toMatchObject({
      duplicates: 1,
      errors: [{ custom_id: 'new', problem: { code: 'session_full' } }, { custom_id: 'reject' }],
    })
    const replacing = await batches.send(id, [deduped('replacing', 'one', 'replace')])
    expect(replacing.json()).toMatchObject({ errors: [{ problem: { code: 'session_full' } }] })
  })

  test('is judged by the rules of the conversation', async () => {
    const id = await batches.create()
    const sessionId = await begin()
    const lines = [
      line('other', { session_id: sessionId, skill: 'text-to-video-higgsfield' }),
      line('none', { session_id: 'ses_0198c0de-7000-7000-8000-000000000001' }),
      line('dry', { dry_run: true }),
    ]
    const codes = (await batches.send(id, lines))
      .json()
      .errors.map(({ problem }: { problem: { code: string } }) => problem.code)
    expect(codes).toEqual(['session_skill_differs', 'unknown_session', 'not_supported'])
  })
})

describe('a batch from its lines alone', () => {
  test('closes itself', async () => {
    const response = await oneShot(toNdjson([line('a'), { prompt: 7 }]), '?name=once&max_credits=900')
    const body = response.json()
    expect(response.statusCode).toBe(202)
    expect(response.headers['location']).toBe(`${publicUrl}/v1/batches/${body.id}`)
    expect(body).toMatchObject({
      name: 'once',
      max_credits: 900,
      state: 'running',
      lines: { accepted: 1, rejected: 1 },
      ingest: { accepted: 1, rejected: 1, duplicates: 0, total: 2, errors: [{ line: 2 }] },
    })
    expect(body.closed_at).not.toBeNull()
  })

  test('without a line is refused, and makes nothing', async () => {
    const before = await kit.store.prisma.batch.count()
    expect((await oneShot('')).statusCode).toBe(400)
    expect((await oneShot('\n \n')).statusCode).toBe(400)
    expect((await oneShot(toNdjson([line('a')]), '?nmae=x')).json().errors[0].pointer).toBe('/query/nmae')
    expect(await kit.store.prisma.batch.count()).toBe(before)
  })

  test('is the one that another process has made of the same lines meanwhile', async () => {
    const headers = { 'idempotency-key': 'raced-shot' }
    const text = toNdjson([{ prompt: 'one' }, { prompt: 'two' }])
    const { batches: whole, gate } = kit.deps
    const answers: { id: string }[] = []
    const findByStream: typeof whole.findByStream = async (...place) => {
      const before = await whole.findByStream(...place)
      Object.assign(kit.deps, { batches: whole, gate: createIdempotencyGate() })
      answers.push((await oneShot(text, '', headers)).json())
      return before
    }
    Object.assign(kit.deps, { batches: { ...whole, findByStream } })
    const response = await oneShot(text, '', headers).finally(() =>
      Object.assign(kit.deps, { batches: whole, gate }),
    )
    expect(response.json()).toMatchObject({ id: answers[0]?.id, ingest: { accepted: 0, duplicates: 2 } })
    expect(response.headers['idempotency-replayed']).toBe('true')
    expect(await jobsOf(answers[0]?.id ?? '')).toHaveLength(2)
  })

  test('is made once per Idempotency-Key, and the same lines only', async () => {
    const headers = { 'idempotency-key': 'one-shot' }
    const text = toNdjson([{ prompt: 'one' }, { prompt: 'two' }])
    const first = (await oneShot(text, '', headers)).json()
    const again = await oneShot(text, '', headers)
    expect(again.statusCode).toBe(202)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.json()).toMatchObject({ id: first.id, ingest: { accepted: 0, duplicates: 2 } })
    const other = await oneShot(toNdjson([{ prompt: 'three' }]), '', headers)
    expect(other.json().code).toBe('idempotency_key_reused')
    expect(await jobsOf(first.id)).toHaveLength(2)
  })

  test('that broke off goes on with the same lines only', async () => {
    const text = toNdjson(Array.from({ length: 20 }, (_, no) => ({ prompt: `number ${no}` })))
    const key = { 'idempotency-key': 'changed-shot' }
    const where = { streamKey: 'changed-shot' }
    await breakOff('/v1/batches', text.slice(0, text.indexOf('number 12')), key, () =>
      expect.poll(() => kit.store.prisma.batch.count({ where })).toBe(1),
    )
    await expect.poll(() => kit.store.prisma.batch.findFirst({ where })).toMatchObject({ accepted: 12 })
    await expect
      .poll(async () => (await oneShot(text.replace('number 3', 'another'), '', key)).json().code)
      .toBe('idempotency_key_reused')
    expect(await kit.store.prisma.batch.findFirst({ where })).toMatchObject({ accepted: 12, state: 'open' })
    expect((await oneShot(text, '', key)).json()).toMatchObject({ ingest: { accepted: 8, duplicates: 12 } })
  })

  test('that broke off goes on in the same batch when it is sent again with its key', async () => {
    const text = toNdjson(Array.from({ length: 600 }, (_, no) => ({ prompt: `number ${no}` })))
    const key = { 'idempotency-key': 'broken-shot' }
    const request = openRequest({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/v1/batches',
      headers: { authorization: `Bearer ${kit.apiKey}`, 'content-type': 'application/x-ndjson', ...key },
    })
    request.on('error', () => undefined)
    request.write(text.slice(0, text.indexOf('number 550')))
    const where = { streamKey: 'broken-shot' }
    await expect.poll(() => kit.store.prisma.batch.findFirst({ where })).toMatchObject({ accepted: 500 })
    request.destroy()
    await expect.poll(() => kit.store.prisma.batch.findFirst({ where })).toMatchObject({ accepted: 550 })
    await expect.poll(async () => (await oneShot(text, '', key)).statusCode).toBe(202)
    const batch = await kit.store.prisma.batch.findFirstOrThrow({ where })
    expect(batch).toMatchObject({ state: 'running', accepted: 600 })
  })
})

test('five thousand lines come in order, and none is lost', async () => {
  const id = await batches.create({ defaults: { tags: ['many'] } })
  const lines = Array.from({ length: 5_000 }, (_, no) => line(`n${no}`))
  expect((await batches.send(id, lines)).json()).toMatchObject({ accepted: 5_000, rejected: 0 })
  const { rows } = await kit.store.pool.query<{ custom_id: string }>(
    'SELECT q.custom_id FROM jobs j JOIN job_requests q ON q.job_id = j.id WHERE j.batch_id = $1 ORDER BY j.id',
    [id],
  )
  expect(rows.map(({ custom_id }) => custom_id)).toEqual(lines.map(({ custom_id }) => custom_id))
})
