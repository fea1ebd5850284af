import type { RequestListener } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test, vi } from 'vitest'
import { renderCallbackBody } from '../../../src/callbacks/body.ts'
import { newCallbackSecret } from '../../../src/callbacks/secret.ts'
import { type CallbackCall, sendCallback } from '../../../src/callbacks/send.ts'
import { verifyCallback } from '../../../src/callbacks/signature.ts'
import { newSigningKey } from '../../../src/callbacks/signing-key.ts'
import { systemClock } from '../../../src/clock.ts'
import { startCanary, startReceiver, startTcpReceiver } from '../egress/receiver.ts'
import { setupEgress } from '../egress/setup.ts'

const secret = newCallbackSecret()
const body = renderCallbackBody({
  type: 'job.succeeded',
  at: new Date(Date.UTC(2026, 0, 1)),
  sequence: 9,
  about: { job: { id: 'job_1', prompt: 'Füchse im Schnee 🦊' } },
})

/** Sends one callback to a port of an allowed address. */
const setup = () => {
  const { egress } = setupEgress({ allow: '127.0.0.2', names: { 'hooks.example.com': ['127.0.0.2'] } })
  const send = (port: number, override: Partial<CallbackCall> = {}) =>
    sendCallback(
      { egress, clock: systemClock },
      {
        id: 'evt_1',
        url: `http://hooks.example.com:${port}/in?team=1`,
        body,
        headers: {},
        secrets: [secret],
        ...override,
      },
    )
  return { egress, send }
}

const answering =
  (statusCode: number, headers: Record<string, string> = {}, text = ''): RequestListener =>
  (_request, response) =>
    response.writeHead(statusCode, headers).end(text)

const startAllowed = (listener: RequestListener) => startReceiver(listener, { host: '127.0.0.2' })

describe('a callback', () => {
  test('arrives signed, byte for byte, and the reference library verifies it', async () => {
    const receiver = await startAllowed(answering(200, {}, 'thanks'))
    const { send } = setup()
    const result = await send(receiver.port)
    const [received] = receiver.received

    expect(result).toEqual({
      outcome: 'delivered',
      durationMs: expect.any(Number),
      statusCode: 200,
      excerpt: 'thanks',
    })
    expect(received).toMatchObject({ method: 'POST', path: '/in?team=1', body })
    expect(received?.headers).toEqual({
      host: `hooks.example.com:${receiver.port}`,
      connection: 'keep-alive',
      'user-agent': 'Clipline',
      'content-type': 'application/json',
      'content-length': String(body.length),
      'accept-encoding': 'identity',
      'webhook-id': 'evt_1',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
      'webhook-signature': expect.stringMatching(/^v1,\S{44}$/),
    })
    const headers = received!.headers as Record<string, string>
    expect(new Webhook(secret).verify(received!.body, headers)).toEqual(JSON.parse(body.toString()))
    expect(
      verifyCallback({ headers, body: received!.body, keys: [secret], nowMs: systemClock.nowMs() }),
    ).toMatchObject({ outcome: 'verified', id: 'evt_1' })
  })

  test('is verified by every secret while they overlap, and by the public key', async () => {
    const receiver = await startAllowed(answering(204))
    const { send } = setup()
    const [previous, signingKey] = [newCallbackSecret(), newSigningKey()]
    await send(receiver.port, { secrets: [secret, previous], signingKeys: [signingKey] })
    const { headers, body: raw } = receiver.received[0]!
    for (const key of [secret, previous, signingKey.publicKey]) {
      expect(verifyCallback({ headers, body: raw, keys: [key], nowMs: systemClock.nowMs() }).outcome).toBe(
        'verified',
      )
    }
  })

  test('keeps id and body over attempts, and is signed anew at each', async () => {
    const receiver = await startAllowed(answering(500))
    const { egress } = setup()
    for (const nowMs of [1_700_000_000_000, 1_700_000_300_000]) {
      const clock = { ...systemClock, nowMs: () => nowMs }
      await sendCallback(
        { egress, clock },
        { id: 'evt_1', url: `http://127.0.0.2:${receiver.port}/`, body, headers: {}, secrets: [secret] },
      )
    }
    const [first, second] = receiver.received
    expect(first!.body.equals(second!.body)).toBe(true)
    expect([first, second].map((entry) => entry!.headers['webhook-id'])).toEqual(['evt_1', 'evt_1'])
    expect([first, second].map((entry) => entry!.headers['webhook-timestamp'])).toEqual([
      '1700000000',
      '1700000300',
    ])
    expect(first!.headers['webhook-signature']).not.toBe(second!.headers['webhook-signature'])
  })

  test("carries the client's headers, but never in the place of ours", async () => {
    const receiver = await startAllowed(answering(200))
    const { send } = setup()
    const headers = {
      'X-Team': 'ads',
      Authorization: 'Bearer receiver',
      Host: 'elsewhere.example.com',
      'Content-Type': 'text/html',
      'Content-Length': '1',
      'Transfer-Encoding': 'chunked',
      'Webhook-Id': 'evt_2',
      'webhook-signature': 'v1,forged',
      Connection: 'x-team',
    }
    await send(receiver.port, { headers })
    expect(receiver.received[0]).toMatchObject({
      body,
      headers: {
        'x-team': 'ads',
        authorization: 'Bearer receiver',
        host: `hooks.example.com:${receiver.port}`,
        'content-type': 'application/json',
        'content-length': String(body.length),
        'webhook-id': 'evt_1',
        'webhook-signature': expect.not.stringContaining('forged'),
      },
    })
  })
})

