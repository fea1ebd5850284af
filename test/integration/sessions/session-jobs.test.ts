import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JobOut } from '../../../src/api/schemas/job-out.ts'
import { startTestBed, type TestBed } from '../../support/app.ts'
import { png } from '../api/media.ts'
import { canMakeHeic, sampleHeic } from '../media/sample-heic.ts'
import { begin, type Conversation, finish, type Heard, jobOf, post } from './conversation-kit.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('the jobs of a conversation', () => {
  let bed: TestBed
  beforeAll(async () => {
    bed = await startTestBed()
  })
  afterAll(() => bed?.stop())

  /** What the provider got in this conversation, oldest first. */
  const ledgerOf = async ({ id }: Conversation, kind: string) => {
    const sessions = (await bed.ledger('session')).filter(({ task_name }) => task_name === id)
    const places = new Set(sessions.map(({ session_id }) => session_id))
    return (await bed.ledger(kind)).filter(({ session_id }) => places.has(session_id))
  }
  const fault = ({ id }: Conversation, set: object, more: object = {}) =>
    bed.setFault({ set, task_name: id, times: 1, ...more })
  const upload = async (filename: string, content: Buffer): Promise<{ upload_id: string }> => {
    const response = await bed.fetch('/v1/uploads', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', 'x-filename': filename },
      body: new Uint8Array(content),
    })
    return { upload_id: ((await response.json()) as { id: string }).id }
  }
  const submit = (body: object, headers = {}): Promise<Heard<JobOut & { code?: string }>> =>
    post(bed, '/v1/jobs', body, headers)
  const act = (job: JobOut, action: string, body: object = {}) =>
    post<{ code?: string; outcome?: string }>(bed, `/v1/jobs/${job.id}/${action}`, body)

  describe('with files', () => {
    test('are handed over at once where nothing is said, and nothing is paid', async () => {
      const talk = await begin(bed, { skill: 'image-to-video-higgsfield', language: 'en' })
      const inputs = [await upload('portrait.png', png)]
      const given = await talk.ask({ inputs })
      expect(given).toMatchObject({ status: 200, body: { action: 'upload' } })
      expect(given.body.reply).toBe('1 file is there. Say what to do with it.')
      expect(jobOf(given)).toMatchObject({ purpose: 'upload', credits: { estimated: 0, spent: 0 } })
      expect(await ledgerOf(talk, 'upload')).toHaveLength(1)
      expect(await ledgerOf(talk, 'message')).toHaveLength(0)
      const made = await talk.ask('a slow push-in')
      expect(jobOf(made).state).toBe('succeeded')
      expect(await ledgerOf(talk, 'upload')).toHaveLength(1)
    })

    test('are held to what the skill requires, once for the conversation', async () => {
      const talk = await begin(bed, { skill: 'image-to-video-higgsfield' })
      expect(await talk.say('a slow push-in')).toMatchObject({ status: 422, body: { code: 'missing_input' } })
      const inputs = [await upload('portrait.png', png)]
      await talk.ask({ text: 'a slow push-in', inputs })
      expect(jobOf(await talk.ask('make it shorter')).state).toBe('succeeded')
    })

    test('add the words of a text to the message that comes with it', async () => {
      const talk = await begin(bed, { skill: 'text-to-video-higgsfield' })
      const inputs = [await upload('script.txt', Buffer.from('A fox wakes up. It snows.'))]
      expect(await talk.say({ inputs })).toMatchObject({
        status: 422,
        body: { code: 'not_supported', errors: [{ pointer: '/inputs/0' }] },
      })
      await talk.ask({ text: 'film this script', inputs })
      const [message] = await ledgerOf(talk, 'message')
      expect(message?.['text_sha256']).toBe(digest('film this script\n\nA fox wakes up. It snows.'))
      expect(await ledgerOf(talk, 'upload')).toHaveLength(0)
    })

    test.runIf(canMakeHeic)('give HEIC to the provider as JPEG', async () => {
      const talk = await begin(bed, { skill: 'image-to-video-higgsfield' })
      const inputs = [await upload('photo.heic', await sampleHeic())]
      await talk.ask({ text: 'let the leaves move', inputs })
      const [arrival] = await ledgerOf(talk, 'upload')
      expect(JSON.stringify(arrival?.['files'])).toContain('photo.jpg')
    })

    test('are not taken where nobody would look at them', async () => {
      const talk = await begin(bed)
      const inputs = [await upload('portrait.png', png)]
      expect(await talk.say({ text: 'export', inputs })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/inputs', code: 'not_supported' }] },
      })
      expect((await talk.say('upload')).body).toMatchObject({ action: 'upload' })
      expect((await talk.read()).job_id).toBeNull()
    })
  })

  describe('of which the provider loses the session', () => {
    test('begin another one as long as nothing was made in it', async () => {
      const talk = await begin(bed)
      await fault(talk, { 'session.expired': true }, { endpoint: 'run_sse' })
      const made = await talk.ask('a windmill')
      expect(jobOf(made).state).toBe('succeeded')
      expect(await ledgerOf(talk, 'session')).toHaveLength(2)
      const { provider } = await talk.read()
      expect(provider.session_id).toBe(jobOf(made).provider.session_id)
      expect(jobOf(await talk.ask('make it slower')).state).toBe('succeeded')
      expect(await ledgerOf(talk, 'session')).toHaveLength(2)
    })

    test('fail with provider_session_lost once something was, and the conversation takes no more', async () => {
      const talk = await begin(bed, { language: 'en' })
      await talk.ask('a windmill')
      await fault(talk, { 'session.expired': true }, { times: 9 })
      const failed = await talk.ask('make it slower')
      expect(jobOf(failed)).toMatchObject({
        state: 'failed',
        failure: { code: 'provider_session_lost' },
        credits: { spent: 0 },
      })
      expect(failed.body.reply).toMatch(/^That did not work: .*anew\.$/)
      expect((await talk.read()).lost_at).not.toBeNull()
      for (const text of ['make it faster', 'status', 'export'])
        expect(await talk.say(text)).toMatchObject({ status: 409, body: { code: 'session_lost' } })
      expect((await talk.say('credits')).status).toBe(200)
      const place = `/v1/sessions/${talk.id}/exports`
      expect(await post(bed, place)).toMatchObject({ status: 409, body: { code: 'session_lost' } })
      expect((await submit({ prompt: 'a mill', session_id: talk.id })).body.code).toBe('session_lost')
      expect((await act(jobOf(failed), 'redrive')).body.code).toBe('session_lost')
      expect(await ledgerOf(talk, 'session')).toHaveLength(1)
      expect(await ledgerOf(talk, 'message')).toHaveLength(1)
    })
  })

  describe('that are stopped or run again', () => {
    test('let the next one go when they are canceled in the line', async () => {
      const talk = await begin(bed)
      const first = jobOf(await talk.say('a sailing ship'))
      const second = jobOf(await talk.say('make it slower'))
      const third = jobOf(await talk.say('add rain'))
      await act(second, 'cancel')
      expect((await finish(bed, first.id)).state).toBe('succeeded')
      expect((await finish(bed, third.id)).state).toBe('succeeded')
      expect((await finish(bed, second.id)).state).toBe('canceled')
      expect((await talk.history())[3]?.text).toBe('Canceled.')
      expect(await ledgerOf(talk, 'message')).toHaveLength(2)
    })

    test('go on in the same session, and are answered a second time', async () => {
      const talk = await begin(bed, { language: 'en' })
      const made = jobOf(await talk.ask('a sailing ship'))
      await fault(talk, { 'render.fail': true }, { times: 2 })
      const failed = jobOf(await talk.ask('export'))
      expect(failed.failure?.code).toBe('render_failed')
      expect(await act(failed, 'redrive')).toMatchObject({ status: 202 })
      const again = await finish(bed, failed.id)
      expect(again).toMatchObject({ state: 'succeeded', attempt: 2, session_id: talk.id })
      expect(again.provider.session_id).toBe(made.provider.session_id)
      expect((await talk.history()).at(-1)?.text).toMatch(/^Your video is ready/)
    })

    test('are sent beside no other message of theirs when they are redriven', async () => {
      const talk = await begin(bed)
      await talk.ask('a sailing ship')
      await fault(talk, { 'http.status': 402 }, { endpoint: 'run_sse' })
      const failed = jobOf(await talk.ask('add fog'))
      expect(failed.state).toBe('failed')
      const later = [jobOf(await talk.say('add rain')), jobOf(await talk.say('make it slower'))]
      await act(failed, 'redrive')
      for (const { id } of [failed, ...later]) expect((await finish(bed, id)).state).toBe('succeeded')
      const messages = await ledgerOf(talk, 'message')
      expect(messages.filter(({ reason }) => reason === 'stale session')).toEqual([])
      expect(messages.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(4)
    })

    test('are not taken for carried out because of what a later one has changed', async () => {
      const talk = await begin(bed)
      await talk.ask('a sailing ship')
      await fault(talk, { 'http.reset': 'before' }, { endpoint: 'run_sse' })
      const lost = jobOf(await talk.ask('add fog'))
      expect(lost.failure?.code).toBe('generation_outcome_unknown')
      expect(jobOf(await talk.ask('add rain')).state).toBe('succeeded')
      await act(lost, 'redrive')
      const looked = await finish(bed, lost.id)
      expect(looked).toMatchObject({ attempt: 2, failure: { code: 'generation_outcome_unknown' } })
      expect(looked.credits).toEqual(lost.credits)
      expect(await act(lost, 'redrive', { accept_cost: true })).toMatchObject({ status: 202 })
      expect((await finish(bed, lost.id)).state).toBe('succeeded')
      const messages = await ledgerOf(talk, 'message')
      const [, fog] = messages
      expect(messages.map(({ verdict }) => verdict)).toEqual(['accepted', 'dropped', 'accepted', 'accepted'])
      expect(messages[3]?.['text_sha256']).toBe(fog?.['text_sha256'])
    })

    test('are sent one after the other, also where they are submitted in the same instant', async () => {
      const talk = await begin(bed)
      const texts = ['a quiet harbor', 'make it slower', 'add rain', 'make the title blue']
      const prompts = ['a fox in the snow', 'a bridge in fog']
      const answers = await Promise.all([
        ...texts.map(async (text) => jobOf(await talk.say(text))),
        ...prompts.map(async (prompt) => (await submit({ prompt, session_id: talk.id })).body),
      ])
      const jobs = await Promise.all(answers.map(({ id }) => finish(bed, id)))
      expect(jobs.map(({ state }) => state)).toEqual(jobs.map(() => 'succeeded'))
      jobs.sort((one, other) => Date.parse(String(one.started_at)) - Date.parse(String(other.started_at)))
      for (const [index, job] of jobs.slice(1).entries())
        expect(Date.parse(String(job.started_at))).toBeGreaterThanOrEqual(
          Date.parse(String(jobs[index]?.finished_at)),
        )
      expect(new Set(jobs.map(({ provider }) => provider.session_id)).size).toBe(1)
      const messages = await ledgerOf(talk, 'message')
      expect(messages.map(({ verdict }) => verdict)).toEqual(jobs.map(() => 'accepted'))
    })
  })

  describe('of POST /v1/jobs', () => {
    test('go from prompt to file in the session of the conversation, with its skill and language', async () => {
      const talk = await begin(bed, { skill: 'text-to-video-higgsfield', language: 'zh' })
      const body = { prompt: '山里的小火车', steps: ['加一段音乐'], session_id: talk.id }
      const made = await submit(body, { prefer: 'wait=60' })
      expect(made.body).toMatchObject({
        state: 'succeeded',
        purpose: 'video',
        session_id: talk.id,
        skill: 'text-to-video-higgsfield',
      })
      expect(made.body.artifact).not.toBeNull()
      const shorter = jobOf(await talk.ask('缩短一点'))
      expect(shorter.provider.session_id).toBe(made.body.provider.session_id)
      expect(await ledgerOf(talk, 'session')).toHaveLength(1)
      const { body: page } = await talk.get<{ data: { id: string }[] }>('/exports')
      expect(page.data.map(({ id }) => id)).toEqual([made.body.id])
      expect((await talk.history())[0]?.text).toBe('山里的小火车\n加一段音乐')
    })

    test('are found by their conversation', async () => {
      const talk = await begin(bed)
      const job = jobOf(await talk.ask('a bridge in fog'))
      await submit({ prompt: 'a bridge in the sun' })
      const response = await bed.fetch(`/v1/jobs?session_id=${talk.id}`)
      const page = (await response.json()) as { data: JobOut[] }
      expect(page.data.map(({ id }) => id)).toEqual([job.id])
    })

    test('keep to the skill of the conversation, and to one that there is', async () => {
      const talk = await begin(bed, { skill: 'text-to-video-higgsfield' })
      const other = { prompt: 'a mill', session_id: talk.id, skill: 'image-to-video-higgsfield' }
      expect(await submit(other)).toMatchObject({ status: 422, body: { code: 'session_skill_differs' } })
      const same = { prompt: 'a mill', session_id: talk.id, skill: 'text-to-video-higgsfield', dry_run: true }
      expect(await submit(same)).toMatchObject({ status: 200 })
      const nobody = { prompt: 'a mill', session_id: 'ses_0198c0de-7000-7000-8000-0000000000ff' }
      expect(await submit(nobody)).toMatchObject({ status: 422, body: { code: 'unknown_session' } })
    })
  })

  test('take what was said with them when they are erased', async () => {
    const talk = await begin(bed, { language: 'en' })
    const headers = { 'idempotency-key': talk.id }
    const job = jobOf(await talk.say('the words of the client', headers))
    await finish(bed, job.id)
    expect((await bed.fetch(`/v1/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await talk.history()).map(({ text }) => text)).toEqual(['', null])
    const replayed = await talk.say('the words of the client', headers)
    expect(JSON.stringify(replayed.body)).not.toContain('words of the client')
    expect(jobOf(await talk.ask('make it shorter')).state).toBe('succeeded')
  })
})

describe('a message that is canceled while the provider is at it', () => {
  let bed: TestBed
  beforeAll(async () => {
    bed = await startTestBed({ sandbox: { timeFactor: 0.01 }, config: { NEMO_RECOVERY_FIRST_MS: 300 } })
  })
  afterAll(() => bed?.stop())

  test('is over at the provider before the next one goes out', async () => {
    const talk = await begin(bed)
    const dropped = jobOf(await talk.say('a fox in the snow'))
    const accepted = async () =>
      (await bed.ledger('message')).filter(({ verdict }) => verdict === 'accepted').length
    await expect.poll(accepted, { timeout: 10_000 }).toBe(1)
    await post(bed, `/v1/jobs/${dropped.id}/cancel`)
    const next = jobOf(await talk.ask('make it shorter'))
    expect(next).toMatchObject({ state: 'succeeded', warnings: [] })
    expect((await finish(bed, dropped.id)).state).toBe('canceled')
    const messages = await bed.ledger('message')
    expect(messages.map(({ verdict, intent }) => [verdict, intent])).toEqual([
      ['accepted', 'generation'],
      ['accepted', 'edit'],
    ])
  })
})
