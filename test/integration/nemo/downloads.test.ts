import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { type Download, ProviderError } from '../../../src/providers/provider.ts'
import { access, never, setup } from './nemo-setup.ts'
import type { Reply } from './scripted-server.ts'

const movie = Buffer.from('\x00\x00\x00\x20ftypisom and so on', 'latin1')
const fallbackPath = '/api/render/proxy/render_1/download'

const sendMovie = ({ response }: Reply, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': String(movie.length), ...headers })
  response.end(movie)
}

const contentOf = async ({ body, ...rest }: Download) => ({ ...rest, content: await buffer(body) })

const whole = { sizeBytes: movie.length, contentType: 'video/mp4', content: movie }

const failureOf = async (promise: Promise<unknown>): Promise<ProviderError> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof ProviderError) return error
  throw new Error(`expected a ProviderError, got ${String(error)}`)
}

/** The file's own URL does what the test says; the download route has the file. */
const onFile = (script: (reply: Reply) => void, fallback: (reply: Reply) => void = sendMovie) =>
  setup(({ path }, reply) => (path === '/cdn/r.mp4' ? script(reply) : fallback(reply)))

describe('a download from the origin of the API', () => {
  it('asks for the file as it is', async () => {
    const { server, provider } = await onFile(sendMovie)
    const url = `${server.url}/cdn/r.mp4`
    expect(await contentOf(await provider.download(access, { renderId: 'render_1', url }, never))).toEqual(
      whole,
    )
    expect(server.paths()).toEqual(['/cdn/r.mp4'])
    expect(server.received[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      'x-skill-version': '1.0.0',
    })
  })

  it('completes a relative URL', async () => {
    const { server, provider } = await onFile(sendMovie)
    const download = await provider.download(access, { renderId: 'render_1', url: '/cdn/r.mp4' }, never)
    expect(await contentOf(download)).toEqual(whole)
    expect(server.paths()).toEqual(['/cdn/r.mp4'])
  })

  it('goes by the route of the API when there is no URL', async () => {
    const { server, provider } = await onFile(sendMovie)
    const download = await provider.download(access, { renderId: 'render_1', url: null }, never)
    expect(await contentOf(download)).toEqual(whole)
    expect(server.paths()).toEqual([fallbackPath])
    expect(server.received[0]?.headers.authorization).toBe('Bearer nmv_usr_SECRET0001')
  })

  it('says nothing of a length that the provider does not say', async () => {
    const { server, provider } = await onFile(({ response }) => response.writeHead(200).end(movie))
    const download = await provider.download(
      access,
      { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` },
      never,
    )
    expect(await contentOf(download)).toEqual({ sizeBytes: null, contentType: null, content: movie })
  })

  it.each<[string, (reply: Reply) => void]>([
    ['is missing', (reply) => reply.json({}, 404)],
    ['is forbidden', (reply) => reply.json({}, 403)],
    [
      'is a web page',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ],
    [
      'is a web page that claims to be a movie',
      ({ response }) => response.writeHead(200, { 'content-type': 'video/mp4' }).end(' <!DOCTYPE html>'),
    ],
    ['is JSON', (reply) => reply.json({ error: 'expired' })],
    [
      'is empty',
      ({ response }) => response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '0' }).end(),
    ],
    [
      'is empty without saying so',
      ({ response }) => response.writeHead(200, { 'content-type': 'video/mp4' }).end(),
    ],
    ['is coded', (reply) => sendMovie(reply, { 'content-encoding': 'gzip' })],
    [
      'breaks off before its first byte',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'),
    ],
    ['is reset', ({ socket }) => socket.resetAndDestroy()],
    ['redirects in a circle', (reply) => reply.json({}, 302, { location: '/cdn/r.mp4' })],
  ])('goes by the route of the API when the URL %s', async (_name, script) => {
    const { server, provider } = await onFile(script)
    const download = await provider.download(
      access,
      { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` },
      never,
    )
    expect(await contentOf(download)).toEqual(whole)
    expect(server.paths().at(-1)).toBe(fallbackPath)
  })

  it('fails while it is read when it breaks off', async () => {
    const { server, provider } = await onFile(({ response, socket }) => {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': '1000' })
      response.write(movie)
      setImmediate(() => socket.destroySoon())
    })
    const download = await provider.download(
      access,
      { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` },
      never,
    )
    expect(download.sizeBytes).toBe(1000)
    await expect(buffer(download.body)).rejects.toThrow()
  })

  it('closes its connection when its reader does', async () => {
    const closed = Promise.withResolvers<void>()
    const { server, provider } = await onFile(({ response, socket }) => {
      socket.once('close', closed.resolve)
      response.writeHead(200, { 'content-type': 'video/mp4' })
      response.write(movie)
    })
    const download = await provider.download(
      access,
      { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` },
      never,
    )
    download.body.destroy()
    await closed.promise
  })

  it('ends when its job is canceled', async () => {
    const cancel = new AbortController()
    const { server, provider } = await onFile(({ response }) => {
      response.writeHead(200, { 'content-type': 'video/mp4' })
      response.write(movie)
    })
    const url = `${server.url}/cdn/r.mp4`
    const download = await provider.download(access, { renderId: 'render_1', url }, cancel.signal)
    cancel.abort()
    await expect(buffer(download.body)).rejects.toThrow()
  })
})

