import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { startCanary, startReceiver, startTcpReceiver } from './receiver.ts'
import { requestTo, setupEgress } from './setup.ts'

const loopback = { allow: '127.0.0.1' }

describe('a request', () => {
  test('reaches the vetted address with the name, the headers and the bytes that were given', async () => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(201, { 'x-a': 'b' }).end('thanks'),
    )
    const { egress, asked } = setupEgress({ ...loopback, names: { 'hooks.example.com': ['127.0.0.1'] } })
    const url = `http://hooks.example.com:${receiver.port}/in?x=1#secret`
    const body = Buffer.from('{"ä":1}')
    const result = await egress.request(
      requestTo(url, { body, headers: { 'content-type': 'application/json', 'x-team': 'ads' } }),
    )

    expect(result).toMatchObject({
      outcome: 'response',
      statusCode: 201,
      headers: { 'x-a': 'b' },
      isBodyComplete: true,
    })
    expect(result.outcome === 'response' && result.body.toString()).toBe('thanks')
    expect(asked).toEqual(['hooks.example.com'])
    expect(receiver.received).toEqual([
      {
        method: 'POST',
        path: '/in?x=1',
        body,
        headers: {
          host: `hooks.example.com:${receiver.port}`,
          connection: 'keep-alive',
          'user-agent': 'Clipline',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'x-team': 'ads',
          'content-length': '8',
        },
      },
    ])
  })

  test('does not follow a redirect: it is the response', async () => {
    const canary = await startCanary({ host: '127.0.0.1' })
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${canary.port}/` }).end(),
    )
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ outcome: 'response', statusCode: 307 })
    expect(canary.connections).toBe(0)
  })

  test('ignores the proxies of the environment', async () => {
    const proxy = await startCanary()
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
    for (const name of names) vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`)
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    const receiver = await startReceiver((_request, response) => response.end())
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    vi.unstubAllEnvs()
    expect(result).toMatchObject({ outcome: 'response', statusCode: 200 })
    expect(proxy.connections).toBe(0)
  })

  test('reuses connections for calls in a row', async () => {
    const receiver = await startReceiver((_request, response) => response.end('ok'))
    const { egress } = setupEgress(loopback)
    for (let call = 0; call < 20; call += 1) {
      await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/${call}`))
    }
    expect(receiver.received).toHaveLength(20)
    expect(receiver.connections).toBeLessThanOrEqual(2)
  })

  test('opens no more connections to an origin than it may', async () => {
    const receiver = await startReceiver((_request, response) => response.end('ok'))
    const { egress } = setupEgress({ ...loopback, connectionsPerOrigin: 3 })
    const calls = Array.from({ length: 30 }, () =>
      egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`)),
    )
    expect((await Promise.all(calls)).every(({ outcome }) => outcome === 'response')).toBe(true)
    expect(receiver.connections).toBeLessThanOrEqual(3)
  })

  test('throws for headers that cannot be sent: the caller should have refused them', async () => {
    const receiver = await startReceiver((_request, response) => response.end())
    const { egress } = setupEgress(loopback)
    const request = requestTo(`http://127.0.0.1:${receiver.port}/`, {
      headers: { 'x-a': 'b\r\nx-injected: 1' },
    })
    await expect(egress.request(request)).rejects.toThrow('invalid x-a header')
    expect(receiver.received).toEqual([])
  })
})

