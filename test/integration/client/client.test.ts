import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type CliplineClient,
  CliplineError,
  createClient,
  type JobEvent,
  pages,
  unwrap,
  WaitTimedOut,
} from '../../../src/client/index.ts'
import { encodeJpeg } from '../../../src/media/jpeg/encoder.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

let bed: TestBed
let proxy: FaultProxy
let folder: string
let client: CliplineClient

beforeAll(async () => {
  bed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'clipline-client-'))
})
afterAll(async () => {
  await bed?.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  proxy = await openFaultProxy(bed.url)
  client = createClient({ baseUrl: `${proxy.url}/`, apiKey: testApiKey })
  return () => proxy.close()
})

const later = () => new Date(Date.now() + 86_400_000).toISOString()
const photo = () =>
  Buffer.from(encodeJpeg({ width: 64, height: 48, rgba: Buffer.alloc(64 * 48 * 4, 128) }, 80))

const collect = async <T>(entries: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

const failureOf = async (call: Promise<unknown>): Promise<CliplineError> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof CliplineError)) throw new Error(`no CliplineError: ${error}`)
  return error
}

const seenAt = (part: string) => proxy.seen.filter(({ path }) => path.includes(part))
const jobsTagged = (tag: string) => collect(client.jobs.list({ tag: [tag] }))

describe('submitting', () => {
  it('makes one job when the answer was lost and asked for again', async () => {
    proxy.plan('/v1/jobs', { kind: 'lose_answer' }, { kind: 'cut', afterBytes: 40 })
    const job = await client.jobs.submit({ prompt: 'a fox', tags: ['lost'], run_at: later() })
    const keys = seenAt('/v1/jobs').map(({ headers }) => headers['idempotency-key'])
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
    expect((await jobsTagged('lost')).map(({ id }) => id)).toEqual([job.id])
  })

  it('comes back when the service is busy, as late as it asks', async () => {
    const busy = { kind: 'answer', status: 429, headers: { 'retry-after': '0' } } as const
    proxy.plan('/v1/jobs', busy, { ...busy, status: 503 }, { ...busy, status: 409 })
    const job = await client.jobs.submit({ prompt: 'a fox', run_at: later() })
    expect(job.state).toBe('queued')
    expect(seenAt('/v1/jobs')).toHaveLength(4)
  })

  it('gives up after a bounded number of tries, with what was wrong', async () => {
    const away = { kind: 'answer', status: 503, body: 'no upstream' } as const
    proxy.plan('/v1/jobs', away, away)
    const hasty = createClient({ baseUrl: proxy.url, apiKey: testApiKey, maxRetries: 1 })
    const error = await failureOf(hasty.jobs.submit({ prompt: 'a fox' }))
    expect(error).toMatchObject({ code: 'unexpected_answer', status: 503, retryable: true, problem: null })
    expect(seenAt('/v1/jobs')).toHaveLength(2)
  })

  it('does not wait for longer than a minute, and says how long the service asks for', async () => {
    proxy.plan('/v1/jobs', { kind: 'answer', status: 429, headers: { 'retry-after': '3600' } })
    const error = await failureOf(client.jobs.submit({ prompt: 'a fox' }))
    expect(error).toMatchObject({ status: 429, retryAfterMs: 3_600_000 })
    expect(seenAt('/v1/jobs')).toHaveLength(1)
  })

  it('does not repeat what is refused, and names every bad field', async () => {
    const body = { prompt: '', priority: 'top' as 'high' }
    const error = await failureOf(client.jobs.submit(body))
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, retryable: false })
    expect(error.errors.map(({ pointer }) => pointer).sort()).toEqual(['/priority', '/prompt'])
    expect(error.message).toContain('/prompt')
    expect(error.requestId).toBeTruthy()
    expect(seenAt('/v1/jobs')).toHaveLength(1)
  })

  it('answers what the same key made before', async () => {
    const job = { prompt: 'a fox', run_at: later() }
    const [first, second] = [
      await client.jobs.submit(job, { idempotencyKey: 'order-7' }),
      await client.jobs.submit(job, { idempotencyKey: 'order-7' }),
    ]
    expect(second).toEqual(first)
    expect(await failureOf(client.jobs.submit({ prompt: 'b' }, { idempotencyKey: 'order-7' }))).toMatchObject(
      {
        code: 'idempotency_key_reused',
      },
    )
  })

  it('says what a job would cost without making it', async () => {
    expect(await client.jobs.preview({ prompt: 'a fox', tags: ['dry'] })).toMatchObject({
      valid: true,
      estimate: { credits: 100 },
    })
    expect(await jobsTagged('dry')).toEqual([])
  })

  it('says that nobody is there', async () => {
    const nobody = createClient({ baseUrl: 'http://127.0.0.1:9', apiKey: testApiKey, maxRetries: 0 })
    const error = await failureOf(nobody.jobs.get('job_x'))
    expect(error).toMatchObject({ code: 'unreachable', status: null, retryable: true })
    expect(error.message).toContain('http://127.0.0.1:9')
  })

  it('stops waiting for a service that says nothing', async () => {
    const silent = Promise.withResolvers<Response>()
    const client = createClient({
      baseUrl: bed.url,
      apiKey: testApiKey,
      maxRetries: 0,
      answerTimeoutMs: 20,
      fetch: (_request, init) => {
        init?.signal?.addEventListener('abort', () => silent.reject(init.signal?.reason))
        return silent.promise
      },
    })
    expect(await failureOf(client.jobs.get('job_x'))).toMatchObject({ code: 'unreachable' })
  })

  it('stops at once when the caller does', async () => {
    proxy.plan('/v1/jobs', { kind: 'answer', status: 503, headers: { 'retry-after': '60' } })
    const caller = new AbortController()
    const submitted = client.jobs.submit({ prompt: 'a fox' }, { signal: caller.signal })
    caller.abort(new Error('enough'))
    await expect(submitted).rejects.toThrow('enough')
  })
})

