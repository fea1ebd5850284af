import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createManualClock } from '../../support/clock.ts'
import { access, answer, call, frame, never, openProvider, say, send, setup, timings } from './nemo-setup.ts'
import { closedPortUrl, type Reply } from './scripted-server.ts'

const session = { code: 0, data: { session_id: '1', user_id: 'anon_5f', state: { draft: {} } } }
const credits = { code: 0, data: { available: 60, frozen: 40, total: 100 } }

/** Answers the baseline reads, and the message as the test says. */
const onMessage = (script: (reply: Reply) => void) =>
  setup(({ path }, reply) => {
    if (path === '/run_sse') script(reply)
    else reply.json(path.startsWith('/api/state/') ? session : credits)
  })

describe('a message that did not leave', () => {
  it('is not sent when nobody listens', async () => {
    const { result, heard } = await send(openProvider(await closedPortUrl()))
    expect(result).toMatchObject({ outcome: 'not_sent', cause: expect.stringContaining('ECONNREFUSED') })
    expect(heard).toEqual([])
  })

  it('is not sent when the name does not resolve', async () => {
    const { result } = await send(openProvider('http://nemo.invalid'))
    expect(result).toMatchObject({ outcome: 'not_sent' })
  })

  it('is not sent when TLS fails', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined).end('this is not TLS'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { result } = await send(openProvider(`https://127.0.0.1:${port}`))
    expect(result).toMatchObject({ outcome: 'not_sent' })
  })

  it('is not sent when it has been given up, which is asked with the first byte', async () => {
    const { server, provider } = await onMessage((reply) => reply.stream())
    const { result } = await send(provider, { warm: true, mayLeave: () => false })
    expect(result).toMatchObject({ outcome: 'not_sent', cause: expect.stringContaining('given up') })
    expect(server.received.map(({ method }) => method)).not.toContain('POST')
  })

  it('is not sent once the job was canceled', async () => {
    const { server, provider } = await onMessage((reply) => reply.stream())
    const { result } = await send(provider, { signal: AbortSignal.abort() })
    expect(result.outcome).toBe('not_sent')
    expect(server.received).toEqual([])
  })

  it('is not sent twice on one channel', async () => {
    const { server, provider } = await onMessage(({ socket }) => socket.destroy())
    const channel = provider.openChannel(access, '1')
    const listener = { mayLeave: () => true, onAccepted: () => undefined, onEvent: () => undefined }
    expect((await channel.send('a', listener, never)).outcome).toBe('unknown')
    expect((await channel.send('a', listener, never)).outcome).toBe('not_sent')
    expect(server.received).toHaveLength(1)
    await channel.close()
  })

  it('is not sent with a token that cannot be a header', async () => {
    const { server, provider } = await onMessage((reply) => reply.stream())
    const channel = provider.openChannel({ ...access, token: 'bad\r\ntoken' }, '1')
    const listener = { mayLeave: () => true, onAccepted: () => undefined, onEvent: () => undefined }
    expect((await channel.send('a', listener, never)).outcome).toBe('not_sent')
    await expect(channel.readCredits(never)).rejects.toMatchObject({
      code: 'provider_auth_failed',
      evidence: 'not_sent',
    })
    expect(server.received).toEqual([])
    await channel.close()
  })
})

