import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CliplineClient, createClient, type JobEvent } from '../../../src/client/index.ts'
import { startTestBed, type TestBed, testApiKey } from '../../support/app.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'

let bed: TestBed
let proxy: FaultProxy
let client: CliplineClient

beforeAll(async () => {
  bed = await startTestBed()
})
afterAll(() => bed?.stop())
beforeEach(async () => {
  proxy = await openFaultProxy(bed.url)
  client = createClient({ baseUrl: proxy.url, apiKey: testApiKey })
  return () => proxy.close()
})

const collect = async <T>(entries: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

describe('a conversation', () => {
  it('makes, changes, asks and renders, one message after the other', async () => {
    const { id } = await client.sessions.create({ metadata: { order: '7' } })
    const events: JobEvent[] = []
    const accepted: string[] = []
    const made = await client.sessions.say(id, 'a 5-second clip of a fox in the snow', {
      onEvent: (event) => events.push(event),
      onAccepted: ({ action }) => accepted.push(action),
    })
    expect(made).toMatchObject({ action: 'generate', job: { state: 'succeeded', session_id: id } })
    expect(accepted).toEqual(['generate'])
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(await client.sessions.say(id, 'status')).toMatchObject({ action: 'status', timeline: {} })
    expect((await client.sessions.timeline(id)).summary).toMatch(/^Timeline/)
    expect(await client.sessions.subtitles(id, 'srt')).toBeTypeOf('string')
    const exported = await client.jobs.wait((await client.sessions.export(id)).id)
    expect(exported.artifact?.size_bytes).toBeGreaterThan(0)
    expect((await collect(client.sessions.exports(id))).map(({ id: jobId }) => jobId)).toEqual([exported.id])
    const said = await collect(client.sessions.messages(id))
    expect(said.map(({ role }) => role).slice(0, 2)).toEqual(['user', 'assistant'])
    expect((await client.sessions.get(id)).metadata).toEqual({ order: '7' })
    expect((await collect(client.sessions.list())).map((session) => session.id)).toContain(id)
  })

  it('takes a message once although its stream breaks again and again', async () => {
    const { id } = await client.sessions.create()
    const cuts = [0, 30, 3_000, 4_000].map((afterBytes) => ({ kind: 'cut', afterBytes }) as const)
    proxy.plan('/messages', { kind: 'lose_answer' }, ...cuts)
    const events: JobEvent[] = []
    const { job } = await client.sessions.say(id, 'a boat', { onEvent: (event) => events.push(event) })
    expect(job?.state).toBe('succeeded')
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(proxy.seen.filter(({ path }) => path.includes('/messages')).length).toBeGreaterThan(3)
    const said = await collect(client.sessions.messages(id))
    expect(said.filter(({ role }) => role === 'user')).toHaveLength(1)
  })

  it('goes on without being waited for', async () => {
    const { id } = await client.sessions.create()
    const { job } = await client.sessions.send(id, { text: 'a boat' }, { idempotencyKey: 'boat' })
    expect((await client.sessions.send(id, { text: 'a boat' }, { idempotencyKey: 'boat' })).job?.id).toBe(
      job?.id,
    )
    expect(await client.jobs.wait(job?.id ?? '')).toMatchObject({ state: 'succeeded' })
    await expect(client.sessions.say('ses_x', 'a boat')).rejects.toMatchObject({ code: 'not_found' })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(client.sessions.say(id, 'a ship', { signal })).rejects.toThrow('enough')
  })
})