describe('following a job', () => {
  const follow = async (id: string, after = 0): Promise<JobEvent[]> =>
    collect(client.jobs.events(id, { after }))

  it('has every event once although the stream breaks again and again', async () => {
    const cuts = [40, 900, 1_500, 700, 2_000].map((afterBytes) => ({ kind: 'cut', afterBytes }) as const)
    proxy.plan('/events', ...cuts)
    const { id } = await client.jobs.submit({ prompt: 'a harbor at dawn' })
    const events = await follow(id)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events.at(-1)?.type).toBe('job.succeeded')
    expect(seenAt('/events').length).toBeGreaterThan(cuts.length)
  })

  it('comes back while the service is away in between', async () => {
    const client = createClient({ baseUrl: proxy.url, apiKey: testApiKey, maxRetries: 1 })
    const { id } = await client.jobs.submit({ prompt: 'waves' })
    const away = { kind: 'answer', status: 503, headers: { 'retry-after': '0' } } as const
    proxy.plan('/events', { kind: 'cut', afterBytes: 300 }, ...Array(3).fill(away))
    expect((await collect(client.jobs.events(id))).at(-1)?.type).toBe('job.succeeded')
  })

  it('goes on after a number, and ends when the connection breaks behind the ending', async () => {
    const { id } = await client.jobs.run({ prompt: 'rain' })
    const all = await follow(id)
    proxy.plan('/events', { kind: 'cut', afterBytes: 1_000_000 })
    expect(await follow(id, all.length - 2)).toEqual(all.slice(-2))
  })

  it('lets go of the connection when the caller has seen enough', async () => {
    const { id } = await client.jobs.submit({ prompt: 'rain', run_at: later() })
    for await (const { type } of client.jobs.events(id)) {
      expect(type).toBe('job.queued')
      break
    }
    const caller = new AbortController()
    const events = client.jobs.events(id, { after: 1, signal: caller.signal })
    const next = events.next()
    caller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })

  it('throws what the service refuses', async () => {
    expect(await failureOf(follow('job_x'))).toMatchObject({ code: 'not_found', status: 404 })
  })

  it('reads the feed of all jobs from any of its events on', async () => {
    const { id } = await client.jobs.run({ prompt: 'snow' })
    proxy.plan('/v1/events', { kind: 'cut', afterBytes: 2_000 })
    const feed = async (after?: string) => {
      const found = []
      for await (const event of client.events({
        types: ['job.queued', 'job.succeeded'],
        ...(after && { after }),
      })) {
        if (event.job_id === id) found.push(event)
        if (event.job_id === id && event.type === 'job.succeeded') return found
      }
      return found
    }
    const [queued, succeeded] = await feed()
    expect([queued?.type, succeeded?.type]).toEqual(['job.queued', 'job.succeeded'])
    expect(await feed(queued?.cursor)).toEqual([succeeded])
  })
})

