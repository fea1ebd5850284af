import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type MediaFile, ProviderError } from '../../../src/providers/provider.ts'
import { createManualClock } from '../../support/clock.ts'
import { access, never, openProvider, setup, timings } from './nemo-setup.ts'
import { closedPortUrl } from './scripted-server.ts'

const render = {
  renderId: 'render_1',
  sessionId: '5529798706099999999',
  draft: { t: [] },
  output: { format: 'mp4' },
}

const failureOf = async (promise: Promise<unknown>): Promise<ProviderError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof ProviderError) return error
  throw new Error(`expected a ProviderError, got ${String(error)}`)
}

const fileOf = (content: string, more: Partial<MediaFile> = {}): MediaFile => ({
  filename: 'street.mp4',
  contentType: 'video/mp4',
  sizeBytes: Buffer.byteLength(content),
  open: async () => Readable.from([Buffer.from(content)]),
  ...more,
})

describe('a token', () => {
  it('is asked for by client id, without credentials and without a body', async () => {
    const { server, provider } = await setup((_received, reply) =>
      reply.json({
        code: 0,
        data: { token: 'nmv_usr_NEW', user_id: 'anon_5f', credits: 100, expires_at: '2026-04-01T00:00:00Z' },
      }),
    )
    expect(await provider.requestToken('client-1', access.attribution, never)).toEqual({
      token: 'nmv_usr_NEW',
      userId: 'anon_5f',
      credits: 100,
      expiresAtMs: Date.parse('2026-04-01T00:00:00Z'),
    })
    const [request] = server.received
    expect(request).toMatchObject({ method: 'POST', path: '/api/auth/anonymous-token', body: '' })
    expect(request?.headers).toMatchObject({
      'x-client-id': 'client-1',
      'x-skill-source': 'free-video-generation-api',
    })
    expect(request?.headers).not.toHaveProperty('authorization')
  })

  it('may come alone', async () => {
    const { provider } = await setup((_received, reply) => reply.json({ code: 0, data: { token: 'x' } }))
    expect(await provider.requestToken('c', access.attribution, never)).toEqual({
      token: 'x',
      userId: null,
      credits: null,
      expiresAtMs: null,
    })
  })

  it('that is missing from the answer is not asked for again', async () => {
    const { provider } = await setup((_received, reply) => reply.json({ code: 0, data: {} }))
    expect(await failureOf(provider.requestToken('c', access.attribution, never))).toMatchObject({
      code: 'provider_auth_failed',
      evidence: 'answered',
    })
  })

  it('is not asked for with a client id that cannot be one', async () => {
    const { server, provider } = await setup((_received, reply) => reply.json({}))
    for (const clientId of ['x'.repeat(65), 'a\r\nb', '']) {
      await expect(async () =>
        provider.requestToken(clientId, access.attribution, never),
      ).rejects.toMatchObject({
        evidence: 'not_sent',
      })
    }
    expect(server.received).toEqual([])
  })
})