describe('a message that was refused', () => {
  it.each([
    [200, { code: 1001 }, 'provider_auth_failed', 1001],
    [200, { code: 1002 }, 'provider_session_lost', 1002],
    [200, { code: 2001, data: { user_id: 'anon_9' } }, 'out_of_credits', 2001],
    [402, { code: 2001 }, 'out_of_credits', 2001],
    [404, { detail: 'Session not found' }, 'provider_session_lost', null],
    [422, { detail: [{ msg: 'field required' }] }, 'provider_rejected', null],
    [403, {}, 'provider_rejected', null],
    [503, { code: 2001 }, 'out_of_credits', 2001],
    [200, { success: false, error: 'no' }, 'provider_rejected', null],
  ])('by HTTP %i and %j is rejected: %s', async (status, body, code, providerCode) => {
    const { server, provider } = await onMessage((reply) => reply.json(body, status))
    const { result, heard } = await send(provider)
    expect(result).toMatchObject({ outcome: 'rejected', error: { code, providerCode, evidence: 'rejected' } })
    expect(heard).toEqual([])
    expect(server.paths()).toEqual(['/run_sse'])
  })

  it('tells how long to wait', async () => {
    const { provider } = await onMessage((reply) => reply.json({}, 429, { 'retry-after': '7' }))
    const { result } = await send(provider)
    expect(result).toMatchObject({
      outcome: 'rejected',
      error: { code: 'provider_rate_limited', retryAfterMs: 7_000 },
    })
  })

  it('by an error envelope as the first frame is rejected', async () => {
    const { provider } = await onMessage((reply) =>
      reply.stream(frame({ code: 2001, message: 'no credits' })),
    )
    const { result, heard } = await send(provider)
    expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'out_of_credits' } })
    expect(heard).toEqual([])
  })

  it.each(['text/plain; charset=utf-8', 'text/event-stream', undefined])(
    'by an error envelope in the place of a stream is rejected, also as %s',
    async (contentType) => {
      const { provider } = await onMessage(({ response }) => {
        response.writeHead(200, contentType === undefined ? {} : { 'content-type': contentType })
        response.write('{"code": 2001, "message": "no cre')
        setImmediate(() => response.end('dits"}'))
      })
      const { result, heard } = await send(provider)
      expect(result).toMatchObject({ outcome: 'rejected', error: { code: 'out_of_credits' } })
      expect(heard).toEqual([])
    },
  )

  it('by a conflict is rejected for now', async () => {
    const { provider } = await onMessage((reply) => reply.json({ detail: 'stale session' }, 409))
    const error = { code: 'provider_unavailable', evidence: 'rejected' }
    expect((await send(provider)).result).toMatchObject({ outcome: 'rejected', error })
  })

  it('for want of credits brings the registration link of the account that the baseline showed', async () => {
    const { provider } = await onMessage((reply) => reply.json({ code: 2001 }))
    const { result } = await send(provider, { warm: true })
    if (result.outcome !== 'rejected') expect.fail(result.outcome)
    expect(result.error.message).toContain('https://nemovideo.com/register?bind=anon_5f')
  })

  it('is rejected by a 4xx whose body never ends well', async () => {
    const { provider } = await onMessage(({ response, socket }) => {
      response.writeHead(400, { 'content-length': '100' })
      response.write('x')
      response.once('drain', () => undefined)
      setImmediate(() => socket.destroy())
    })
    expect((await send(provider)).result.outcome).toBe('rejected')
  })
})

describe('a message that nobody can be sure of', () => {
  it.each([500, 502, 503, 504])('is undecided after a complete %i', async (status) => {
    const { provider } = await onMessage((reply) => reply.json({ detail: 'oops' }, status))
    expect((await send(provider)).result).toEqual({ outcome: 'undecided', httpStatus: status })
  })

  it('is undecided after a redirect, and after a server error within HTTP 200', async () => {
    const redirecting = await onMessage((reply) => reply.json({}, 307, { location: '/elsewhere' }))
    expect((await send(redirecting.provider)).result).toEqual({ outcome: 'undecided', httpStatus: 307 })
    expect(redirecting.server.paths()).toEqual(['/run_sse'])
    const failing = await onMessage((reply) => reply.json({ code: 500 }))
    expect((await send(failing.provider)).result).toEqual({ outcome: 'undecided', httpStatus: 500 })
  })

  it.each<[string, (reply: Reply) => void]>([
    ['the connection is reset', ({ socket }) => socket.resetAndDestroy()],
    ['the connection is closed', ({ socket }) => socket.end()],
    ['the answer is garbage', ({ socket }) => socket.end('SSH-2.0-nope\r\n')],
    [
      'the answer breaks off within its head',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/ev'),
    ],
    [
      'a 5xx breaks off within its body',
      ({ socket }) => socket.end('HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\nabc'),
    ],
    [
      'JSON breaks off within its body',
      ({ socket }) =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"code"'),
    ],
    [
      'the stream is empty',
      (reply) => reply.response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
    ],
    [
      'the stream is unreadable',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"x\n\n'),
    ],
    [
      'a web page comes',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>\n\nhi</html>'),
    ],
    ['JSON comes that is no error', (reply) => reply.json({ code: 0, data: {} })],
    [
      'the stream breaks off before its first frame',
      (reply) => {
        reply.stream('data: {"te')
        setImmediate(() => reply.socket.destroy())
      },
    ],
  ])('is unknown when %s', async (_name, script) => {
    const { server, provider } = await onMessage(script)
    const { result, heard } = await send(provider)
    expect(result.outcome).toBe('unknown')
    expect(heard).toEqual([])
    expect(server.received).toHaveLength(1)
  })

  it('is unknown when the job is canceled before an answer came', async () => {
    const cancel = new AbortController()
    const { provider } = await onMessage(() => cancel.abort())
    expect((await send(provider, { signal: cancel.signal })).result.outcome).toBe('unknown')
  })

  it('is unknown when a half-open peer never answers', async () => {
    const clock = createManualClock()
    const { provider } = await setup(() => clock.advance(timings.sseIdleMs), { clock })
    expect((await send(provider)).result).toMatchObject({
      outcome: 'unknown',
      cause: expect.stringContaining('nothing but heartbeats for 600000 ms'),
    })
  })
})

