import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { access, never } from './nemo-setup.ts'
import { createSession, sendMessage, setupSandbox } from './sandbox-setup.ts'

const prompt = 'make a 5 s clip of a city at night'
const answered = { outcome: 'ended', turn: { kind: 'answered', error: null } }

/** What the sandbox can do to a message, and what must be known of it afterwards. */
const rows: [string, Record<string, unknown>, object][] = [
  ...['adk', 'js', 'flat', 'textOnly', 'partial'].map(
    (dialect): [string, Record<string, unknown>, object] => [
      `the dialect ${dialect}`,
      { 'stream.dialect': dialect },
      answered,
    ],
  ),
  ...['none', 'json', 'comment', 'event', 'word', 'blank', 'mixed'].map(
    (heartbeat): [string, Record<string, unknown>, object] => [
      `heartbeats of the kind ${heartbeat}`,
      { 'stream.heartbeat': heartbeat },
      answered,
    ],
  ),
  ...['py', 'pySynthetic', 'pyNewest', 'js', 'go'].map((frame): [string, Record<string, unknown>, object] => [
    `an error frame of ${frame}`,
    { 'stream.errorFrame': frame },
    { outcome: 'ended', turn: { kind: 'error' } },
  ]),
  [
    'a failure of the model',
    { 'stream.modelError': 'SAFETY' },
    { outcome: 'ended', turn: { kind: 'error' } },
  ],
  ['a cut stream', { 'stream.cutAfterFrames': 2 }, { outcome: expect.stringMatching(/^(broken|unknown)$/) }],
  ['a stream that is cut at once', { 'stream.cutAfterFrames': 0 }, { outcome: 'unknown' }],
  ['a stream that ends early', { 'stream.endAfterFrames': 3 }, { outcome: 'ended' }],
  ['a half-open stream', { 'stream.halfOpenAfterFrames': 2 }, { outcome: 'broken' }],
  ['a stream that stays open', { 'stream.noClose': true }, answered],
  ['trailing noise', { 'stream.trailingNoise': true }, answered],
  ['frames that come twice', { 'stream.duplicateFrames': true }, answered],
  ['garbled frames', { 'stream.garbled': true }, { outcome: 'ended' }],
  ['a generation that fails', { 'generation.fail': true }, answered],
  ['a question', { 'generation.asksQuestion': true }, answered],
  ['HTTP 503', { 'http.status': 503 }, { outcome: 'undecided', httpStatus: 503 }],
  ['HTTP 500 after the work', { 'http.statusAfter': 500 }, { outcome: 'undecided', httpStatus: 500 }],
  [
    'HTTP 429',
    { 'http.rateLimit': { retryAfterS: 3 } },
    { outcome: 'rejected', error: { code: 'provider_rate_limited', retryAfterMs: 3_000 } },
  ],
  [
    '1002 in HTTP 200',
    { 'http.errorIn200': 1002 },
    { outcome: 'rejected', error: { code: 'provider_session_lost' } },
  ],
  [
    '2001 in HTTP 200',
    { 'http.errorIn200': 2001 },
    { outcome: 'rejected', error: { code: 'out_of_credits' } },
  ],
  ['a reset before the work', { 'http.reset': 'before' }, { outcome: 'unknown' }],
  ['a reset after the work', { 'http.reset': 'after' }, { outcome: 'unknown' }],
  ['no answer', { 'http.noAnswer': 'after' }, { outcome: 'unknown' }],
]

describe('a message to a sandbox that misbehaves', () => {
  it.each(rows)('survives %s', async (_name, set, expected) => {
    const { provider, fault } = await setupSandbox()
    const { sessionId } = await createSession(provider)
    await fault(set, { endpoint: 'run_sse' })
    const { result, events } = await sendMessage(provider, sessionId, prompt)
    expect(result).toMatchObject(expected)
    const isAccepted = result.outcome === 'ended' || result.outcome === 'broken'
    expect(events.filter((event) => event === 'accepted')).toHaveLength(isAccepted ? 1 : 0)
  })

  it('hears every dialect alike', async () => {
    const heard = await Promise.all(
      ['adk', 'js', 'partial'].map(async (dialect) => {
        const { provider, fault } = await setupSandbox()
        const { sessionId } = await createSession(provider)
        await fault({ 'stream.dialect': dialect })
        const { texts, result } = await sendMessage(provider, sessionId, prompt)
        return { texts, toolNames: result.outcome === 'ended' ? result.turn.toolNames : [] }
      }),
    )
    expect(heard[1]).toEqual(heard[0])
    expect(heard[2]).toEqual(heard[0])
  })

  it('names the account to register when the credits are used up', async () => {
    const { provider, fault } = await setupSandbox()
    const { sessionId } = await createSession(provider)
    await fault({ 'credits.exhausted': true })
    const { result } = await sendMessage(provider, sessionId, prompt)
    if (result.outcome !== 'rejected') expect.fail(result.outcome)
    expect(result.error.code).toBe('out_of_credits')
    expect(result.error.message).toMatch(/https:\/\/nemovideo\.com\/register\?bind=\w+/)
  })
})