describe('an answer that says that another try is of no use', () => {
  it('is taken for what it is', async () => {
    const { id } = await client.jobs.submit({ prompt: 'a lighthouse' })
    const problem = {
      status: 502,
      code: 'provider_unavailable',
      title: 'x',
      detail: 'refused',
      retryable: false,
    }
    proxy.plan(`/v1/jobs/${id}`, {
      kind: 'answer',
      status: 502,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify(problem),
    })
    expect(await failureOf(client.jobs.get(id))).toMatchObject({ code: 'provider_unavailable' })
    expect(await client.jobs.get(id)).toMatchObject({ id })
  })
})

describe('waiting for a job', () => {
  it('answers the job as it ended, whatever breaks', async () => {
    const { id } = await client.jobs.submit({ prompt: 'a lighthouse' })
    proxy.plan(`/v1/jobs/${id}`, { kind: 'lose_answer' }, { kind: 'answer', status: 502 })
    expect(await client.jobs.wait(id)).toMatchObject({ id, state: 'succeeded', progress: 1 })
  })

  it('tells the events meanwhile', async () => {
    const types: string[] = []
    const job = await client.jobs.run({ prompt: 'a boat' }, { onEvent: ({ type }) => types.push(type) })
    expect(job.state).toBe('succeeded')
    expect([types[0], types.at(-1)]).toEqual(['job.queued', 'job.succeeded'])
  })

  it('gives up when the time is over, or the caller does', async () => {
    const { id } = await client.jobs.submit({ prompt: 'a boat', run_at: later() })
    await expect(client.jobs.wait(id, { timeoutMs: 30 })).rejects.toThrow(WaitTimedOut)
    await expect(client.jobs.wait(id, { timeoutMs: 30, onEvent: () => undefined })).rejects.toThrow(
      WaitTimedOut,
    )
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client.jobs.wait(id, { signal })).rejects.toThrow('enough')
  })
})

describe('the rest of a job', () => {
  it('is canceled, explained and erased', async () => {
    const { id } = await client.jobs.submit({ prompt: 'a boat', run_at: later() })
    expect(await client.jobs.explain(id)).toMatchObject({ state: 'queued' })
    expect(await client.jobs.cancel(id)).toMatchObject({ outcome: 'canceled' })
    expect(await failureOf(client.jobs.cancel(id))).toMatchObject({ code: 'already_finished' })
    expect(await failureOf(client.jobs.redrive(id))).toMatchObject({ code: 'not_failed' })
    await client.jobs.erase(id)
    expect(await failureOf(client.jobs.get(id))).toMatchObject({ code: 'not_found' })
  })

  it('shows its attempts, its timeline and its subtitles', async () => {
    const { id } = await client.jobs.run({ prompt: 'a boat' })
    expect((await client.jobs.attempts(id)).map(({ stage }) => stage)).toContain('render')
    expect((await client.jobs.timeline(id)).summary).toMatch(/^Timeline/)
    expect(await client.jobs.subtitles(id, 'vtt')).toMatch(/^WEBVTT/)
  })

  it('is found in lists that are longer than a page', async () => {
    const tags = ['many']
    await Promise.all(
      Array.from({ length: 103 }, () => client.jobs.submit({ prompt: 'x', tags, run_at: later() })),
    )
    expect(await jobsTagged('many')).toHaveLength(103)
    const first = client.jobs.list({ tag: tags })
    await first.next()
    await first.return()
  })
})

describe('a list of jobs', () => {
  it('is filtered by state, tags and metadata, whatever characters are in them', async () => {
    const metadata = { order: 'a,b & c=ü', 'x y': '1' }
    const { id } = await client.jobs.submit({ prompt: 'x', metadata, tags: ['filtered'], run_at: later() })
    await client.jobs.submit({ prompt: 'x', metadata: { order: 'a' }, tags: ['filtered'], run_at: later() })
    const filter = { metadata: { order: ['z', metadata.order], 'x y': ['1'] }, tag: ['none', 'filtered'] }
    expect((await collect(client.jobs.list(filter))).map((job) => job.id)).toEqual([id])
    expect(await collect(client.jobs.list({ ...filter, state: ['failed'] }))).toEqual([])
  })
})