describe('every call', () => {
  it('carries the attribution and the token, below the path of the API', async () => {
    const { server } = await setup(({ path }, reply) => {
      if (path.includes('/credits/')) reply.json({ code: 0, data: { available: 1 } })
      else
        reply.json({
          code: 0,
          data: { session_id: 's', state: {}, files: [], status: 'pending', claim_token: 'clm_1' },
        })
    })
    const provider = openProvider(`${server.url}/nemo/`)
    const session = { taskName: 'project', language: 'en' }
    await provider.createSession(access, session, never)
    await provider.uploadFile(access, 's/1', fileOf('x'), never)
    await provider.uploadUrl(access, 's/1', 'https://x.test/a.mp4', never)
    await provider.readSession(access, 's/1', never)
    await provider.readCredits(access, never)
    await provider.submitRender(access, render, never)
    await provider.readRender(access, 'r/1', never)
    await provider.cancelRender(access, 'r/1', never)
    await provider.createBrowserLink(access, { taskId: 't', sessionId: 's' }, never)
    expect(server.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /nemo/api/tasks/me/with-session/nemo_agent',
      'POST /nemo/api/upload-video/nemo_agent/me/s%2F1',
      'POST /nemo/api/upload-video/nemo_agent/me/s%2F1',
      'GET /nemo/api/state/nemo_agent/me/s%2F1/latest',
      'GET /nemo/api/credits/balance/simple',
      'POST /nemo/api/render/proxy/lambda',
      'GET /nemo/api/render/proxy/lambda/r%2F1',
      'POST /nemo/api/render/proxy/lambda/r%2F1/cancel',
      'POST /nemo/api/auth/claim-token',
    ])
    for (const { headers } of server.received) {
      expect(headers).toMatchObject({
        authorization: 'Bearer nmv_usr_SECRET0001',
        'x-skill-source': 'free-video-generation-api',
        'x-skill-version': '1.0.0',
        'x-skill-platform': 'unknown',
      })
    }
  })

  it('keeps the token out of its errors', async () => {
    const { provider } = await setup((_received, reply) =>
      reply.json({ code: 1001, message: `token ${access.token} is bad` }, 401),
    )
    const error = await failureOf(provider.readCredits(access, never))
    expect(error.code).toBe('provider_auth_failed')
    expect(JSON.stringify([error.message, error.stack, error])).not.toContain('SECRET')
  })

  it('says what is known when no answer came', async () => {
    const refused = await failureOf(openProvider(await closedPortUrl()).readCredits(access, never))
    expect(refused).toMatchObject({ code: 'provider_unavailable', evidence: 'not_sent' })
    const { provider } = await setup((_received, { socket }) => socket.resetAndDestroy())
    const reset = await failureOf(provider.createSession(access, { taskName: 'p', language: '' }, never))
    expect(reset).toMatchObject({ code: 'provider_unavailable', evidence: 'unknown' })
  })

  it('is tried once', async () => {
    const { server, provider } = await setup((_received, reply) =>
      reply.json({}, 503, { 'retry-after': '3' }),
    )
    expect(await failureOf(provider.readCredits(access, never))).toMatchObject({
      code: 'provider_unavailable',
      evidence: 'answered',
      httpStatus: 503,
      retryAfterMs: 3_000,
    })
    expect(server.received).toHaveLength(1)
  })

  it('follows a redirect within the origin, for reads only', async () => {
    const { server, provider } = await setup(({ path }, reply) => {
      if (path === '/moved') reply.json({ code: 0, data: { available: 5 } })
      else reply.json({}, 307, { location: '/moved' })
    })
    expect(await provider.readCredits(access, never)).toEqual({ available: 5, frozen: 0, total: 5 })
    await failureOf(provider.createSession(access, { taskName: 'p', language: '' }, never))
    expect(server.paths()).toHaveLength(3)
  })

  it('follows no redirect to another origin, and no circle', async () => {
    const other = await setup((_received, reply) => reply.json({ code: 0, data: { available: 5 } }))
    const { provider } = await setup((_received, reply) =>
      reply.json({}, 302, { location: other.server.url }),
    )
    await failureOf(provider.readCredits(access, never))
    expect(other.server.received).toEqual([])
    const circle = await setup(({ path }, reply) => reply.json({}, 302, { location: path }))
    await failureOf(circle.provider.readCredits(access, never))
    expect(circle.server.received).toHaveLength(4)
  })

  it('gives up an answer that is too large', async () => {
    const { provider } = await setup(({ path: _path }, { response }) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const pour = (): void => {
        while (!response.destroyed && response.write(' '.repeat(1024 * 1024)));
        if (!response.destroyed) response.once('drain', pour)
      }
      pour()
    })
    expect(await failureOf(provider.readCredits(access, never))).toMatchObject({
      message: expect.stringContaining('an answer of over 16777216 bytes'),
    })
  })

  it('gives up an answer that trickles', async () => {
    const clock = createManualClock()
    const { provider } = await setup(
      (_received, { response }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('{"code"')
        setImmediate(() => clock.advance(2 * timings.callTimeoutMs))
      },
      { clock },
    )
    expect(await failureOf(provider.readCredits(access, never))).toMatchObject({
      evidence: 'unknown',
      message: expect.stringContaining('no complete answer within 60000 ms'),
    })
    expect(clock.pendingTimers).toBe(0)
  })

  it('ends when its job is canceled', async () => {
    const cancel = new AbortController()
    const { provider } = await setup(() => cancel.abort())
    expect((await failureOf(provider.readCredits(access, cancel.signal))).evidence).toBe('unknown')
  })
})