describe('the answer to a callback', () => {
  test.each([200, 201, 202, 204, 206, 299])('%i is a delivery', async (statusCode) => {
    const receiver = await startAllowed(answering(statusCode))
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({ outcome: 'delivered', statusCode })
  })

  test('410 is a farewell', async () => {
    const receiver = await startAllowed(answering(410, { 'retry-after': '60' }, 'moved out'))
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({
      outcome: 'gone',
      statusCode: 410,
      excerpt: 'moved out',
    })
  })

  test.each([
    300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 408, 409, 413, 422, 429, 451, 500, 502, 503, 504,
    599,
  ])('%i is a failure to try again', async (statusCode) => {
    const receiver = await startAllowed(answering(statusCode))
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({
      outcome: 'retry',
      cause: 'status',
      detail: `HTTP ${statusCode}`,
      retryAfterMs: null,
      statusCode,
      excerpt: '',
    })
  })

  test.each([301, 302, 303, 307, 308])(
    '%i leads nowhere: the new place gets no connection',
    async (statusCode) => {
      const allowed = await startAllowed(answering(200))
      const canary = await startCanary()
      for (const location of [`http://127.0.0.2:${allowed.port}/`, `http://127.0.0.1:${canary.port}/`]) {
        const receiver = await startAllowed(answering(statusCode, { location }))
        const { send } = setup()
        expect(await send(receiver.port)).toMatchObject({ outcome: 'retry', statusCode })
      }
      expect([allowed.connections, canary.connections]).toEqual([0, 0])
    },
  )

  test.each([
    [429, '120', 120_000],
    [503, '0', 0],
    [503, new Date(Date.UTC(2026, 0, 1, 0, 5)).toUTCString(), 300_000],
    [503, 'later', null],
  ])('%i with Retry-After %j asks for %j ms', async (statusCode, retryAfter, expected) => {
    const receiver = await startAllowed(answering(statusCode, { 'retry-after': retryAfter }))
    const { egress } = setup()
    const clock = { ...systemClock, nowMs: () => Date.UTC(2026, 0, 1) }
    const call = {
      id: 'evt_1',
      url: `http://127.0.0.2:${receiver.port}/`,
      body,
      headers: {},
      secrets: [secret],
    }
    expect(await sendCallback({ egress, clock }, call)).toMatchObject({
      outcome: 'retry',
      retryAfterMs: expected,
    })
  })

  test('is kept as its first KiB of printable text', async () => {
    const receiver = await startAllowed(answering(500, {}, `\u001b[31m<b>\0${'x'.repeat(5_000)}`))
    const { send } = setup()
    const { excerpt } = await send(receiver.port)
    expect(excerpt).toHaveLength(1_024)
    expect(excerpt).toMatch(/^\ufffd\[31m<b>\ufffdx+$/)
  })
})

describe('a receiver that misbehaves', () => {
  test('has taken the callback when it says so and then resets', async () => {
    const receiver = await startTcpReceiver(
      (socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart', () => socket.resetAndDestroy())
        }),
      { host: '127.0.0.2' },
    )
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({ outcome: 'delivered', statusCode: 200 })
  })

  test('has taken the callback when it says so and then never ends', async () => {
    const receiver = await startAllowed((_request, response) => {
      const fill = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000, 'a')));
      }
      response.on('drain', fill)
      fill()
    })
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({ outcome: 'delivered', excerpt: 'a'.repeat(1_024) })
    await receiver.drained()
  })

  test('has taken the callback when it says so and then trickles until the time is over', async () => {
    const receiver = await startAllowed((_request, response) => {
      response.write('slow')
      const timer = setInterval(() => response.write('.'), 10)
      response.once('close', () => clearInterval(timer))
    })
    const { send } = setup()
    const result = await send(receiver.port, { timeoutMs: 200 })
    expect(result).toMatchObject({ outcome: 'delivered', excerpt: expect.stringMatching(/^slow\.*$/) })
    await receiver.drained()
  })

  test('is tried again when it says nothing in time', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume(), { host: '127.0.0.2' })
    const { send } = setup()
    expect(await send(receiver.port, { timeoutMs: 100 })).toEqual({
      outcome: 'retry',
      cause: 'timeout',
      detail: 'no answer in time',
      retryAfterMs: null,
      durationMs: expect.any(Number),
      statusCode: null,
      excerpt: null,
    })
    await receiver.drained()
  })

  test('is tried again when it resets without an answer, or does not listen', async () => {
    const receiver = await startTcpReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()), {
      host: '127.0.0.2',
    })
    const { send } = setup()
    expect(await send(receiver.port)).toMatchObject({
      outcome: 'retry',
      cause: 'unreachable',
      statusCode: null,
    })
    expect(await send(1)).toMatchObject({ outcome: 'retry', cause: 'unreachable', detail: 'ECONNREFUSED' })
  })

  test('is tried again when its name does not resolve now', async () => {
    const { send } = setup()
    expect(await send(1, { url: 'https://gone.example.com/' })).toMatchObject({
      outcome: 'retry',
      detail: 'dns',
    })
  })
})