describe('the download route of the API', () => {
  it('may name the URL of the file', async () => {
    const { server, provider } = await setup(({ path }, reply) => {
      if (path === fallbackPath)
        reply.json({ success: true, data: { output: { url: '/cdn/other.mp4', size: 24 } } })
      else if (path === '/cdn/other.mp4') sendMovie(reply)
      else reply.json({}, 404)
    })
    const download = await provider.download(
      access,
      { renderId: 'render_1', url: `${server.url}/gone` },
      never,
    )
    expect(await contentOf(download)).toEqual(whole)
    expect(server.paths()).toEqual(['/gone', fallbackPath, '/cdn/other.mp4'])
  })

  it.each<[string, (reply: Reply) => void, string]>([
    ['a 404', (reply) => reply.json({}, 404), 'artifact_invalid'],
    [
      'a web page',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'artifact_invalid',
    ],
    ['JSON without a URL', (reply) => reply.json({}), 'artifact_invalid'],
    ['an expired token', (reply) => reply.json({ code: 1001 }), 'provider_auth_failed'],
    ['a 402, which the URL may do without', (reply) => reply.json({}, 402), 'artifact_invalid'],
    ['a 503', (reply) => reply.json({}, 503), 'provider_unavailable'],
    ['a reset', ({ socket }) => socket.resetAndDestroy(), 'provider_unavailable'],
  ])('answering with %s fails the download', async (_name, fallback, code) => {
    const { server, provider } = await onFile((reply) => reply.json({}, 404), fallback)
    const render = { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` }
    expect((await failureOf(provider.download(access, render, never))).code).toBe(code)
  })

  it.each([402, 403])(
    'answering with %i where there is no URL says that the plan does not cover it',
    async (status) => {
      const { provider } = await onFile(sendMovie, (reply) => reply.json({}, status))
      const failure = await failureOf(provider.download(access, { renderId: 'render_1', url: null }, never))
      expect(failure.code).toBe('export_not_allowed')
    },
  )
})

describe('a download from another origin', () => {
  const url = 'https://static1.example.test/render-result/render_1.mp4'

  it('goes through the guarded client, without our headers', async () => {
    const fetched: string[] = []
    const { server, provider } = await setup((_received, reply) => sendMovie(reply), {
      fetchForeign: async (foreign) => {
        fetched.push(foreign)
        return { statusCode: 200, headers: { 'content-type': 'video/mp4' }, body: Readable.from([movie]) }
      },
    })
    const download = await provider.download(access, { renderId: 'render_1', url }, never)
    expect(await contentOf(download)).toEqual({ ...whole, sizeBytes: null })
    expect(fetched).toEqual([url])
    expect(server.received).toEqual([])
  })

  it('is what a redirect away from the API becomes', async () => {
    const fetched: string[] = []
    const { server, provider } = await onFile((reply) => reply.json({}, 302, { location: url }))
    const guarded = await setup((_received, reply) => reply.json({}, 302, { location: url }), {
      fetchForeign: async (foreign) => {
        fetched.push(foreign)
        return { statusCode: 200, headers: {}, body: Readable.from([movie]) }
      },
    })
    const render = { renderId: 'render_1', url: `${guarded.server.url}/cdn/r.mp4` }
    expect((await contentOf(await guarded.provider.download(access, render, never))).content).toEqual(movie)
    expect(fetched).toEqual([url])
    const direct = { renderId: 'render_1', url: `${server.url}/cdn/r.mp4` }
    expect(await contentOf(await provider.download(access, direct, never))).toEqual(whole)
  })

  it.each<[string, () => Promise<{ statusCode: number; headers: Record<string, string>; body: Readable }>]>([
    ['is refused', () => Promise.reject(new Error('not a public address'))],
    ['is missing', async () => ({ statusCode: 404, headers: {}, body: Readable.from([movie]) })],
    [
      'breaks',
      async () => ({
        statusCode: 200,
        headers: {},
        body: new Readable({
          read() {
            this.destroy(new Error('cut'))
          },
        }),
      }),
    ],
  ])('goes by the route of the API when it %s', async (_name, fetchForeign) => {
    const { server, provider } = await setup((_received, reply) => sendMovie(reply), { fetchForeign })
    expect(await contentOf(await provider.download(access, { renderId: 'render_1', url }, never))).toEqual(
      whole,
    )
    expect(server.paths()).toEqual([fallbackPath])
  })

  it('is not made without the guarded client', async () => {
    const { server, provider } = await setup((_received, reply) => sendMovie(reply))
    expect(await contentOf(await provider.download(access, { renderId: 'render_1', url }, never))).toEqual(
      whole,
    )
    expect(server.paths()).toEqual([fallbackPath])
  })
})