describe('a session', () => {
  it('keeps ids that no double can hold, as strings or numbers', async () => {
    for (const id of ['"5529798706099999999"', '5529798706099999999']) {
      const { provider, server } = await setup((_received, { response }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(`{"code":0,"data":{"task_id":"task_7Q2","session_id":${id},"user_id":"anon_5f"}}`)
      })
      expect(await provider.createSession(access, { taskName: 'project', language: 'zh-CN' }, never)).toEqual(
        {
          sessionId: '5529798706099999999',
          taskId: 'task_7Q2',
          userId: 'anon_5f',
        },
      )
      expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({ task_name: 'project', language: 'zh-CN' })
    }
  })

  it('without an id is an unreadable answer', async () => {
    const { provider } = await setup((_received, reply) => reply.json({ code: 0, data: {} }))
    expect(
      await failureOf(provider.createSession(access, { taskName: 'p', language: '' }, never)),
    ).toMatchObject({
      code: 'provider_unavailable',
      evidence: 'answered',
    })
  })

  it.each([
    { code: 0 },
    { code: 0, data: null },
    { code: 0, data: { session_id: '1', state: null } },
    [],
    'x',
  ])('is not taken for empty when the answer is %j', async (body) => {
    const { provider } = await setup((_received, reply) => reply.json(body))
    expect(await failureOf(provider.readSession(access, '1', never))).toMatchObject({
      code: 'provider_unavailable',
    })
  })

  it('is lost on 1002 and on 404', async () => {
    const { provider } = await setup(({ path }, reply) => {
      if (path.includes('/a/')) reply.json({ code: 1002 })
      else reply.json({ detail: 'Session not found' }, 404)
    })
    expect((await failureOf(provider.readSession(access, 'a', never))).code).toBe('provider_session_lost')
    expect((await failureOf(provider.readSession(access, 'b', never))).code).toBe('provider_session_lost')
  })

  it('has a balance, whose total may be left out', async () => {
    const { provider } = await setup((_received, reply) =>
      reply.json({ code: 0, data: { available: 60, frozen: 40, total: 100 } }),
    )
    expect(await provider.readCredits(access, never)).toEqual({ available: 60, frozen: 40, total: 100 })
    const other = await setup((_received, reply) => reply.json({ code: 0, data: { frozen: 40 } }))
    expect((await failureOf(other.provider.readCredits(access, never))).code).toBe('provider_unavailable')
  })

  it('is opened in a browser by a claim token', async () => {
    const { server, provider } = await setup((_received, reply) =>
      reply.json({ code: 0, data: { claim_token: 'clm_a+b', expires_in: 604800 } }),
    )
    const link = await provider.createBrowserLink(access, { taskId: 'task_1', sessionId: '55' }, never)
    expect(link).toBe('https://nemovideo.com/workspace/claim?ct=clm_a%2Bb')
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({ task_id: 'task_1', session_id: '55' })
  })
})