describe('a message that was accepted', () => {
  it('goes out once on the connection that the baseline has warmed, as the protocol says', async () => {
    const { server, provider } = await onMessage((reply) => {
      reply.stream(say('Done.'))
      reply.response.end()
    })
    const { result, heard } = await send(provider, { warm: true })
    expect(result).toEqual({
      outcome: 'ended',
      turn: { kind: 'answered', text: 'Done.', toolNames: [], error: null },
    })
    expect(heard).toEqual(['accepted', 'text'])
    expect(server.received.map(({ connection }) => connection)).toEqual([1, 1, 1])
    const message = server.received[2]
    expect(message).toMatchObject({ method: 'POST', path: '/run_sse' })
    expect(message?.headers).toMatchObject({
      authorization: 'Bearer nmv_usr_SECRET0001',
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-skill-source': 'free-video-generation-api',
      'x-skill-version': '1.0.0',
      'x-skill-platform': 'unknown',
    })
    expect(JSON.parse(message?.body ?? '')).toEqual({
      app_name: 'nemo_agent',
      user_id: 'me',
      session_id: '5529798706099999999',
      new_message: { parts: [{ text: 'make a clip' }] },
    })
  })

  it('goes out on a new connection when the server has closed the warmed one', async () => {
    const closed = Promise.withResolvers<void>()
    const { server, provider } = await setup(({ path }, reply) => {
      if (path !== '/run_sse') {
        reply.socket.once('close', closed.resolve)
        reply.response.once('finish', () => reply.socket.end())
        reply.json(session)
        return
      }
      reply.stream(say('Done.'))
      reply.response.end()
    })
    const channel = provider.openChannel(access, '1')
    await channel.readSession(never)
    await closed.promise
    const listener = { mayLeave: () => true, onAccepted: () => undefined, onEvent: () => undefined }
    expect((await channel.send('a', listener, never)).outcome).toBe('ended')
    expect(server.received.map(({ connection }) => connection)).toEqual([1, 2])
    await channel.close()
  })

  it('is recorded with the first frame, before anything more is read', async () => {
    const { provider } = await onMessage((reply) => {
      reply.stream('data: heartbeat\n\n', call('edit'), answer('edit'))
      reply.response.end()
    })
    const { result, heard } = await send(provider)
    expect(heard).toEqual(['accepted', 'heartbeat', 'tool_call', 'tool_result'])
    expect(result).toMatchObject({ outcome: 'ended', turn: { kind: 'silent', toolNames: ['edit'] } })
  })

  it('has begun when its first frame is the error of a call that it has made', async () => {
    const { provider } = await onMessage((reply) => {
      reply.stream(frame({ error: { code: 429, message: 'RESOURCE_EXHAUSTED' } }))
      reply.response.end()
    })
    const { result, heard } = await send(provider)
    expect(heard[0]).toBe('accepted')
    expect(result).toMatchObject({ outcome: 'ended', turn: { kind: 'error', error: 'RESOURCE_EXHAUSTED' } })
  })

  it('is told of an error frame, whatever the status was', async () => {
    const { provider } = await onMessage((reply) => {
      reply.stream(say('Go.'), 'data: {"error": "no "quotes" here"}\n\n')
      reply.response.end()
    })
    expect((await send(provider)).result).toMatchObject({
      outcome: 'ended',
      turn: { kind: 'error', text: 'Go.', error: 'no "quotes" here' },
    })
  })

  it('is broken when the stream is', async () => {
    const { provider } = await onMessage((reply) => {
      reply.stream(say('Starting.'))
      setImmediate(() => reply.socket.destroy())
    })
    const { result, heard } = await send(provider)
    expect(result).toMatchObject({ outcome: 'broken', turn: { kind: 'answered', text: 'Starting.' } })
    expect(heard).toEqual(['accepted', 'text'])
  })

  it('is broken when an event of the stream has no end', async () => {
    const { provider } = await onMessage((reply) => {
      reply.stream(say('Starting.'), 'data: ')
      const pour = (): void => {
        while (!reply.socket.destroyed && reply.response.write('x'.repeat(64 * 1024)));
        if (!reply.socket.destroyed) reply.response.once('drain', pour)
      }
      pour()
    })
    expect((await send(provider)).result).toMatchObject({
      outcome: 'broken',
      cause: expect.stringContaining('a line of the stream is over'),
    })
  })

  it('is broken when the job is canceled meanwhile', async () => {
    const cancel = new AbortController()
    const { provider } = await onMessage((reply) => reply.stream(say('Starting.')))
    const { result } = await send(provider, {
      signal: cancel.signal,
      onHeard: (heard) => {
        if (heard === 'text') cancel.abort()
      },
    })
    expect(result.outcome).toBe('broken')
  })

  it('notes unreadable frames and goes on', async () => {
    const { provider, notes } = await onMessage((reply) => {
      reply.stream(say('Done.'), 'data: {"broken\n\n')
      reply.response.end()
    })
    expect((await send(provider)).result.outcome).toBe('ended')
    expect(notes).toEqual([{ type: 'unreadable_frame', sizeBytes: 8 }])
  })
})

