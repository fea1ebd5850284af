import { createHash } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job, JobEvent } from '../../src/client/index.ts'
import { startTestBed, type TestBed, testCallbackSecret } from '../support/app.ts'
import { startReceiver } from '../support/receiver.ts'
import { startTestRedis, type TestRedis } from '../support/redis.ts'

const redis: TestRedis | null = await startTestRedis()
afterAll(() => redis?.stop())

const backends = [
  { name: 'the queue in Postgres', redisUrl: undefined, isHere: true },
  { name: 'the queue in Redis', redisUrl: redis?.url, isHere: redis !== null },
]

const finish = async (bed: TestBed, jobId: string): Promise<{ job: Job; events: JobEvent[] }> => {
  const events: JobEvent[] = []
  for await (const event of bed.client.jobs.events(jobId)) events.push(event)
  return { job: await bed.client.jobs.get(jobId), events }
}

describe.each(backends)('a job, with $name', ({ redisUrl, isHere }) => {
  let bed: TestBed

  beforeAll(async () => {
    if (isHere) bed = await startTestBed({ hasCompany: true, ...(redisUrl !== undefined && { redisUrl }) })
  })
  afterAll(() => bed?.stop())

  it.runIf(isHere)('goes from a prompt to a stored video, with every stage told', async () => {
    const accepted = await bed.client.jobs.submit({ prompt: 'a 5-second vertical clip of a fox in the snow' })
    const { job, events } = await finish(bed, accepted.id)
    expect(job).toMatchObject({ state: 'succeeded', progress: 1, failure: null, credits: { spent: 100 } })
    expect(job.artifact).toMatchObject({ duration_s: 5 })
    expect((job.artifact?.height ?? 0) > (job.artifact?.width ?? 0)).toBe(true)
    expect(job.timeline).toMatch(/^Timeline \(3 tracks\): 1\. Video: .+ 3\. Title: "/)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    const finished = events
      .filter(({ type }) => type === 'job.stage_finished')
      .map(({ data }) => data['stage'])
    expect(finished).toEqual(['auth', 'session', 'generate', 'confirm', 'export', 'render', 'deliver'])
    expect(events.at(-1)?.type).toBe('job.succeeded')
  })

  it.runIf(isHere)('keeps what was said to the provider, but neither its token nor the prompt', async () => {
    const prompt = 'a clip of a very particular hedgehog'
    const accepted = await bed.client.jobs.submit({ prompt })
    await finish(bed, accepted.id)
    const { data } = (await (await bed.fetch(`/v1/jobs/${accepted.id}/attempts`)).json()) as {
      data: { stage: string; calls: { operation: string; response: { status: number } | null }[] }[]
    }
    const calls = data.flatMap(({ calls }) => calls)
    const operations = [
      'creating a session',
      'sending a message',
      'submitting the render',
      'downloading the render',
    ]
    expect(calls.map(({ operation }) => operation)).toEqual(expect.arrayContaining(operations))
    expect(calls.map(({ response }) => response?.status)).toEqual(calls.map(() => 200))
    const message = calls.find(({ operation }) => operation === 'sending a message')
    expect(JSON.stringify(message)).not.toContain('hedgehog')
    expect(JSON.stringify(data)).not.toContain(bed.settings.nemoToken)
    for (const { calls } of data) expect(JSON.stringify(calls).length).toBeLessThan(2_048 * calls.length + 3)
  })

  it.runIf(isHere)('delivers the very bytes that the provider served', async () => {
    const accepted = await bed.client.jobs.submit({ prompt: 'a quiet harbor at dawn' })
    const { job } = await finish(bed, accepted.id)
    const response = await bed.fetch(`/v1/artifacts/${job.artifact?.id}/content`)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(job.artifact?.sha256)
    const downloads = await bed.ledger('download')
    expect(downloads.map(({ sha256 }) => sha256)).toContain(job.artifact?.sha256)
  })

  it.runIf(isHere)('calls back once, signed so that the official library verifies it', async () => {
    const receiver = await startReceiver()
    const accepted = await bed.client.jobs.submit({
      prompt: 'waves on a beach',
      callback: { url: receiver.url },
    })
    await finish(bed, accepted.id)
    await receiver.received(1)
    const [call] = receiver.calls
    const payload = new Webhook(testCallbackSecret).verify(
      call!.body,
      call!.headers as Record<string, string>,
    )
    expect(payload).toMatchObject({
      type: 'job.succeeded',
      data: { job: { id: accepted.id, state: 'succeeded' } },
    })
    expect(receiver.calls).toHaveLength(1)
    await receiver.close()
  })

  it.runIf(isHere)('calls back again with the same id and body until it is taken', async () => {
    const receiver = await startReceiver((_, no) => (no < 3 ? 500 : 200))
    const bedWithHaste = await startTestBed({
      ...(redisUrl !== undefined && { redisUrl }),
      config: { CALLBACK_SCHEDULE_MS: [0, 50, 50, 50] },
    })
    const accepted = await bedWithHaste.client.jobs.submit({
      prompt: 'rain',
      callback: { url: receiver.url },
    })
    await receiver.received(3)
    expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.calls.map(({ body }) => body.toString())).size).toBe(1)
    expect(accepted.id).toBeTruthy()
    await bedWithHaste.stop()
    await receiver.close()
  })

  it.runIf(isHere)('sends each step as a message of its own, in order, in one session', async () => {
    const accepted = await bed.client.jobs.submit({
      prompt: 'a sailing boat',
      steps: ['add lo-fi background music', 'make the title red'],
    })
    const { job } = await finish(bed, accepted.id)
    expect(job.state).toBe('succeeded')
    const session = (await bed.ledger('session')).find(({ task_name }) => task_name === accepted.id)
    const messages = (await bed.ledger('message')).filter(
      ({ session_id }) => session_id === session?.['session_id'],
    )
    expect(messages.map(({ text_sha256 }) => text_sha256)).toEqual(
      ['a sailing boat', 'add lo-fi background music', 'make the title red'].map((text) =>
        createHash('sha256').update(text).digest('hex'),
      ),
    )
  })

  it.runIf(isHere)('pays each job once when many run at a time', async () => {
    const ids = await Promise.all(
      Array.from(
        { length: 40 },
        async (_, no) => (await bed.client.jobs.submit({ prompt: `clip number ${no}` })).id,
      ),
    )
    const ended = await Promise.all(ids.map((id) => finish(bed, id)))
    expect(new Set(ended.map(({ job }) => job.state))).toEqual(new Set(['succeeded']))
    const sessions = (await bed.ledger('session')).filter(({ task_name }) => ids.includes(String(task_name)))
    const sessionIds = new Set(sessions.map(({ session_id }) => session_id))
    const messages = (await bed.ledger('message')).filter(({ session_id }) => sessionIds.has(session_id))
    expect(sessions).toHaveLength(40)
    expect(messages).toHaveLength(40)
    const renders = (await bed.ledger('render')).filter(({ session_id }) => sessionIds.has(session_id))
    expect(renders.map(({ verdict }) => verdict)).toEqual(Array(40).fill('accepted'))
  })
})

it('says that Redis was left out, or is there', () => {
  if (redis === null) console.warn('Redis is not installed: the queue on Redis was left out')
  expect(redis !== null || process.env['REQUIRE_REDIS'] !== '1').toBe(true)
})
