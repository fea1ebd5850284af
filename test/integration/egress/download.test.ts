import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import type { EgressDownload } from '../../../src/egress/client.ts'
import { EgressError } from '../../../src/egress/failure.ts'
import { startCanary, startReceiver, startTcpReceiver } from './receiver.ts'
import { downloadFrom, setupEgress } from './setup.ts'

const loopback = { allow: '127.0.0.1' }

/** The bytes of a download, or how it ended. */
const fetchAll = async (egress: ReturnType<typeof setupEgress>['egress'], download: EgressDownload) => {
  const result = await egress.download(download)
  if (result.outcome !== 'response') return result
  try {
    return { status: result.statusCode, from: result.url.pathname, bytes: await buffer(result.body) }
  } catch (error) {
    return (error as EgressError).failure
  }
}

describe('a download', () => {
  test('streams a file of many chunks', async () => {
    const file = Buffer.alloc(3_000_000, 'clip')
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(200, { 'content-type': 'video/mp4' }).end(file),
    )
    const { egress } = setupEgress(loopback)
    const result = await egress.download(
      downloadFrom(`http://127.0.0.1:${receiver.port}/clip.mp4`, { maxResponseBytes: file.length }),
    )
    expect(result).toMatchObject({
      outcome: 'response',
      statusCode: 200,
      headers: { 'content-type': 'video/mp4' },
    })
    expect(result.outcome === 'response' && (await buffer(result.body)).equals(file)).toBe(true)
    expect(receiver.received).toMatchObject([{ method: 'GET', headers: { 'accept-encoding': 'identity' } }])
  })

  test('is refused at once when the announced length is too large', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200, { 'content-length': '65537' })
      response.flushHeaders()
    })
    const { egress } = setupEgress(loopback)
    const result = await egress.download(downloadFrom(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'too_large', limitBytes: 65_536 })
    await receiver.drained()
  })

  test('that has broken off before anybody reads it says so to whoever does', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.write('beginning', () => response.destroy())
    })
    const { egress } = setupEgress(loopback)
    const result = await egress.download(downloadFrom(`http://127.0.0.1:${receiver.port}/`))
    if (result.outcome !== 'response') throw new Error('there is no answer')
    const { body } = result
    await new Promise((closed) => body.on('error', () => undefined).once('close', closed))
    await expect(buffer(body)).rejects.toBeInstanceOf(EgressError)
  })

  test('fails once more has come than allowed', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.write(Buffer.alloc(60_000))
      response.write(Buffer.alloc(60_000))
    })
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'too_large', limitBytes: 65_536 })
    await receiver.drained()
  })

  test('fails when the body falls silent', async () => {
    const receiver = await startReceiver((_request, response) => void response.write('begin'))
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(
      egress,
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { idleTimeoutMs: 100 }),
    )
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await receiver.drained()
  })

  test('fails when the body trickles beyond the whole time', async () => {
    const receiver = await startReceiver((_request, response) => {
      const timer = setInterval(() => response.write('a'), 10)
      response.once('close', () => clearInterval(timer))
    })
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(
      egress,
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 150 }),
    )
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await receiver.drained()
  })

  test('fails when the connection ends before the announced length', async () => {
    const receiver = await startTcpReceiver((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nshort')),
    )
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/`))
    expect(result).toMatchObject({ outcome: 'unreachable' })
  })

  test('fails when the signal fires in the middle', async () => {
    const receiver = await startReceiver((_request, response) => void response.write('begin'))
    const { egress } = setupEgress(loopback)
    const controller = new AbortController()
    const result = await egress.download(
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { signal: controller.signal }),
    )
    if (result.outcome !== 'response') throw new Error(result.outcome)
    result.body.once('data', () => controller.abort())
    await expect(buffer(result.body)).rejects.toMatchObject({ failure: { outcome: 'interrupted' } })
    await receiver.drained()
  })

  test('that the reader gives up closes its connection', async () => {
    const receiver = await startReceiver((_request, response) => void response.write('begin'))
    const { egress } = setupEgress(loopback)
    const result = await egress.download(downloadFrom(`http://127.0.0.1:${receiver.port}/`))
    if (result.outcome !== 'response') throw new Error(result.outcome)
    result.body.destroy()
    await receiver.drained()
  })

  test('that nobody reads is destroyed by its deadline', async () => {
    const receiver = await startReceiver((_request, response) => void response.write('begin'))
    const { egress } = setupEgress(loopback)
    const result = await egress.download(
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 100 }),
    )
    if (result.outcome !== 'response') throw new Error(result.outcome)
    const failed = new Promise((resolve) => result.body.once('error', resolve))
    expect(await failed).toBeInstanceOf(EgressError)
    await receiver.drained()
  })

  test('stops reading from the wire while its reader is slow', async () => {
    let isFull = false
    const receiver = await startReceiver((_request, response) => {
      const fill = (): void => {
        while (response.write(Buffer.alloc(64_000)));
        isFull = true
      }
      response.on('drain', fill)
      fill()
    })
    const { egress } = setupEgress(loopback)
    const result = await egress.download(
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { maxResponseBytes: 1e9 }),
    )
    if (result.outcome !== 'response') throw new Error(result.outcome)
    expect(isFull).toBe(true)
    expect(result.body.readableLength).toBeLessThan(1_000_000)
    result.body.destroy()
    await receiver.drained()
  })
})