describe('a stream that is left open', () => {
  const leaveOpen = async (...frames: string[]) => {
    const clock = createManualClock()
    const { provider } = await setup((_received, reply) => reply.stream(...frames), { clock })
    return { clock, provider }
  }

  it('has ended some time after the last text', async () => {
    const { clock, provider } = await leaveOpen(call('edit'), answer('edit'), say('Done.'))
    const { result } = await send(provider, {
      onHeard: (heard) => {
        if (heard === 'text') setImmediate(() => clock.advance(timings.sseSettleMs))
      },
    })
    expect(result).toMatchObject({ outcome: 'ended', turn: { kind: 'answered', text: 'Done.' } })
  })

  it('has not ended while heartbeats say that the agent is at work', async () => {
    const clock = createManualClock()
    const opened: Reply[] = []
    const { provider } = await setup(
      (_received, reply) => {
        opened.push(reply)
        reply.stream(say('Starting.'))
      },
      { clock },
    )
    const rest = ['data: heartbeat\n\n', ': ping\n\n', 'data:\n\n', say('Done.')]
    const { result } = await send(provider, {
      onHeard: (heard) => {
        if (heard === 'accepted') return
        setImmediate(() => {
          clock.advance(timings.sseSettleMs * 0.9)
          const next = rest.shift()
          if (next === undefined) opened[0]?.response.end()
          else opened[0]?.response.write(next)
        })
      },
    })
    expect(result).toMatchObject({ outcome: 'ended', turn: { text: 'Done.' } })
    expect(rest).toEqual([])
  })

  it('has not ended while a tool is at work', async () => {
    const { clock, provider } = await leaveOpen(call('seedance'), say('Working on it.'))
    const { result } = await send(provider, {
      onHeard: (heard) => {
        if (heard === 'text') setImmediate(() => clock.advance(timings.sseIdleMs))
      },
    })
    expect(result).toMatchObject({
      outcome: 'broken',
      cause: expect.stringContaining('nothing but heartbeats'),
    })
  })

  it('has ended at once when the provider says that it is done', async () => {
    const { provider } = await leaveOpen(frame({ type: 'text', content: 'Done.' }), frame({ type: 'done' }))
    expect((await send(provider)).result).toMatchObject({ outcome: 'ended', turn: { text: 'Done.' } })
  })

  it('is broken by heartbeats alone, however many come', async () => {
    const { clock, provider } = await leaveOpen(...Array<string>(10).fill('data: heartbeat\n\n'))
    let beats = 0
    const { result } = await send(provider, {
      onHeard: (heard) => {
        if (heard === 'heartbeat') beats += 1
        if (beats === 10) setImmediate(() => clock.advance(timings.sseIdleMs))
        else clock.advance(15_000)
      },
    })
    expect(result).toMatchObject({ outcome: 'broken', turn: { kind: 'empty' } })
  })

  it('is broken by its total time, however lively it is', async () => {
    const { clock, provider } = await leaveOpen(
      ...Array.from({ length: 10 }, (_unused, no) => call(`edit${no}`)),
    )
    let calls = 0
    const { result } = await send(provider, {
      onHeard: (heard) => {
        if (heard !== 'tool_call') return
        calls += 1
        setImmediate(() => clock.advance(calls === 10 ? timings.sseMaxMs : 0))
        if (calls < 10) clock.advance(80_000)
      },
    })
    expect(result).toMatchObject({ outcome: 'broken', cause: expect.stringContaining('still going on') })
  })

  it('leaves no timer behind', async () => {
    const { clock, provider } = await leaveOpen(frame({ type: 'done' }))
    await send(provider)
    expect(clock.pendingTimers).toBe(0)
  })
})
