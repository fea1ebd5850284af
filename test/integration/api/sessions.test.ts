import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AnswerOut } from '../../../src/api/schemas/message-out.ts'
import { SessionOut } from '../../../src/api/schemas/session-out.ts'
import { createRetentionStore } from '../../../src/store/retention.ts'
import { providerError, stateOf } from '../../support/scripted-provider.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

type Fields = Readonly<Record<string, unknown>>

const unknownId = 'ses_0198c0de-7000-7000-8000-0000000000ff'

describe('conversations', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit({
      provider: {
        state: [
          stateOf('made'),
          providerError('provider_session_lost'),
          providerError('provider_unavailable'),
        ],
      },
    })
  })
  afterAll(() => kit.close())

  const post = (path: string, payload: object = {}, headers: Record<string, string> = {}) =>
    kit.send({ method: 'POST', url: path, payload, headers })
  const begin = async (fields: Fields = {}): Promise<SessionOut> =>
    (await post('/v1/sessions', fields)).json()
  const say = (id: string, message: Fields, headers: Record<string, string> = {}) =>
    post(`/v1/sessions/${id}/messages`, message, headers)
  const put = (id: string, columns: string) =>
    kit.store.pool.query(`UPDATE sessions SET ${columns} WHERE id = $1`, [id])
  const countOf = async (table: string): Promise<number> =>
    (await kit.store.pool.query(`SELECT count(*)::int AS rows FROM ${table}`)).rows[0].rows

  test('are begun with a skill, a language and metadata', async () => {
    const body = { skill: 'text-to-video-higgsfield', language: 'zh-CN', metadata: { customer: '42' } }
    const response = await post('/v1/sessions', body)
    expect(response.statusCode).toBe(201)
    const session = SessionOut.parse(response.json())
    expect(session).toMatchObject({ ...body, provider: { session_id: null }, queued: 0, lost_at: null })
    expect(response.headers['location']).toBe(`${publicUrl}/v1/sessions/${session.id}`)
    expect((await kit.send({ url: `/v1/sessions/${session.id}` })).json()).toEqual(session)
  })

  test('take the usual skill, and the language of each message, when none is named', async () => {
    expect(await begin()).toMatchObject({ skill: 'free-video-generation-api', language: null, metadata: {} })
  })

  test('are refused with everything that is wrong, and then leave nothing', async () => {
    const before = await countOf('sessions')
    const wrong = await post('/v1/sessions', { skill: 'nothing', language: '??', mood: 'good' })
    expect(wrong.statusCode).toBe(400)
    expect(
      wrong
        .json()
        .errors.map(({ pointer }: { pointer: string }) => pointer)
        .sort(),
    ).toEqual(['/language', '/mood', '/skill'])
    expect((await post('/v1/sessions', { skill: 'nothing' })).json()).toMatchObject({
      status: 422,
      code: 'unknown_skill',
    })
    expect(await countOf('sessions')).toBe(before)
  })

  test('are begun once under one key', async () => {
    const headers = { 'idempotency-key': 'begin' }
    const first = await post('/v1/sessions', { language: 'en' }, headers)
    const again = await post('/v1/sessions', { language: 'en' }, headers)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
    expect((await post('/v1/sessions', { language: 'zh' }, headers)).json().code).toBe(
      'idempotency_key_reused',
    )
    const usual = { 'idempotency-key': 'begin as usual' }
    const { id } = (await post('/v1/sessions', {}, usual)).json()
    expect((await kit.send({ method: 'POST', url: '/v1/sessions', headers: usual })).json().id).toBe(id)
  })

  test('are listed newest first, page by page', async () => {
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('lister') })}`
    const ids: string[] = []
    for (let count = 0; count < 3; count += 1)
      ids.unshift((await post('/v1/sessions', {}, { authorization })).json().id)
    const first = await kit.send({ url: '/v1/sessions?limit=2', headers: { authorization } })
    const { data, next_cursor } = first.json()
    expect(first.headers['link']).toContain('rel="next"')
    const rest = await kit.send({
      url: `/v1/sessions?limit=2&cursor=${next_cursor}`,
      headers: { authorization },
    })
    expect([...data, ...rest.json().data].map(({ id }: SessionOut) => id)).toEqual(ids)
    expect(rest.json().next_cursor).toBeNull()
  })

  test('are nothing to other tenants', async () => {
    const { id } = await begin()
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    const paths = ['', '/messages', '/timeline', '/exports'].map((path) => `/v1/sessions/${id}${path}`)
    for (const url of paths)
      expect((await kit.send({ url, headers: { authorization } })).statusCode).toBe(404)
    for (const url of paths.slice(1).filter((path) => !path.endsWith('timeline')))
      expect((await post(url, { text: 'a fox' }, { authorization })).statusCode).toBe(404)
    const job = await post('/v1/jobs', { prompt: 'a fox', session_id: id }, { authorization })
    expect(job.json()).toMatchObject({ status: 422, code: 'unknown_session' })
    expect((await kit.send({ url: '/v1/sessions', headers: { authorization } })).json().data).toEqual([])
    expect((await say(unknownId, { text: 'a fox' })).statusCode).toBe(404)
  })

  test('go with the scopes of jobs', async () => {
    const { id } = await begin()
    const reader = `Bearer ${await kit.newKey({ scopes: ['jobs:read'] })}`
    const writer = `Bearer ${await kit.newKey({ scopes: ['jobs:write'] })}`
    expect((await post('/v1/sessions', {}, { authorization: reader })).statusCode).toBe(403)
    expect((await say(id, { text: 'a fox' }, { authorization: reader })).statusCode).toBe(403)
    const url = `/v1/sessions/${id}/messages`
    expect((await kit.send({ url, headers: { authorization: writer } })).statusCode).toBe(403)
    const credits = await say(id, { text: 'balance' }, { authorization: writer })
    expect(credits.statusCode).toBe(403)
    expect(credits.headers['www-authenticate']).toContain('usage:read')
  })

  test('take messages of text, of inputs, or of both, and nothing else', async () => {
    const { id } = await begin()
    const before = await countOf('jobs')
    const pointersOf = async (message: Fields): Promise<string[]> => {
      const response = await say(id, message)
      expect(response.statusCode).toBe(400)
      return response.json().errors.map(({ pointer }: { pointer: string }) => pointer)
    }
    expect(await pointersOf({})).toEqual(['/text'])
    expect(await pointersOf({ text: '' })).toEqual(['/text'])
    expect(await pointersOf({ text: 'a'.repeat(8_001) })).toEqual(['/text'])
    expect(await pointersOf({ text: 'a fox', prompt: 'a fox' })).toEqual(['/prompt'])
    expect(await pointersOf({ text: 7, inputs: [{ url: 'http://10.0.0.7/a.png' }] })).toEqual([
      '/text',
      '/inputs/0/url',
    ])
    const nobody = { upload_id: 'upl_0198c0de-7000-7000-8000-0000000000ff' }
    // One that is malformed hides no fault of its neighbors.
    const mixed = [{ url: 'http://10.0.0.7/a.png' }, { url: 'https://x.example/', fetch: 'zz' }, nobody]
    expect(await pointersOf({ text: 'a fox', inputs: mixed })).toEqual([
      '/inputs/1/fetch',
      '/inputs/0/url',
      '/inputs/2/upload_id',
    ])
    expect((await say(id, { inputs: [nobody] })).json()).toMatchObject({
      status: 422,
      code: 'unknown_upload',
    })
    expect(await countOf('jobs')).toBe(before)
    expect(await countOf('session_messages')).toBe(0)
  })

  test('accept a message as a job, and say that a second one waits', async () => {
    const { id } = await begin({ language: 'en' })
    const first = await say(id, { text: 'a fox' })
    expect(first.statusCode).toBe(202)
    const answer = AnswerOut.parse(first.json())
    expect(answer).toMatchObject({ action: 'generate', reply: 'I am on it.' })
    expect(first.headers['location']).toBe(answer.job?.links.self)
    expect(first.headers['retry-after']).toBe('2')
    const second = (await say(id, { text: 'export' })).json()
    expect(second).toMatchObject({ action: 'export', job: { purpose: 'export', state: 'queued' } })
    expect(second.reply).toMatch(/before it/)
    expect((await kit.send({ url: `/v1/sessions/${id}` })).json()).toMatchObject({
      job_id: answer.job?.id,
      queued: 1,
    })
    const explained = await kit.send({ url: `/v1/jobs/${second.job.id}/explain` })
    expect(explained.json().waiting_for.kind).toBe('session')
  })

  test('read their draft at the provider, and say when it is lost or out of reach', async () => {
    const { id } = await begin({ language: 'en' })
    await put(id, `provider_session_id = '99', account_id = 'acc_1'`)
    expect((await say(id, { text: 'status' })).json()).toMatchObject({
      action: 'status',
      reply: 'timeline of made',
    })
    expect((await say(id, { text: 'status' })).json()).toMatchObject({ status: 409, code: 'session_lost' })
    const away = await say(id, { text: 'status' })
    expect(away.json()).toMatchObject({ status: 502, code: 'provider_unavailable' })
    expect(away.headers['retry-after']).toBe('10')
    const { data } = (await kit.send({ url: `/v1/sessions/${id}/messages` })).json()
    expect(data).toHaveLength(2)
  })

  test('do not grow beyond the bound of the queue', async () => {
    const tenantId = await kit.newTenant('bounded', { queueBound: 1 })
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    const { id } = (await post('/v1/sessions', {}, { authorization })).json()
    expect((await say(id, { text: 'a fox' }, { authorization })).statusCode).toBe(202)
    const full = await say(id, { text: 'slower' }, { authorization })
    expect(full.json()).toMatchObject({ status: 429, code: 'queue_full' })
  })

  test('hold no more than a hundred jobs that have not ended', async () => {
    const { id } = await begin()
    for (let count = 0; count < 100; count += 1)
      expect((await say(id, { text: 'slower' })).statusCode).toBe(202)
    const full = await say(id, { text: 'slower' })
    expect(full.json()).toMatchObject({
      status: 429,
      code: 'session_full',
      title: 'The conversation has as many unfinished jobs as it may have',
      detail: expect.stringContaining('100'),
    })
    expect(full.headers['retry-after']).toBe('10')
    expect((await post(`/v1/sessions/${id}/exports`)).statusCode).toBe(429)
    const job = await post('/v1/jobs', { prompt: 'a fox', session_id: id })
    expect(job.json()).toMatchObject({
      status: 429,
      code: 'session_full',
      errors: [{ pointer: '/session_id' }],
    })
    expect(job.headers['retry-after']).toBe('10')
    expect((await say(id, { text: 'status' })).statusCode).toBe(200)
  })

  test('are held to what their tenant may spend in a day', async () => {
    const tenantId = await kit.newTenant('thrifty', { maxCreditsPerDay: 99 })
    const authorization = `Bearer ${await kit.newKey({ tenantId })}`
    const { id } = (await post('/v1/sessions', {}, { authorization })).json()
    const message = await say(id, { text: 'a fox' }, { authorization })
    expect(message.json()).toMatchObject({ status: 422, code: 'budget_exceeded' })
    expect((await say(id, { text: 'status' }, { authorization })).statusCode).toBe(200)
  })

  test('forget what they answered without a job once its time is over', async () => {
    const { id } = await begin({ language: 'en' })
    await say(id, { text: 'status' })
    const job = (await say(id, { text: 'a fox' })).json().job.id
    await say(id, { text: 'how do i upload a file?' })
    const old = `UPDATE session_messages SET at = now() - interval '31 days' WHERE session_id = $1 AND action <> 'upload'`
    await kit.store.pool.query(old, [id])
    await createRetentionStore(kit.store).remove('session_exchanges', { now: new Date(), most: 100 })
    const { data } = (await kit.send({ url: `/v1/sessions/${id}/messages` })).json()
    expect(data.map(({ action, job_id }: Fields) => [action, job_id])).toEqual([
      ['generate', job],
      ['generate', job],
      ['upload', null],
      ['upload', null],
    ])
  })

  test('take a message, and say so, where no more streams may be open', async () => {
    const full = await openApiKit({ settings: { sseMax: 0 } })
    const headers = { accept: 'text/event-stream' }
    const { id } = (await full.send({ method: 'POST', url: '/v1/sessions' })).json()
    const url = `/v1/sessions/${id}/messages`
    const taken = await full.send({ method: 'POST', url, headers, payload: { text: 'a fox' } })
    expect(taken.statusCode).toBe(202)
    expect(taken.json()).toMatchObject({ action: 'generate', job: { state: 'queued' } })
    await full.close()
  })

  test('render with the resolution that the words name', async () => {
    const { id } = await begin({ language: 'en' })
    await put(id, `provider_session_id = '99', account_id = 'acc_1'`)
    const answer = (await say(id, { text: 'export in 4K please' })).json()
    expect(answer).toMatchObject({ reply: 'Exporting an MP4.', job: { output: { resolution: '4k' } } })
  })

  test('keep each reply in the language of its message', async () => {
    const { id } = await begin()
    await put(id, `provider_session_id = '99', account_id = 'acc_1'`)
    for (const [text, reply] of [
      ['导出', '已取消。'],
      ['export', 'Canceled.'],
    ]) {
      const { job } = AnswerOut.parse((await say(id, { text })).json())
      expect((await post(`/v1/jobs/${job?.id}/cancel`)).statusCode).toBe(200)
      const { data } = (await kit.send({ url: `/v1/sessions/${id}/messages` })).json()
      expect(data.at(-1)).toMatchObject({ role: 'assistant', action: 'export', text: reply })
    }
  })

  test('export with wishes for the file, and a callback that may be called', async () => {
    const { id } = await begin()
    const place = `/v1/sessions/${id}/exports`
    const wrong = await post(place, { output: { duration_s: 5 }, callback: { url: 'http://10.0.0.7/' } })
    expect(wrong.statusCode).toBe(400)
    expect(wrong.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/output/duration_s',
      '/callback/url',
    ])
    await put(id, `provider_session_id = '99', account_id = 'acc_1'`)
    const accepted = await post(place, { output: { quality: 'low' }, tags: ['final'] })
    expect(accepted.statusCode).toBe(202)
    expect(accepted.json()).toMatchObject({
      purpose: 'export',
      output: { quality: 'low' },
      tags: ['final'],
      session_id: id,
    })
    expect((await kit.send({ method: 'POST', url: place })).statusCode).toBe(202)
  })
})
