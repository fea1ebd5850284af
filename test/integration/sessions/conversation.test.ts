import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBed, type TestBed } from '../../support/app.ts'
import { begin, type Conversation, finish, jobOf, post } from './conversation-kit.ts'

interface Page<Item> {
  readonly data: readonly Item[]
}

describe('a conversation', () => {
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

  test('makes its session at the provider with its first message, and keeps it', async () => {
    const talk = await begin(bed, { language: 'en' })
    expect(await ledgerOf(talk, 'session')).toHaveLength(0)
    expect(await talk.read()).toMatchObject({ provider: { session_id: null }, job_id: null, timeline: null })
    const first = jobOf(await talk.ask('a fox in the snow'))
    const second = jobOf(await talk.ask('make it shorter'))
    expect(await ledgerOf(talk, 'session')).toHaveLength(1)
    expect(second.provider.session_id).toBe(first.provider.session_id)
    expect(await talk.read()).toMatchObject({
      provider: { session_id: first.provider.session_id },
      timeline: second.timeline,
      credits_spent: 150,
    })
  })

  test('is changed message by message, each paid under a permit of its own', async () => {
    const talk = await begin(bed, { language: 'en' })
    const made = await talk.ask('a lighthouse in a storm')
    expect(made).toMatchObject({ status: 200, body: { action: 'generate' } })
    const first = jobOf(made)
    expect(first).toMatchObject({
      state: 'succeeded',
      purpose: 'message',
      session_id: talk.id,
      artifact: null,
    })
    const shorter = jobOf(await talk.ask('make it shorter'))
    expect(shorter.timeline).not.toBe(first.timeline)
    const red = jobOf(await talk.ask('make the title red'))
    const messages = await ledgerOf(talk, 'message')
    expect(messages.map(({ verdict }) => verdict)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(new Set(messages.map(({ text_sha256 }) => text_sha256)).size).toBe(3)
    expect([first, shorter, red].map(({ credits }) => credits.at_risk)).toEqual([0, 0, 0])
    expect(await ledgerOf(talk, 'render')).toEqual([])
  })

  test('works on one message at a time, in the order in which they came', async () => {
    const talk = await begin(bed)
    const texts = ['a quiet harbor at dawn', 'make it slower', 'add rain', 'make the title blue']
    const answers = []
    for (const text of texts) answers.push(await talk.say(text))
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    const busy = await talk.read()
    expect(busy.queued).toBeLessThanOrEqual(3)
    const jobs = []
    for (const answer of answers) jobs.push(await finish(bed, jobOf(answer).id))
    expect(jobs.map(({ state }) => state)).toEqual(texts.map(() => 'succeeded'))
    const messages = await ledgerOf(talk, 'message')
    expect(messages.map(({ verdict }) => verdict)).toEqual(texts.map(() => 'accepted'))
    const charges = await ledgerOf(talk, 'charge')
    expect(charges.filter(({ action }) => action === 'freeze').map(({ turn_id }) => turn_id)).toEqual(
      messages.slice(0, charges.length / 2).map(({ turn_id }) => turn_id),
    )
    for (const [index, job] of jobs.slice(1).entries())
      expect(Date.parse(job.started_at ?? '')).toBeGreaterThanOrEqual(
        Date.parse(jobs[index]?.finished_at ?? ''),
      )
  })

  test('renders only when asked to, whatever the agent says', async () => {
    const talk = await begin(bed, { language: 'en' })
    const made = await talk.ask('a paper boat in the rain')
    expect(made.body.reply).toContain('*export*')
    expect(made.body.reply).not.toMatch(/click|drag/i)
    expect(await ledgerOf(talk, 'render')).toEqual([])
    const exported = await talk.ask('please export the video')
    expect(exported).toMatchObject({ status: 200, body: { action: 'export' } })
    expect(exported.body.reply).toMatch(/^Your video is ready: \d+×\d+, \d/)
    expect(jobOf(exported)).toMatchObject({ purpose: 'export', prompt: '', credits: { spent: 0 } })
    expect(await ledgerOf(talk, 'render')).toHaveLength(1)
    expect(await ledgerOf(talk, 'message')).toHaveLength(1)
    const file = await bed.fetch(`/v1/artifacts/${jobOf(exported).artifact?.id}/content`)
    expect(file.status).toBe(200)
    await file.body?.cancel()
  })

  test('understands Chinese and answers in it, its phrases for the web page included', async () => {
    const talk = await begin(bed, { language: 'zh' })
    const made = await talk.ask('做一个日落的视频')
    expect(made.body.reply).toMatch(/“导出”/)
    expect(made.body.reply).not.toMatch(/点击|拖拽/)
    expect((await talk.say('积分')).body).toMatchObject({ action: 'credits' })
    expect((await talk.say('状态')).body).toMatchObject({ action: 'status' })
    const exported = await talk.ask('导出')
    expect(exported.body.reply).toMatch(/^视频已准备好：/)
    expect(await ledgerOf(talk, 'message')).toHaveLength(1)
  })

  test('sends what only sounds like a command to the agent', async () => {
    const talk = await begin(bed)
    const texts = [
      'download the vibe of this song into a clip of waves',
      'add a status bar',
      'save the intro for later',
    ]
    for (const text of texts) expect((await talk.ask(text)).body.action).toBe('generate')
    expect(await ledgerOf(talk, 'message')).toHaveLength(3)
  })

  test('answers at once, and without the agent, what needs none', async () => {
    const talk = await begin(bed, { language: 'en' })
    const early = await talk.say('status')
    expect(early).toMatchObject({ status: 200, body: { action: 'status' } })
    expect(early.body.timeline).toBeUndefined()
    const nothing = await talk.say('export')
    expect(nothing).toMatchObject({ status: 200, body: { action: 'export' } })
    expect(nothing.body.job).toBeUndefined()
    await talk.ask('a clock tower at noon')
    const credits = await talk.say('how many credits are left?')
    expect(credits.body.credits?.available).toBeGreaterThan(0)
    const status = await talk.say('show tracks')
    expect(status.body.timeline).toMatchObject({ exportable: true, summary: status.body.reply })
    await talk.ask('add subtitles')
    const subtitles = await talk.say('download the subtitles as vtt')
    expect(subtitles.body).toMatchObject({ action: 'subtitles', subtitles: { format: 'vtt' } })
    expect(subtitles.body.subtitles?.content).toMatch(/^WEBVTT\n/)
    expect(await ledgerOf(talk, 'message')).toHaveLength(2)
  })

  test('has nothing to export while no message of it has made anything', async () => {
    const talk = await begin(bed, { language: 'en' })
    const fresh = (await talk.say('export')).body
    await bed.setFault({ set: { 'generation.fail': true }, times: 1 })
    await talk.ask('a paper boat in the rain')
    expect(await talk.say('export')).toMatchObject({ status: 200, body: fresh })
    const refused = await post(bed, `/v1/sessions/${talk.id}/exports`)
    expect(refused).toMatchObject({ status: 409, body: { code: 'no_draft' } })
    await talk.ask('a paper boat in the rain')
    expect(jobOf(await talk.ask('export')).state).toBe('succeeded')
  })

  test('takes a question whether it was exported for no export', async () => {
    const talk = await begin(bed)
    await talk.ask('a kite over the sea')
    for (const text of ['导出了吗？', '导出了', 'has it been exported?'])
      expect(await talk.say(text)).toMatchObject({ status: 200, body: { action: 'status' } })
    expect(await ledgerOf(talk, 'message')).toHaveLength(1)
    expect(await ledgerOf(talk, 'render')).toHaveLength(0)
  })

  test('shows its draft, as tracks and as subtitles', async () => {
    const talk = await begin(bed)
    expect((await talk.get('/timeline')).status).toBe(409)
    await talk.ask('a city at night')
    expect((await talk.get('/timeline')).body).toMatchObject({ exportable: true })
    const subtitles = await talk.get<string>('/timeline?format=srt')
    expect(subtitles.headers.get('content-disposition')).toBe(`attachment; filename="${talk.id}.srt"`)
  })

  test('renders its draft by a call, and lists what was rendered', async () => {
    const talk = await begin(bed)
    const place = `/v1/sessions/${talk.id}/exports`
    expect(await post(bed, place)).toMatchObject({ status: 409, body: { code: 'no_draft' } })
    await talk.ask('a red balloon')
    const headers = { prefer: 'wait=60', 'idempotency-key': talk.id }
    const exported = await post<{ id: string }>(bed, place, { tags: ['final'] }, headers)
    expect(exported).toMatchObject({ status: 200, body: { purpose: 'export', tags: ['final'] } })
    const replayed = await post<{ id: string }>(bed, place, { tags: ['final'] }, headers)
    expect(replayed).toMatchObject({ status: 202, body: { id: exported.body.id } })
    const { body } = await talk.get<Page<{ id: string }>>('/exports')
    expect(body.data.map(({ id }) => id)).toEqual([exported.body.id])
    expect(await talk.history()).toHaveLength(2)
  })

  test('keeps what was said, and who said it', async () => {
    const talk = await begin(bed, { language: 'en' })
    const made = await talk.ask('a snowman')
    await talk.say('status')
    const history = await talk.history()
    expect(history.map(({ role, action, text }) => [role, action, text])).toEqual([
      ['user', 'generate', 'a snowman'],
      ['assistant', 'generate', made.body.reply],
      ['user', 'status', 'status'],
      ['assistant', 'status', jobOf(made).timeline],
    ])
    expect(history[0]?.job_id).toBe(jobOf(made).id)
    const page = await talk.get<{ data: unknown[]; next_cursor: string }>('/messages?limit=3')
    const next = await talk.get<{ data: unknown[] }>(`/messages?limit=3&cursor=${page.body.next_cursor}`)
    expect([...page.body.data, ...next.body.data]).toEqual(history)
  })

  test('streams a reply, and ends with what a client without a stream reads', async () => {
    const talk = await begin(bed, { language: 'en' })
    const headers = { 'idempotency-key': talk.id }
    const events = await talk.stream('a train in the mountains', headers)
    expect(events[0]?.event).toBe('accepted')
    const types = events.map(({ event }) => event)
    expect(types).toContain('job.message')
    expect(types).toContain('job.progress')
    expect(types.slice(-2)).toEqual(['job.succeeded', 'done'])
    const done = JSON.parse(events.at(-1)?.data ?? '')
    expect(done).toMatchObject({ action: 'generate', job: { state: 'succeeded' } })
    expect((await talk.history())[1]?.text).toBe(done.reply)
    const again = await talk.stream('a train in the mountains', headers)
    expect(again.at(-1)?.data).toBe(events.at(-1)?.data)
    expect(await ledgerOf(talk, 'message')).toHaveLength(1)
    const status = await talk.stream('status')
    expect(status.map(({ event }) => event)).toEqual(['done'])
  })

  test('answers the same message once under one key', async () => {
    const talk = await begin(bed)
    const headers = { 'idempotency-key': 'one' }
    const first = await talk.say('a kite over a beach', headers)
    const again = await talk.say('a kite over a beach', headers)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
    expect(jobOf(again)).toEqual(jobOf(first))
    expect(await talk.say('another kite', headers)).toMatchObject({ status: 422 })
    await finish(bed, jobOf(first).id)
    const status = { 'idempotency-key': 'two' }
    expect((await talk.say('status', status)).body).toEqual((await talk.say('status', status)).body)
    expect(await talk.history()).toHaveLength(4)
  })
})