describe('a receiver that misbehaves', () => {
  test('times out when it accepts and says nothing', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume())
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 100 }))
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await receiver.drained()
  })

  test('times out in connecting when its TLS never answers', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume())
    const { egress } = setupEgress({ ...loopback, connectTimeoutMs: 100 })
    const result = await egress.request(requestTo(`https://127.0.0.1:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'timeout', during: 'connect' })
    await receiver.drained()
  })

  test('times out as a whole while still connecting', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume())
    const { egress } = setupEgress({ ...loopback, connectTimeoutMs: 1_000 })
    const result = await egress.request(requestTo(`https://127.0.0.1:${receiver.port}/`, { timeoutMs: 50 }))
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await receiver.drained()
  })

  test('times out when headers trickle', async () => {
    const receiver = await startTcpReceiver((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x-a: b\r\n'), 10)
      socket.once('close', () => clearInterval(timer))
    })
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 150 }))
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await receiver.drained()
  })

  test.each([
    ['fails with a trickling body', 'refuse', { outcome: 'timeout', during: 'answer' }],
    [
      'keeps its status with a trickling body',
      'accept',
      { outcome: 'response', statusCode: 200, isBodyComplete: false },
    ],
  ] as const)('%s where partial bodies are to %s', async (_title, partialBody, expected) => {
    const receiver = await startReceiver((_request, response) => {
      response.write('a')
      const timer = setInterval(() => response.write('a'), 10)
      response.once('close', () => clearInterval(timer))
    })
    const { egress } = setupEgress(loopback)
    const request = requestTo(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 150, partialBody })
    expect(await egress.request(request)).toMatchObject(expected)
    await receiver.drained()
  })

  test.each([
    ['fails', 'refuse', { outcome: 'too_large', limitBytes: 1_000 }],
    ['is cut', 'accept', { outcome: 'response', isBodyComplete: false, body: Buffer.alloc(1_000, 'a') }],
  ] as const)(
    'an endless body %s where partial bodies are to %s, and the connection goes',
    async (_title, partialBody, expected) => {
      const receiver = await startReceiver((_request, response) => {
        const fill = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(777, 'a')));
        }
        response.on('drain', fill)
        fill()
      })
      const { egress } = setupEgress(loopback)
      const request = requestTo(`http://127.0.0.1:${receiver.port}/`, {
        maxResponseBytes: 1_000,
        partialBody,
      })
      expect(await egress.request(request)).toMatchObject(expected)
      await receiver.drained()
    },
  )

  test('a body of exactly the limit is complete', async () => {
    const receiver = await startReceiver((_request, response) => response.end(Buffer.alloc(1_000, 'a')))
    const { egress } = setupEgress(loopback)
    const request = requestTo(`http://127.0.0.1:${receiver.port}/`, { maxResponseBytes: 1_000 })
    expect(await egress.request(request)).toMatchObject({
      body: Buffer.alloc(1_000, 'a'),
      isBodyComplete: true,
    })
  })

  test('is unreachable when nobody listens', async () => {
    const { egress } = setupEgress(loopback)
    expect(await egress.request(requestTo('http://127.0.0.1:1/'))).toEqual({
      outcome: 'unreachable',
      cause: 'ECONNREFUSED',
    })
  })

  test('is unreachable when its name does not resolve', async () => {
    const { egress } = setupEgress(loopback)
    expect(await egress.request(requestTo('https://gone.example.com/'))).toEqual({
      outcome: 'unreachable',
      cause: 'dns',
    })
  })

  test('is unreachable when it resets before it answers', async () => {
    const receiver = await startTcpReceiver((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ outcome: 'unreachable' })
  })

  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\na'],
    ['a NUL in a header', 'HTTP/1.1 200 OK\r\nx-a: \0\r\ncontent-length: 0\r\n\r\n'],
    ['100 kB of headers', `HTTP/1.1 200 OK\r\n${`x-a: ${'b'.repeat(1_000)}\r\n`.repeat(100)}\r\n`],
    ['less than it promised', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort'],
  ])('is unreachable when it speaks %s', async (_what, answer) => {
    const receiver = await startTcpReceiver((socket) => socket.once('data', () => socket.end(answer)))
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({
      outcome: 'unreachable',
      cause: expect.stringMatching(/^(?:[A-Z_]+|HTTPParserError)$/),
    })
    await receiver.drained()
  })

  test('keeps its status when it resets in the middle of the body', async () => {
    const receiver = await startTcpReceiver((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 204 No Content\r\ncontent-length: 100\r\n\r\n', () => socket.resetAndDestroy())
      }),
    )
    const { egress } = setupEgress(loopback)
    const request = requestTo(`http://127.0.0.1:${receiver.port}/`, { partialBody: 'accept' })
    expect(await egress.request(request)).toMatchObject({ outcome: 'response', statusCode: 204 })
  })

  test('gives its connections back, whatever it did', async () => {
    const receiver = await startReceiver((request, response) => {
      if (request.url === '/huge') response.end(Buffer.alloc(200_000))
      else if (request.url === '/slow') response.write('a')
      else response.socket?.destroy()
    })
    const { egress } = setupEgress(loopback)
    const paths = Array.from({ length: 60 }, (_, index) => ['huge', 'slow', 'reset'][index % 3])
    const results = await Promise.all(
      paths.map((path) =>
        egress.request(
          requestTo(`http://127.0.0.1:${receiver.port}/${path}`, { timeoutMs: 2_500, partialBody: 'accept' }),
        ),
      ),
    )
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['response', 'unreachable']))
    await egress.close()
    await receiver.drained()
  })
})

