import { createHash } from 'node:crypto'
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny'
import { expect, test, vi } from 'vitest'
import { createClient, dataOf, partsOf, quickSeed, setup } from './support.ts'

test('a stranger with a client id gets from a token to a file', async () => {
  const { sandbox } = await setup()
  const stranger = createClient(sandbox.url)
  const token = dataOf<{ token: string; user_id: string; credits: number; expires_at: string }>(
    await stranger.post('/api/auth/anonymous-token', undefined, { 'x-client-id': 'c-1', authorization: '' }),
  )
  expect(token.token).toMatch(/^nmv_usr_/)
  expect(token.credits).toBe(100)
  expect(Date.parse(token.expires_at) - Date.now()).toBeGreaterThan(6.9 * 86_400_000)

  const client = createClient(sandbox.url, token.token)
  const session = await client.newSession({ task_name: 'project', language: 'en' })
  expect(session.session_id).toMatch(/^\d{19}$/)
  expect(BigInt(session.session_id)).toBeGreaterThan(2n ** 53n)
  expect(session.user_id).toBe(token.user_id)
  expect(await client.balance()).toEqual({ available: 100, frozen: 0, total: 100 })

  const reply = await client.send(session.session_id, 'a fox running through a snowy forest')
  expect(reply.status).toBe(200)
  expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(reply.texts).toHaveLength(3)
  expect(await client.balance()).toEqual({ available: 0, frozen: 0, total: 0 })

  const submitted = await client.submit(session.session_id, 'render_1')
  expect(submitted.body).toEqual({ success: true, data: { id: 'render_1', status: 'pending', progress: 5 } })
  const { output } = await client.rendered('render_1')
  const file = await fetch(output.url)
  const bytes = Buffer.from(await file.arrayBuffer())
  expect(bytes.length).toBe(output.size)
  expect(bytes.toString('latin1', 4, 8)).toBe('ftyp')

  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(await client.ledger('download')).toMatchObject([{ render_id: 'render_1', sha256, is_whole: true }])
  expect(await client.ledger('render_end')).toMatchObject([{ status: 'completed', sha256 }])
})

test('a generation has two stages, with the tools and the state that the protocol shows', async () => {
  const { client } = await setup()
  const session = await client.newSession()
  const { frames } = await client.send(session.session_id, 'a fox running through a snowy forest')
  expect(partsOf(frames)).toMatchObject([
    { text: 'Starting the generation now.' },
    { functionCall: { name: 'generate_video_with_seedance' } },
    { functionResponse: { name: 'generate_video_with_seedance', response: { status: 'success' } } },
    { text: expect.stringContaining('Raw clip finished') },
    { functionCall: { name: 'edit_multitrack', args: { op: 'add_tracks' } } },
    { functionResponse: { name: 'edit_multitrack', response: { status: 'success' } } },
    { text: expect.stringContaining('click Export') },
  ])
  const state = await client.state(session.session_id)
  expect(state.draft.t.map((track) => track.tt)).toEqual([0, 1, 7])
  expect(state.video_infos).toHaveLength(1)
  const [media] = state.generated_media
  expect(media?.url).toMatch(new RegExp(`^${client.url}/cdn/gen/clip_[0-9a-f]{16}\\.mp4$`))
})

test('the raw clip is in the state before the music and the title are', async () => {
  const { client } = await setup({ timeFactor: 1 / 40, seed: quickSeed })
  const session = await client.newSession()
  const turn = client.send(session.session_id, 'a fox')
  await vi.waitFor(
    async () => {
      const { draft } = await client.state(session.session_id)
      expect(draft.t?.map((track) => track.tt)).toEqual([0])
    },
    { interval: 5, timeout: 15_000 },
  )
  expect(await client.balance()).toEqual({ available: 900, frozen: 100, total: 1000 })
  await turn
  expect((await client.state(session.session_id)).draft.t).toHaveLength(3)
  expect(await client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})

test('a generated clip is rendered when it is asked for, once', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const url = (await client.state(session_id)).generated_media[0]?.url ?? ''
  const files = await Promise.all([fetch(url), fetch(url)])
  const [first, second] = await Promise.all(files.map(async (file) => Buffer.from(await file.arrayBuffer())))
  expect(first?.toString('latin1', 4, 8)).toBe('ftyp')
  expect(second).toEqual(first)
})

test('the real user id and the legacy routes work as well', async () => {
  const { client } = await setup()
  const { user_id } = await client.newSession()
  const session = dataOf<{ session_id: string }>(
    await client.post(`/api/tasks/${user_id}/with-session/nemo_agent`, { task_name: 'x' }),
  )
  const turn = await client.post('/run_sse', { ...client.message(session.session_id, 'a whale'), user_id })
  expect(turn.status).toBe(200)
  const state = await client.get(`/api/state/nemo_agent/${user_id}/${session.session_id}/latest`)
  expect(state.body).toMatchObject({ code: 0, data: { user_id, task_name: 'x' } })

  const { draft } = await client.state(session.session_id)
  await client.post('/api/render/proxy/draft', { id: 'legacy', sessionId: session.session_id, draft })
  await vi.waitFor(async () => {
    const { body } = await client.get('/api/render/proxy/legacy')
    expect(body).toMatchObject({ taskId: 'legacy', status: 'completed', output: { url: expect.any(String) } })
  })
})

test('a message may spell its keys in camel case, and be without a user', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const reply = await client.post('/run_sse', {
    appName: 'nemo_agent',
    sessionId: session_id,
    newMessage: { role: 'user', parts: [{ text: 'a whale' }] },
  })
  expect(reply.text).toContain('generate_video_with_seedance')
})

test('the agent answers in the language of its session', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession({ task_name: 'project', language: 'zh-CN' })
  const { texts } = await client.send(session_id, 'a fox')
  expect(texts.at(-1)).toContain('点击导出按钮')
})

test('URLs name the host that the client used', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const port = new URL(client.url).port
  const local = createClient(`http://localhost:${port}`)
  expect((await local.state(session_id)).generated_media[0]?.url).toMatch(
    new RegExp(`^http://localhost:${port}/cdn/`),
  )
})

test('the music on the timeline can be heard', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const { draft } = await client.state(session_id)
  const music = draft.t[1]?.sg[0]?.['m'] as { src: string } | undefined
  const file = await fetch(music?.src ?? '')
  expect([file.status, file.headers.get('content-type')]).toEqual([200, 'audio/wav'])
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(await file.arrayBuffer()) })
  expect(await input.computeDuration()).toBe(4)
})
