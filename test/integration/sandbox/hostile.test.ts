import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { type Client, eventually, setup } from './support.ts'

/** Sends raw bytes and collects what comes back until the server closes the connection. */
const sendRaw = (client: Client, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(client.url)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(text))
    socket.on('error', () => undefined)
    socket.end(bytes)
  })

const isAlive = async (client: Client): Promise<boolean> => (await client.get('/healthz')).status === 200

const bodies = [
  '',
  '{',
  'null',
  '[]',
  '5',
  '"text"',
  '{"__proto__":{"isAdmin":true}}',
  '{"session_id":{"toString":1}}',
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `{"task_name":"${'x'.repeat(100_000)}"}`,
  '{"id":"\\u0000","sessionId":"1","draft":{"t":[{"sg":[{}]}]}}',
  '{"app_name":"nemo_agent","session_id":"1","new_message":{"parts":[{"text":null},5]}}',
  '{"urls":[5,null,{}]}',
  '{"set":{"__proto__":true,"constructor":true,"toString":1}}',
]

test('no body brings the sandbox down or makes it answer 5xx', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const paths = [
    '/api/auth/anonymous-token',
    '/api/tasks/me/with-session/nemo_agent',
    '/run_sse',
    `/api/upload-video/nemo_agent/me/${session_id}`,
    '/api/render/proxy/lambda',
    '/api/render/proxy/lambda/x/cancel',
    '/api/auth/claim-token',
    '/api/tokens',
    '/sandbox/faults',
  ]
  for (const path of paths) {
    for (const body of bodies) {
      for (const type of [
        'application/json',
        'text/plain',
        'multipart/form-data; boundary=b',
        'multipart/form-data',
        'x',
      ]) {
        const reply = await client.call('POST', path, { body, headers: { 'content-type': type } })
        expect(reply.status, `${path} ${type} ${body.slice(0, 80)}`).toBeLessThan(500)
      }
    }
  }
  expect(await isAlive(client)).toBe(true)
})

test('no path brings the sandbox down or leads out of its folder', async () => {
  const { client } = await setup()
  const names = [
    '..%2f..%2fledger.jsonl',
    '%00',
    '%',
    '%ff',
    'x'.repeat(600),
    '__proto__',
    'constructor',
    '..',
    '%2e%2e%2f',
  ]
  for (const name of names) {
    for (const path of [
      `/cdn/gen/${name}.mp4`,
      `/cdn/u/${name}/x.png`,
      `/cdn/render-result/${name}.mp4`,
      `/api/render/proxy/lambda/${name}`,
      `/api/render/proxy/${name}/download`,
      `/api/state/nemo_agent/me/${name}/latest`,
      `/api/tokens/${name}/revoke`,
      `/sandbox/ledger?after=${name}&kind=${name}`,
    ]) {
      const reply = await client.get(path)
      expect(reply.status, path).toBeLessThan(500)
      expect(reply.text, path).not.toContain('"seq":')
    }
  }
  expect(await isAlive(client)).toBe(true)
})

test.each([
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['two lengths', 'POST /run_sse HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
  [
    'a length and chunks',
    'POST /run_sse HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['huge headers', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ['half a request', 'POST /run_sse HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"a"'],
  ['a hostile host', 'GET /healthz HTTP/1.1\r\nHost: "><script>\r\nConnection: close\r\n\r\n'],
])('%s is answered or closed', async (_name, bytes) => {
  const { client } = await setup()
  expect(await sendRaw(client, bytes)).not.toMatch(/^HTTP\/1\.1 5/)
  expect(await isAlive(client)).toBe(true)
})

test('a hostile host does not get into the URLs of answers', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const answer = await sendRaw(
    client,
    `GET /api/state/nemo_agent/me/${session_id}/latest HTTP/1.1\r\nHost: evil"/><x>\r\nConnection: close\r\n` +
      'Authorization: Bearer nmv_usr_TEST0001\r\n\r\n',
  )
  expect(answer).toContain(`${client.url}/cdn/gen/`)
  expect(answer).not.toContain('evil')
})

test('a body over 8 MiB is refused', async () => {
  const { client } = await setup()
  const reply = await client.post('/api/tasks/me/with-session/nemo_agent', {
    task_name: 'x'.repeat(9 * 1024 * 1024),
  })
  expect(reply).toMatchObject({ status: 413, body: { code: 413 } })
})

test('clients that open streams and leave cost nothing afterwards', async () => {
  const { client } = await setup({ timeFactor: 1 / 1000 })
  await Promise.all(
    Array.from({ length: 9 }, async () => {
      const { session_id } = await client.newSession()
      const stop = new AbortController()
      const turn = client.call('POST', '/run_sse', {
        json: client.message(session_id, 'a fox'),
        signal: stop.signal,
      })
      turn.catch(() => undefined)
      await eventually(async () =>
        (await client.ledger('message')).some((row) => row['session_id'] === session_id),
      ).toBe(true)
      stop.abort()
    }),
  )
  await eventually(async () => (await client.get('/sandbox/state')).body).toMatchObject({
    turns_running: 0,
    sessions: 9,
    credits: { available: 100, frozen: 0, spent: 900 },
  })
})