describe('an encoded body', () => {
  const text = 'thanks '.repeat(100)

  test.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['identity', Buffer.from(text)],
    ['', Buffer.from(text)],
  ])('is read when the coding is %j although nobody asked for it', async (coding, body) => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    )
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ outcome: 'response', body: Buffer.from(text), isBodyComplete: true })
  })

  test('that unfolds beyond the limit is too large', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'too_large', limitBytes: 65_536 })
  })

  test('that is larger on the wire than the limit is too large, even if nothing is in it', async () => {
    const empty = gzipSync('')
    const receiver = await startReceiver((_request, response) => {
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(Buffer.concat(Array.from({ length: 5_000 }, () => empty)))
    })
    const { egress } = setupEgress(loopback)
    const result = await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'too_large', limitBytes: 65_536 })
  })

  test.each([
    ['an unknown coding', 'zip', Buffer.from('PK')],
    ['a chain of codings', 'gzip, gzip', gzipSync(gzipSync('a'))],
    ['two headers of codings', ['gzip', 'gzip'], gzipSync('a')],
    ['a coding named like a property', 'constructor', Buffer.from('a')],
    ['a broken stream', 'gzip', Buffer.from('not gzip')],
    ['a cut stream', 'gzip', gzipSync(text).subarray(0, 20)],
  ] as [string, string | string[], Buffer][])('with %s is no answer', async (_what, coding, body) => {
    const receiver = await startReceiver((_request, response) =>
      response.setHeader('content-encoding', coding).end(body),
    )
    const { egress } = setupEgress(loopback)
    expect(await egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))).toMatchObject({
      outcome: 'unreachable',
    })
  })
})

describe("the caller's signal", () => {
  test('ends a call that waits', async () => {
    const receiver = await startTcpReceiver((socket) => socket.resume())
    const { egress } = setupEgress(loopback)
    const controller = new AbortController()
    const call = egress.request(
      requestTo(`http://127.0.0.1:${receiver.port}/`, { signal: controller.signal }),
    )
    await vi.waitUntil(() => receiver.connections === 1)
    controller.abort()
    expect(await call).toEqual({ outcome: 'interrupted' })
    await receiver.drained()
  })

  test('that has already fired sends nothing', async () => {
    const receiver = await startReceiver((_request, response) => response.end())
    const { egress } = setupEgress(loopback)
    const result = await egress.request(
      requestTo(`http://127.0.0.1:${receiver.port}/`, { signal: AbortSignal.abort() }),
    )
    expect(result).toEqual({ outcome: 'interrupted' })
    expect(receiver.received).toEqual([])
  })
})

test('closing waits for the call in flight', async () => {
  const receiver = await startReceiver((_request, response) => setImmediate(() => response.end('late')))
  const { egress } = setupEgress(loopback)
  const call = egress.request(requestTo(`http://127.0.0.1:${receiver.port}/`))
  await vi.waitUntil(() => receiver.connections === 1)
  await egress.close()
  expect(await call).toMatchObject({ outcome: 'response', statusCode: 200 })
  await receiver.drained()
})