describe('a render of a sandbox that misbehaves', () => {
  const setup = async (set: Record<string, unknown>) => {
    const { provider, fault } = await setupSandbox()
    const { sessionId } = await createSession(provider)
    await sendMessage(provider, sessionId, prompt)
    const { draft } = await provider.readSession(access, sessionId, never)
    await fault(set)
    const render = { renderId: 'render_1', sessionId, draft: draft ?? {}, output: { format: 'mp4' } }
    return { provider, fault, submit: () => provider.submitRender(access, render, never) }
  }
  const ended = async (provider: Awaited<ReturnType<typeof setup>>['provider']) =>
    expect
      .poll(() => provider.readRender(access, 'render_1', never), { timeout: 10_000 })
      .toMatchObject({ status: expect.stringMatching(/completed|failed|unknown/) })

  it.each(['R1', 'R2', 'R3'])('is read in the shape %s', async (shape) => {
    const { provider, submit } = await setup({ 'render.shape': shape })
    expect(await submit()).toEqual({ outcome: 'submitted' })
    await ended(provider)
    const status = await provider.readRender(access, 'render_1', never)
    expect(status).toMatchObject({ status: 'completed', url: expect.stringMatching(/^http/) })
  })

  it.each(['conflict', 'badRequest', 'errorIn200', 'existing'])(
    'is not made twice: %s',
    async (duplicate) => {
      const { submit } = await setup({ 'render.duplicate': duplicate })
      expect(await submit()).toEqual({ outcome: 'submitted' })
      const second = await submit()
      expect(second).toEqual({ outcome: duplicate === 'existing' ? 'submitted' : 'duplicate' })
    },
  )

  it('may fail, be forgotten, or have no URL', async () => {
    const failing = await setup({ 'render.fail': true })
    await failing.submit()
    await ended(failing.provider)
    expect(await failing.provider.readRender(access, 'render_1', never)).toMatchObject({ status: 'failed' })
    const forgetful = await setup({ 'render.forgetful': true })
    await forgetful.submit()
    expect(await forgetful.provider.readRender(access, 'render_1', never)).toEqual({ status: 'unknown' })
    const urlless = await setup({ 'render.completedNoUrl': true })
    await urlless.submit()
    await ended(urlless.provider)
    expect(await urlless.provider.readRender(access, 'render_1', never)).toEqual({
      status: 'completed',
      url: null,
    })
  })

  it.each(['empty', 'notFound', 'html'])(
    'is downloaded by the other route when its file is %s',
    async (mode) => {
      const { provider, submit, fault } = await setup({})
      await fault({ 'download.mode': mode }, { endpoint: 'cdn_render' })
      await submit()
      await ended(provider)
      const status = await provider.readRender(access, 'render_1', never)
      if (status.status !== 'completed') expect.fail(status.status)
      const { body } = await provider.download(access, { renderId: 'render_1', url: status.url }, never)
      expect((await buffer(body)).subarray(4, 8).toString('latin1')).toBe('ftyp')
    },
  )

  it('is refused for want of a plan', async () => {
    const { provider, fault } = await setupSandbox()
    const { sessionId } = await createSession(provider)
    await sendMessage(provider, sessionId, prompt)
    const { draft } = await provider.readSession(access, sessionId, never)
    await fault({ 'http.status': 402 }, { endpoint: 'render_submit' })
    const render = { renderId: 'render_1', sessionId, draft: draft ?? {}, output: { format: 'mp4' } }
    await expect(provider.submitRender(access, render, never)).rejects.toMatchObject({
      code: 'export_not_allowed',
    })
  })
})

describe('a sandbox that maps its codes to HTTP', () => {
  it('is understood alike', async () => {
    const { provider, fault } = await setupSandbox()
    await fault({ 'errors.httpMapped': true })
    const stranger = { ...access, token: 'nmv_usr_nobody' }
    await expect(provider.readCredits(stranger, never)).rejects.toMatchObject({
      code: 'provider_auth_failed',
    })
    await expect(provider.readSession(access, '1', never)).rejects.toMatchObject({
      code: 'provider_session_lost',
    })
    const { sessionId } = await createSession(provider)
    await fault({ 'credits.exhausted': true })
    const { result } = await sendMessage(provider, sessionId, prompt)
    expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'out_of_credits', httpStatus: 402 } })
  })
})