describe('an upload', () => {
  const uploaded = {
    code: 0,
    data: {
      files: [
        {
          filename: 'street.mp4',
          file_type: 'video',
          cdn_url: 'https://cdn.example.test/s.mp4',
          duration: 30.5,
          hash: '9b',
        },
      ],
      session_state_applied: true,
    },
  }

  it('streams the file as the form field "files"', async () => {
    const { server, provider } = await setup((_received, reply) => reply.json(uploaded))
    const file = fileOf('hello', { filename: 'a"b\r\n".mp4' })
    expect(await provider.uploadFile(access, '1', file, never)).toMatchObject([
      {
        filename: 'street.mp4',
        kind: 'video',
        url: 'https://cdn.example.test/s.mp4',
        durationMs: 30_500,
        hash: '9b',
      },
    ])
    const [request] = server.received
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(
      request?.headers['content-type'] ?? '',
    )?.[1]
    expect(request?.body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="a%22b%0D%0A%22.mp4"\r\n` +
        `Content-Type: video/mp4\r\n\r\nhello\r\n--${boundary}--\r\n`,
    )
    expect(request?.headers['content-length']).toBe(String(Buffer.byteLength(request?.body ?? '')))
    expect(request?.headers).not.toHaveProperty('transfer-encoding')
  })

  it('is read from the file as fast as it is sent, and no faster', async () => {
    const sizeBytes = 64 * 1024 * 1024
    let givenBytes = 0
    let givenAtFirst = 0
    const open = async (): Promise<Readable> =>
      Readable.from(
        (function* () {
          for (const chunk = Buffer.alloc(64 * 1024); givenBytes < sizeBytes; givenBytes += chunk.length)
            yield chunk
        })(),
        { objectMode: false },
      )
    const { provider } = await setup(
      (_received, reply) => reply.json(uploaded),
      {},
      () => {
        givenAtFirst = givenBytes
      },
    )
    await provider.uploadFile(access, '1', fileOf('', { sizeBytes, open }), never)
    expect(givenBytes).toBe(sizeBytes)
    expect(givenAtFirst).toBeLessThan(sizeBytes / 2)
  })

  it('of a URL is one JSON call', async () => {
    const { server, provider } = await setup((_received, reply) => reply.json(uploaded))
    await provider.uploadUrl(access, '1', 'https://x.test/a.mp4', never)
    expect(JSON.parse(server.received[0]?.body ?? '')).toEqual({
      urls: ['https://x.test/a.mp4'],
      source_type: 'url',
    })
  })

  it.each([
    [200, { code: 4001 }, 'unsupported_media_type'],
    [415, { code: 4001 }, 'unsupported_media_type'],
    [413, {}, 'media_too_large'],
    [200, { code: 4002 }, 'media_too_large'],
    [404, { detail: 'Session not found' }, 'provider_session_lost'],
  ])('answered with HTTP %i and %j fails with %s', async (status, body, code) => {
    const { provider } = await setup((_received, reply) => reply.json(body, status))
    expect(await failureOf(provider.uploadFile(access, '1', fileOf('x'), never))).toMatchObject({ code })
  })

  it('does not begin when the file cannot be opened', async () => {
    const { server, provider } = await setup((_received, reply) => reply.json(uploaded))
    const open = () => Promise.reject(new Error('gone'))
    await expect(provider.uploadFile(access, '1', fileOf('x', { open }), never)).rejects.toThrow('gone')
    expect(server.received).toEqual([])
  })

  it('fails for our own storage when the file breaks off', async () => {
    const { server, provider } = await setup((_received, reply) => reply.json(uploaded))
    const open = async (): Promise<Readable> =>
      Readable.from(
        (async function* () {
          yield Buffer.from('he')
          throw new Error('the disk is gone')
        })(),
      )
    const error = await failureOf(provider.uploadFile(access, '1', fileOf('hello', { open }), never))
    expect(error).toMatchObject({ code: 'storage_failed', evidence: 'unknown' })
    expect(server.received).toEqual([])
  })

  it.each(['hell', 'hello!'])(
    'never passes for complete when the file turns out to be %j',
    async (content) => {
      const { server, provider } = await setup((_received, reply) => reply.json(uploaded))
      const open = async (): Promise<Readable> => Readable.from([Buffer.from(content)])
      await failureOf(provider.uploadFile(access, '1', fileOf('hello', { open }), never))
      expect(server.received).toEqual([])
    },
  )

  it('closes the file when nothing was sent', async () => {
    const content = Readable.from([Buffer.from('hello')])
    const provider = openProvider(await closedPortUrl())
    const error = await failureOf(
      provider.uploadFile(access, '1', fileOf('hello', { open: async () => content }), never),
    )
    expect(error.evidence).toBe('not_sent')
    expect(content.destroyed).toBe(true)
  })
})

describe('a render', () => {
  it('is submitted with the draft digit for digit', async () => {
    const text = '{"t":[{"tt":0,"sg":[{"d":1}]}],"id":5529798706099999999,"later":{"x":[null]}}'
    const { server, provider } = await setup(({ path }, { response, json }) => {
      if (!path.startsWith('/api/state/'))
        return json({ success: true, data: { status: 'pending', progress: 5 } })
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(`{"code":0,"data":{"state":{"draft":${text}}}}`)
    })
    const { draft } = await provider.readSession(access, '5529798706099999999', never)
    const output = { format: 'mp4', quality: 'high' }
    const submitted = await provider.submitRender(access, { ...render, draft: draft ?? {}, output }, never)
    expect(submitted).toEqual({ outcome: 'submitted' })
    expect(server.received[1]?.body).toBe(
      `{"id":"render_1","sessionId":"5529798706099999999","draft":${text},"output":{"format":"mp4","quality":"high"}}`,
    )
  })

  it.each<[number, unknown]>([
    [409, { success: false, error: 'duplicate id' }],
    [409, {}],
    [200, { success: false, error: 'Render render_1 already exists' }],
    [400, { code: 400, message: 'id taken' }],
    [200, { code: 409, message: 'conflict' }],
    [422, {}],
  ])('that is refused and is there is a duplicate: HTTP %i, %j', async (status, body) => {
    const { server, provider } = await setup(({ method }, reply) => {
      if (method === 'POST') reply.json(body, status)
      else reply.json({ success: true, data: { status: 'pending', progress: 5 } })
    })
    expect(await provider.submitRender(access, render, never)).toEqual({ outcome: 'duplicate' })
    expect(server.paths()).toEqual(['/api/render/proxy/lambda', '/api/render/proxy/lambda/render_1'])
  })

  it.each<[number, unknown, string]>([
    [402, { code: 402 }, 'export_not_allowed'],
    [403, {}, 'export_not_allowed'],
    [409, { success: false, error: 'another export is active in this session' }, 'provider_unavailable'],
    [200, { success: false, error: 'draft is invalid' }, 'provider_rejected'],
    [400, {}, 'provider_rejected'],
    [500, { error: 'duplicate key in our database' }, 'provider_unavailable'],
    [200, { code: 1002 }, 'provider_session_lost'],
    [200, { code: 1001 }, 'provider_auth_failed'],
  ])('that is refused with HTTP %i and %j and is not there fails with %s', async (status, body, code) => {
    const { provider } = await setup(({ method }, reply) => {
      if (method === 'POST') reply.json(body, status)
      else reply.json({ success: false, error: 'not found' }, 404)
    })
    expect((await failureOf(provider.submitRender(access, render, never))).code).toBe(code)
  })

  it('that is refused is not given up while nobody can say whether it is there', async () => {
    const { provider } = await setup(({ method }, reply) => reply.json({}, method === 'POST' ? 409 : 503))
    expect(await failureOf(provider.submitRender(access, render, never))).toMatchObject({
      code: 'provider_unavailable',
      evidence: 'answered',
    })
  })

  it.each<[number, unknown, object]>([
    [
      200,
      { success: true, data: { status: 'processing', progress: 40 } },
      { status: 'processing', progressPercent: 40 },
    ],
    [404, {}, { status: 'unknown' }],
    [404, '<html>', { status: 'unknown' }],
    [200, { success: false, error: 'Render not found' }, { status: 'unknown' }],
    [400, { error: 'no such render' }, { status: 'unknown' }],
    [200, { success: false, error: 'out of memory' }, { status: 'failed', reason: 'out of memory' }],
    [
      200,
      { success: false, data: { status: 'failed', error: 'bad clip' } },
      { status: 'failed', reason: 'bad clip' },
    ],
    [200, { success: false, data: { status: 'cancelled' } }, { status: 'canceled' }],
    [200, { status: 'failed', error: `key ${access.token}` }, { status: 'failed', reason: 'key [redacted]' }],
  ])('polled with HTTP %i and %j is %j', async (status, body, expected) => {
    const { provider } = await setup((_received, reply) => reply.json(body, status))
    expect(await provider.readRender(access, 'render_1', never)).toMatchObject(expected)
  })

  it.each<[number, unknown, string]>([
    [408, {}, 'provider_unavailable'],
    [429, {}, 'provider_rate_limited'],
    [500, {}, 'provider_unavailable'],
    [200, { code: 1001 }, 'provider_auth_failed'],
    [402, {}, 'export_not_allowed'],
    [400, { error: 'bad id' }, 'provider_rejected'],
    [200, {}, 'provider_unavailable'],
    [200, { code: 7777 }, 'provider_rejected'],
  ])('polled with HTTP %i and %j fails with %s', async (status, body, code) => {
    const { provider } = await setup((_received, reply) => reply.json(body, status))
    expect((await failureOf(provider.readRender(access, 'render_1', never))).code).toBe(code)
  })

  it('is canceled by any answer that is no error', async () => {
    for (const body of ['', '{"success":true,"data":{"status":"cancelled"}}', 'OK']) {
      const { provider } = await setup((_received, { response }) => response.writeHead(200).end(body))
      await expect(provider.cancelRender(access, 'render_1', never)).resolves.toBeUndefined()
    }
    const { provider } = await setup((_received, reply) => reply.json({ success: false, error: 'too late' }))
    expect((await failureOf(provider.cancelRender(access, 'render_1', never))).code).toBe('provider_rejected')
  })
})