describe('uploading', () => {
  it('sends bytes, blobs, streams and files, and says how far it is', async () => {
    const bytes = photo()
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const sources = [bytes, new File([bytes], 'größe.jpg'), new Blob([bytes]).stream()]
    for (const source of sources) {
      const sent: number[] = []
      const upload = await client.uploads.create(source, {
        onProgress: ({ sentBytes }) => sent.push(sentBytes),
      })
      expect(upload).toMatchObject({ sha256, content_type: 'image/jpeg', size_bytes: bytes.length })
      expect(sent.at(-1)).toBe(bytes.length)
    }
    const [named] = (await collect(client.uploads.list())).filter(({ filename }) => filename === 'größe.jpg')
    await client.uploads.delete(named?.id ?? '')
    expect(await failureOf(client.uploads.get(named?.id ?? ''))).toMatchObject({ code: 'not_found' })
  })

  it('sends again what can be read again, and keeps one upload', async () => {
    proxy.plan('/v1/uploads', { kind: 'lose_answer' }, { kind: 'answer', status: 503 })
    const upload = await client.uploads.create(photo(), { filename: 'again.jpg' })
    expect(seenAt('/v1/uploads')).toHaveLength(3)
    const kept = (await collect(client.uploads.list())).filter(({ filename }) => filename === 'again.jpg')
    expect(kept.map(({ id }) => id)).toEqual([upload.id])
  })

  describe('a large file', () => {
    const large = (): Buffer => Buffer.concat([photo(), Buffer.alloc(9 * 1024 * 1024, 7)])
    const offsets = () => seenAt('/resumable/').flatMap(({ headers }) => headers['upload-offset'] ?? [])

    /** The service has kept some of it. */
    const isKept = async (path: string): Promise<void> => {
      const headers = { authorization: `Bearer ${testApiKey}`, 'tus-resumable': '1.0.0' }
      for (;;) {
        const answer = await fetch(`${bed.url}${path}`, { method: 'HEAD', headers })
        if (Number(answer.headers.get('upload-offset')) > 0) return
      }
    }

    it('goes on where the connection broke, and is whole', async () => {
      const bytes = large()
      const path = join(folder, 'large.jpg')
      await writeFile(path, bytes)
      proxy.plan(
        '/resumable',
        { kind: 'lose_answer' },
        { kind: 'pass' },
        { kind: 'pass' },
        { kind: 'cut_request', afterBytes: 8 * 1024 * 1024, when: isKept },
        { kind: 'answer', status: 503 },
        { kind: 'pass' },
        { kind: 'lose_answer' },
      )
      const sent: number[] = []
      const upload = await client.uploads.create(
        { path },
        { onProgress: ({ sentBytes }) => sent.push(sentBytes) },
      )
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      expect(upload).toMatchObject({ sha256, size_bytes: bytes.length, filename: 'large.jpg' })
      expect(sent.at(-1)).toBe(bytes.length)
      const [first, ...later] = offsets()
      expect(first).toBe('0')
      expect(Math.min(...later.map(Number))).toBeGreaterThan(0)
    })

    it('is taken up by a later call with the same key, and kept once', async () => {
      const caller = new AbortController()
      const bytes = large()
      const options = { filename: 'key.jpg', idempotencyKey: 'large-1' }
      const when = async (path: string) => {
        await isKept(path)
        caller.abort(new Error('enough'))
      }
      proxy.plan('/resumable/', { kind: 'cut_request', afterBytes: 8 * 1024 * 1024, when })
      const broken = client.uploads.create(bytes, { ...options, signal: caller.signal })
      await expect(broken).rejects.toThrow('enough')
      const upload = await client.uploads.create(bytes, options)
      expect(Number(offsets().at(-1))).toBeGreaterThan(0)
      expect(await client.uploads.create(bytes, options)).toEqual(upload)
      expect(await failureOf(client.uploads.create(bytes.subarray(1), options))).toMatchObject({
        code: 'idempotency_key_reused',
      })
    })

    it('is never pieced together of two versions of itself', async () => {
      const bytes = large()
      const path = join(folder, 'edited.jpg')
      await writeFile(path, bytes)
      const edited = Promise.withResolvers<void>()
      const when = async (url: string) => {
        await isKept(url)
        await writeFile(path, bytes.fill(9, 1024 * 1024))
        await utimes(path, 1, 1).then(edited.resolve)
      }
      proxy.plan('/resumable/', { kind: 'cut_request', afterBytes: 8 * 1024 * 1024, when })
      const options = { idempotencyKey: 'edited-1' }
      await expect(client.uploads.create({ path }, options)).rejects.toThrow('changed while it was sent')
      await edited.promise
      expect(await failureOf(client.uploads.create({ path }, options))).toMatchObject({
        code: 'idempotency_key_reused',
      })
    })

    it('is refused with its first bytes, which is no hindrance to the next', async () => {
      const nonsense = Buffer.alloc(9 * 1024 * 1024, 7)
      expect(await failureOf(client.uploads.create(nonsense))).toMatchObject({ status: 415 })
      await client.uploads.create(large())
      expect(offsets()).toEqual(['0', '0'])
    })

    it('is given up when nothing moves for too long', async () => {
      proxy.plan('/resumable/', { kind: 'answer', status: 503 })
      expect(await failureOf(client.uploads.create(large(), { patienceMs: 0 }))).toMatchObject({
        status: 503,
      })
    })
  })

  it('gives a stream one try, and says what was wrong with reading it', async () => {
    proxy.plan('/v1/uploads', { kind: 'answer', status: 503 })
    expect(await failureOf(client.uploads.create(new Blob([photo()]).stream()))).toMatchObject({
      status: 503,
    })
    const broken = async function* () {
      yield photo()
      throw new Error('the disk is gone')
    }
    await expect(client.uploads.create(broken())).rejects.toThrow('the disk is gone')
    await expect(client.uploads.create({ path: join(folder, 'none.jpg') })).rejects.toThrow('ENOENT')
  })

  it('has a file fetched, and asks again when the answer is lost', async () => {
    const file = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo())
    }).listen(0, '127.0.0.1')
    await once(file, 'listening')
    proxy.plan('/v1/uploads', { kind: 'lose_answer' })
    const { port } = file.address() as AddressInfo
    const upload = await client.uploads.createFromUrl(`http://127.0.0.1:${port}/fetched.jpg`)
    expect(upload).toMatchObject({ content_type: 'image/jpeg', size_bytes: photo().length })
    file.closeAllConnections()
    file.close()
  })

  it('throws what is wrong with the file', async () => {
    expect(await failureOf(client.uploads.create(Buffer.from('not a photo\0')))).toMatchObject({
      status: 415,
    })
    expect(await failureOf(client.uploads.createFromUrl('http://10.0.0.1/x.jpg'))).toMatchObject({
      code: 'url_not_allowed',
    })
  })
})