describe('a callback that must not go out', () => {
  test('is refused, without a connection, when its name has moved inside', async () => {
    const canary = await startCanary()
    const addresses = [['127.0.0.2'], ['127.0.0.1'], ['127.0.0.2', '127.0.0.1']]
    const { egress } = setupEgress({
      allow: '127.0.0.2',
      names: { 'rebind.example.com': () => addresses.shift() ?? [] },
    })
    const url = `http://rebind.example.com:${canary.port}/`
    const call = { id: 'evt_1', url, body, headers: {}, secrets: [secret] }
    expect(await egress.check(url)).toMatchObject({ ok: true })
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      expect(await sendCallback({ egress, clock: systemClock }, call)).toMatchObject({
        outcome: 'refused',
        statusCode: null,
        excerpt: null,
      })
    }
    expect(canary.connections).toBe(0)
  })

  test('is interrupted by our own stop, which is no failure', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume(), { host: '127.0.0.2' })
    const { send } = setup()
    const controller = new AbortController()
    const sending = send(receiver.port, { signal: controller.signal })
    await vi.waitUntil(() => receiver.connections === 1)
    controller.abort()
    expect(await sending).toMatchObject({ outcome: 'interrupted', statusCode: null })
    await receiver.drained()
  })

  test('is never sent unsigned', async () => {
    const receiver = await startAllowed(answering(200))
    const { send } = setup()
    await expect(send(receiver.port, { secrets: [] })).rejects.toThrow(TypeError)
    expect(receiver.connections).toBe(0)
  })
})
