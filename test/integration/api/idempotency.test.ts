import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { createJobCreator } from '../../../src/store/create-jobs.ts'
import { type ApiKit, openApiKit } from './kit.ts'

describe('Idempotency-Key', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const submit = (key: string, body: object = { prompt: 'a fox' }, headers: Record<string, string> = {}) =>
    kit.send({
      method: 'POST',
      url: '/v1/jobs',
      payload: body,
      headers: { 'idempotency-key': key, ...headers },
    })

  const countJobs = (tenantId = kit.tenantId) => kit.store.prisma.job.count({ where: { tenantId } })

  test('the same request answers the same job, and says so', async () => {
    const first = await submit('again', { prompt: 'a fox', metadata: { a: '1', b: '2' } })
    const second = await submit('again', { metadata: { b: '2', a: '1' }, prompt: 'a fox' })
    expect(first.headers['idempotency-replayed']).toBeUndefined()
    expect(second.statusCode).toBe(202)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.headers['location']).toBe(first.headers['location'])
    expect(second.headers['retry-after']).toBe(first.headers['retry-after'])
    expect(second.json()).toEqual(first.json())
  })

  test('a replay waits for nothing: it is the answer that was stored', async () => {
    const first = await submit('waiting')
    const second = await submit('waiting', { prompt: 'a fox' }, { prefer: 'wait=60' })
    expect(second.headers['preference-applied']).toBeUndefined()
    expect([second.statusCode, second.json()]).toEqual([202, first.json()])
  })

  test('bare and quoted are the same key', async () => {
    const first = await submit('quoted-key')
    const second = await submit('"quoted-key"')
    expect(second.json().id).toBe(first.json().id)
  })

  test('another body under the same key is refused', async () => {
    await submit('reused', { prompt: 'one' })
    const before = await countJobs()
    const response = await submit('reused', { prompt: 'two' })
    expect(response.statusCode).toBe(422)
    expect(response.json().code).toBe('idempotency_key_reused')
    expect(await countJobs()).toBe(before)
  })

  test('of many at once one makes the job; the others wait or get its answer', async () => {
    const before = await countJobs()
    const responses = await Promise.all(Array.from({ length: 20 }, () => submit('rush')))
    const statuses = new Set(responses.map(({ statusCode }) => statusCode))
    expect([...statuses].filter((status) => status !== 202 && status !== 409)).toEqual([])
    const refused = responses.find(({ statusCode }) => statusCode === 409)
    expect(refused?.json()).toMatchObject({ code: 'idempotency_in_flight', retryable: true })
    expect(refused?.headers['retry-after']).toBe('1')
    expect(await countJobs()).toBe(before + 1)
  })

  test('keys of one tenant mean nothing to another', async () => {
    const other = await kit.newKey({ tenantId: await kit.newTenant('other') })
    const ours = await submit('shared')
    const theirs = await submit('shared', { prompt: 'another' }, { authorization: `Bearer ${other}` })
    expect(theirs.statusCode).toBe(202)
    expect(theirs.json().id).not.toBe(ours.json().id)
  })

  test('a refused request leaves its key free', async () => {
    expect((await submit('second-try', { prompt: '' })).statusCode).toBe(400)
    expect((await submit('second-try', { prompt: 'a fox', skill: 'nope' })).statusCode).toBe(422)
    expect((await submit('second-try', { prompt: 'a fox' })).statusCode).toBe(202)
  })

  test('a stored answer holds even where the same request would be refused today', async () => {
    const upload = await kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload: Buffer.from('a poem about foxes'),
      headers: { 'content-type': 'text/plain', 'x-filename': 'poem.txt' },
    })
    const body = {
      prompt: 'a fox',
      skill: 'text-to-video-higgsfield',
      inputs: [{ upload_id: upload.json().id }],
    }
    const first = await submit('with-upload', body)
    expect(first.statusCode).toBe(202)
    await kit.store.prisma.upload.delete({ where: { id: upload.json().id } })
    const second = await submit('with-upload', body)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.json().id).toBe(first.json().id)
  })

  test('after a day the key is free again', async () => {
    const first = await submit('old')
    await kit.store.prisma.idempotencyKey.updateMany({
      where: { key: 'old' },
      data: { createdAt: new Date(Date.now() - 25 * 3_600_000) },
    })
    const second = await submit('old', { prompt: 'something else' })
    expect(second.statusCode).toBe(202)
    expect(second.json().id).not.toBe(first.json().id)
  })

  test.each(['', 'ünïcode', 'a'.repeat(256), 'two words', '"unterminated \u0001"'])(
    'the key %j is refused together with what is wrong in the body',
    async (key) => {
      const response = await submit(key, { prompt: '' })
      expect(response.statusCode).toBe(400)
      expect(response.json().errors).toMatchObject([
        { pointer: '/headers/idempotency-key' },
        { pointer: '/prompt' },
      ])
    },
  )

  test('a submit that is written again after its answer was lost finds what it wrote', async () => {
    const creator = createJobCreator({ pool: kit.store.jobPool, clock: systemClock, patienceMs: 1_000 })
    const job = newJob(kit.tenantId)
    const first = await creator.create({ job, idempotency: null })
    const second = await creator.create({ job, idempotency: null })
    expect(first).toEqual(second)
    expect(await kit.store.prisma.jobEvent.count({ where: { jobId: job.id } })).toBe(1)
  })
})

const newJob = (tenantId: string) => ({
  id: 'job_0198c0de-7000-7000-8000-00000000abcd',
  tenantId,
  skill: 'free-video-generation-api',
  priority: 'normal' as const,
  runAt: null,
  startDeadlineS: null,
  deadlineS: null,
  sessionId: null,
  purpose: 'video' as const,
  said: null,
  creditsEstimated: 100,
  prompt: 'a fox',
  steps: [],
  inputs: [],
  output: {},
  language: null,
  callback: null,
  onUnknown: 'fail',
  maxCredits: null,
  metadata: {},
  tags: [],
  dedupe: null,
})