describe('redirects of a download', () => {
  /** A server on which `/3` redirects to `/2`, and so on; `/0` is the file. */
  const startHops = (status = 302) =>
    startReceiver((request, response) => {
      const hops = Number(request.url?.slice(1))
      if (hops === 0) response.end('file')
      else response.writeHead(status, { location: `/${hops - 1}` }).end('moved')
    })

  test.each(
    [301, 302, 303, 307, 308].flatMap((status) => [0, 1, 2, 3].map((hops) => [status, hops] as const)),
  )('with status %i are followed over %i hops', async (status, hops) => {
    const receiver = await startHops(status)
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/${hops}`))
    expect(result).toEqual({ status: 200, from: '/0', bytes: Buffer.from('file') })
    expect(receiver.received).toHaveLength(hops + 1)
  })

  test.each([4, 5, 20])('end after three hops out of %i: the next redirect is the response', async (hops) => {
    const receiver = await startHops()
    const { egress } = setupEgress(loopback)
    const result = await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/${hops}`))
    expect(result).toEqual({ status: 302, from: `/${hops - 3}`, bytes: Buffer.from('moved') })
    expect(receiver.received).toHaveLength(4)
  })

  test('in a loop end', async () => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(302, { location: '/' }).end(),
    )
    const { egress } = setupEgress(loopback)
    expect(await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/`))).toMatchObject({
      status: 302,
    })
    expect(receiver.received).toHaveLength(4)
  })

  test.each([
    ['no Location', []],
    ['two of them', ['Location', '/0', 'Location', '/1']],
    ['one that is no URL', ['Location', 'http://[']],
  ])('with %s are the response', async (_what, headers) => {
    const receiver = await startReceiver((_request, response) => response.writeHead(302, headers).end())
    const { egress } = setupEgress(loopback)
    expect(await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/`))).toMatchObject({
      status: 302,
    })
    expect(receiver.received).toHaveLength(1)
  })

  test.each([300, 304, 305, 306])('are not what a %i is, even with a Location', async (status) => {
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(status, { location: '/0' }).end(),
    )
    const { egress } = setupEgress(loopback)
    expect(await fetchAll(egress, downloadFrom(`http://127.0.0.1:${receiver.port}/1`))).toMatchObject({
      status,
      from: '/1',
    })
    expect(receiver.received).toHaveLength(1)
  })

  const hostileLocations = (port: number): string[] => [
    `http://127.0.0.1:${port}/`,
    `//127.0.0.1:${port}/`,
    `http://127.1:${port}/`,
    `http://0x7f000001:${port}/`,
    `http://2130706433:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://[::1]:${port}/`,
    `http://0:${port}/`,
    `https://127.0.0.1:${port}/`,
    `http://user:password@127.0.0.2:${port}/`,
    `http://inside.example.com:${port}/`,
    `http://mixed.example.com:${port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/latest/meta-data/',
    'http://93.184.215.14/',
    'https://93.184.215.14:6379/',
    'file:///etc/passwd',
    'ftp://127.0.0.2/',
    'gopher://127.0.0.1:6379/_FLUSHALL',
    'data:text/plain,hello',
  ]

  test('to what is not allowed are refused on every hop, without a connection', async () => {
    const canary = await startCanary({ host: '127.0.0.1' })
    for (const location of hostileLocations(canary.port)) {
      for (const hops of [1, 2, 3]) {
        const receiver = await startReceiver(
          (request, response) => {
            const left = Number(request.url?.slice(1))
            response.writeHead(302, { location: left === 1 ? location : `/${left - 1}` }).end()
          },
          { host: '127.0.0.2' },
        )
        const { egress } = setupEgress({
          allow: '127.0.0.2',
          names: { 'inside.example.com': ['127.0.0.1'], 'mixed.example.com': ['127.0.0.2', '127.0.0.1'] },
        })
        const result = await egress.download(downloadFrom(`http://127.0.0.2:${receiver.port}/${hops}`))
        expect({ location, ...result }).toEqual({ location, outcome: 'refused' })
        expect(receiver.received).toHaveLength(hops)
      }
    }
    expect(canary.connections).toBe(0)
  })

  test('back to a name that has changed meanwhile are refused', async () => {
    const addresses = [['127.0.0.2'], ['127.0.0.1']]
    const receiver = await startReceiver(
      (_request, response) => response.writeHead(302, { location: '/again' }).end(),
      { host: '127.0.0.2' },
    )
    const canary = await startCanary({ host: '127.0.0.1', port: receiver.port })
    const { egress, asked } = setupEgress({
      allow: '127.0.0.2',
      names: { 'rebind.example.com': () => addresses.shift() ?? [] },
    })
    const result = await egress.download(downloadFrom(`http://rebind.example.com:${receiver.port}/`))
    expect(result).toEqual({ outcome: 'refused' })
    expect(asked).toEqual(['rebind.example.com', 'rebind.example.com'])
    expect([receiver.received.length, canary.connections]).toEqual([1, 0])
  })

  test('share one deadline', async () => {
    const silent = await startTcpReceiver((socket) => socket.resume())
    const receiver = await startReceiver((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${silent.port}/` }).end(),
    )
    const { egress } = setupEgress(loopback)
    const result = await egress.download(
      downloadFrom(`http://127.0.0.1:${receiver.port}/`, { timeoutMs: 200 }),
    )
    expect(result).toEqual({ outcome: 'timeout', during: 'answer' })
    await silent.drained()
  })
})