describe('downloading', () => {
  it('goes on where it broke, and checks the whole', async () => {
    const { artifact } = await client.jobs.run({ prompt: 'a boat' })
    if (artifact === null) throw new Error('there is no file')
    const size = artifact.size_bytes
    proxy.plan(
      '/content',
      { kind: 'cut', afterBytes: Math.floor(size / 3) },
      { kind: 'cut', afterBytes: Math.floor(size / 3) },
    )
    const received: number[] = []
    const path = await client.artifacts.save(artifact.id, join(folder, 'a', 'video.mp4'), {
      onProgress: ({ receivedBytes }) => received.push(receivedBytes),
    })
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
    expect(sha256).toBe(artifact.sha256)
    expect(received.at(-1)).toBe(size)
    expect(seenAt('/content')).toHaveLength(3)
    expect(seenAt('/content').at(-1)?.headers.range).toMatch(/^bytes=[1-9]/)
    const { url } = await client.artifacts.link(artifact.id, { ttl_s: 60 })
    expect((await fetch(url)).status).toBe(200)
  })

  it('leaves nothing behind that is not whole', async () => {
    const { artifact } = await client.jobs.run({ prompt: 'a boat' })
    const body = 'x'.repeat(artifact?.size_bytes ?? 0)
    proxy.plan('/content', { kind: 'answer', status: 200, body })
    const path = join(folder, 'b', 'video.mp4')
    await expect(client.artifacts.save(artifact?.id ?? '', path)).rejects.toThrow('SHA-256')
    expect(await readdir(join(folder, 'b'))).toEqual([])
  })
})

describe('the other calls', () => {
  it('are typed by method and path, and repeated where that is safe', async () => {
    proxy.plan('/v1/skills', { kind: 'lose_answer' })
    const { data } = await unwrap(client.http.GET('/v1/skills'))
    expect(data.map(({ name }) => name)).toContain('text-to-video-higgsfield')
    proxy.plan('/rotate', { kind: 'lose_answer' })
    const rotate = unwrap(client.http.POST('/v1/callback-secret/rotate', { body: {} }))
    expect(await failureOf(rotate)).toMatchObject({ code: 'unreachable' })
    expect(seenAt('/rotate')).toHaveLength(1)
    const keys = pages((page) => client.http.GET('/v1/keys', { params: { query: page } }))
    expect(await collect(keys)).toHaveLength(1)
  })

  it('refuse an address or a key that cannot be meant', () => {
    for (const baseUrl of ['clipline', 'ftp://x', 'http://x/?a=1'])
      expect(() => createClient({ baseUrl, apiKey: testApiKey })).toThrow(TypeError)
    for (const apiKey of ['clk_a b', 'clk_a\n', 'clk_€'])
      expect(() => createClient({ baseUrl: proxy.url, apiKey })).toThrow('apiKey holds a character')
  })
})
