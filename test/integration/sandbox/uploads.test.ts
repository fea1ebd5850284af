import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { writeStillMovie } from '../../../src/sandbox/fixture/still-movie.ts'
import { drawStillPicture } from '../../../src/sandbox/fixture/still-picture.ts'
import { type Client, dataOf, type Reply, setup } from './support.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000280000001680806000000', 'hex')
const movie = writeStillMovie(drawStillPicture(170, 96, { luma: 1, blueChroma: 1, redChroma: 1 }), 4000)

interface Info {
  readonly filename: string
  readonly cdn_url: string
}
interface Uploaded {
  readonly files: readonly Info[]
  readonly session_state_applied: boolean
}

const upload = (
  client: Client,
  sessionId: string,
  files: readonly [string, Buffer][],
  field = 'files',
): Promise<Reply> => {
  const form = new FormData()
  for (const [name, bytes] of files) form.append(field, new Blob([new Uint8Array(bytes)]), name)
  return client.call('POST', `/api/upload-video/nemo_agent/me/${sessionId}`, { body: form })
}

const kept = async (dataDir: string): Promise<readonly string[]> => {
  const names = await readdir(join(dataDir, 'media'), { recursive: true })
  return names.filter((name) => name.includes('.'))
}

/** A server that has a file for every path. */
const serveFiles = async (
  files: Readonly<Record<string, { type: string; bytes: Buffer }>>,
): Promise<string> => {
  const server = createServer((request, response) => {
    const file = files[request.url ?? '']
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': file.type }).end(file.bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('files are kept, described from their headers, and put into the session', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const reply = dataOf<Uploaded>(
    await upload(client, session_id, [
      ['street.mp4', movie],
      ['Bild mit Umlaut ü.png', png],
    ]),
  )
  expect(reply).toMatchObject({
    session_state_applied: true,
    files: [
      { filename: 'street.mp4', file_type: 'video', duration: 4, width: 170, height: 96, fps: 1 },
      { filename: 'Bild mit Umlaut ü.png', file_type: 'image', width: 640, height: 360 },
    ],
  })
  expect((await client.state(session_id)).video_infos).toEqual(reply.files)
  for (const [index, bytes] of [movie, png].entries()) {
    const file = await fetch(reply.files[index]?.cdn_url ?? '')
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes)
  }
  expect(await client.ledger('upload')).toMatchObject([
    {
      verdict: 'accepted',
      form: 'multipart',
      files: [
        {
          filename: 'street.mp4',
          size_bytes: movie.length,
          sha256: createHash('sha256').update(movie).digest('hex'),
        },
        { size_bytes: png.length },
      ],
    },
  ])
})

test('an empty file is a file', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const { files } = dataOf<Uploaded>(await upload(client, session_id, [['silence.mp3', Buffer.alloc(0)]]))
  const file = await fetch(files[0]?.cdn_url ?? '')
  expect([file.status, (await file.arrayBuffer()).byteLength]).toEqual([200, 0])
})

test('every upload adds its files again', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await upload(client, session_id, [['a.png', png]])
  await upload(client, session_id, [['a.png', png]])
  const infos = (await client.state(session_id)).video_infos
  expect(infos).toHaveLength(2)
  expect(infos[0]?.['hash']).toBe(infos[1]?.['hash'])
})

test.each(['clip.exe', 'notes.txt', 'photo.heic', 'noextension', '..', 'a.mp4.sh'])(
  '%s is code 4001, and nothing is kept, not even its good neighbor',
  async (name) => {
    const { client, dataDir } = await setup()
    const { session_id } = await client.newSession()
    const reply = await upload(client, session_id, [
      ['a.png', png],
      [name, Buffer.alloc(300_000)],
      ['b.png', png],
    ])
    expect(reply).toMatchObject({ status: 200, body: { code: 4001 } })
    expect(await kept(dataDir)).toEqual([])
    expect((await client.state(session_id)).video_infos).toEqual([])
    expect(await client.ledger('upload')).toMatchObject([{ verdict: 'rejected', reason: '4001', files: [] }])
  },
)

test('a hostile name stays a name', async () => {
  const { client, dataDir } = await setup()
  const { session_id } = await client.newSession()
  const reply = dataOf<Uploaded>(await upload(client, session_id, [['../../../etc/evil.png', png]]))
  expect(await kept(dataDir)).toMatchObject([expect.stringMatching(/^med_[0-9a-f]{20}\.png$/)])
  const file = await fetch(reply.files[0]?.cdn_url ?? '')
  expect(file.status).toBe(200)
})

test('a file over the limit is code 4002, and nothing is kept', async () => {
  const { client, dataDir } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'upload.limitBytes': 1_000_000 })
  expect(await upload(client, session_id, [['big.mp4', Buffer.alloc(1_000_001)]])).toMatchObject({
    status: 200,
    body: { code: 4002 },
  })
  expect(await kept(dataDir)).toEqual([])
  expect(await upload(client, session_id, [['big.mp4', Buffer.alloc(1_000_000)]])).toMatchObject({
    body: { code: 0 },
  })
})

test('a part of another name is no file', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  expect(await upload(client, session_id, [['a.png', png]], 'file')).toMatchObject({ status: 400 })
})

test('an upload that breaks off leaves nothing', async () => {
  const { client, dataDir } = await setup()
  const { session_id } = await client.newSession()
  const { hostname, port } = new URL(client.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /api/upload-video/nemo_agent/me/${session_id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer nmv_usr_TEST0001\r\n` +
      'Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n' +
      `--b\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n${'x'.repeat(50_000)}`,
  )
  await vi.waitFor(async () => expect(await kept(dataDir)).toHaveLength(1))
  socket.destroy()
  await vi.waitFor(async () => expect(await kept(dataDir)).toEqual([]))
  expect((await client.state(session_id)).video_infos).toEqual([])
})

test('URLs are fetched, named by their path or their type', async () => {
  const origin = await serveFiles({
    '/media/street.mp4?token=x': { type: 'video/mp4', bytes: movie },
    '/photo': { type: 'image/png; charset=binary', bytes: png },
  })
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const reply = await client.post(`/api/upload-video/nemo_agent/me/${session_id}`, {
    urls: [`${origin}/media/street.mp4?token=x`, `${origin}/photo`],
    source_type: 'url',
  })
  expect(dataOf<Uploaded>(reply).files).toMatchObject([
    { filename: 'street.mp4', duration: 4 },
    { filename: 'photo.png', width: 640 },
  ])
  expect(await client.ledger('upload')).toMatchObject([{ form: 'urls', verdict: 'accepted' }])
})

test('a URL that cannot be fetched, is too large or of no known type is refused, and nothing is kept', async () => {
  const origin = await serveFiles({
    '/a.png': { type: 'image/png', bytes: png },
    '/page': { type: 'text/html', bytes: Buffer.from('<html>') },
    '/big.mp4': { type: 'video/mp4', bytes: Buffer.alloc(2_000_000) },
  })
  const { client, dataDir } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'upload.limitBytes': 1_000_000 })
  const ask = (url: string) =>
    client.post(`/api/upload-video/nemo_agent/me/${session_id}`, { urls: [`${origin}/a.png`, url] })
  expect(await ask(`${origin}/gone.mp4`)).toMatchObject({ status: 400 })
  expect(await ask('http://127.0.0.1:1/a.mp4')).toMatchObject({ status: 400 })
  expect(await ask('file:///etc/passwd')).toMatchObject({ status: 400 })
  expect(await ask(`${origin}/page`)).toMatchObject({ body: { code: 4001 } })
  expect(await ask(`${origin}/big.mp4`)).toMatchObject({ body: { code: 4002 } })
  expect(await client.post(`/api/upload-video/nemo_agent/me/${session_id}`, { urls: [] })).toMatchObject({
    status: 400,
  })
  expect(await kept(dataDir)).toEqual([])
})

test('uploaded pictures become a clip, uploaded videos go onto the timeline, uploaded sound is the music', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const { files } = dataOf<Uploaded>(
    await upload(client, session_id, [
      ['a.png', png],
      ['street.mp4', movie],
      ['song.mp3', Buffer.from('ID3')],
    ]),
  )
  await client.send(session_id, 'make a clip of this')
  const state = await client.state(session_id)
  expect(
    state.draft.t.map((track) => track.sg.map((segment) => (segment['m'] as { src?: string }).src)),
  ).toEqual([[state.generated_media[0]?.url, files[1]?.cdn_url], [files[2]?.cdn_url], [undefined]])
  expect((await client.balance()).total).toBe(900)
})

test('media that comes after the generation is used by the next message', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const before = (await client.state(session_id)).draft.d
  await upload(client, session_id, [['street.mp4', movie]])
  await client.send(session_id, 'put this at the end')
  expect((await client.state(session_id)).draft.d).toBe(before + 4000)
  await client.send(session_id, 'and make it warmer')
  expect((await client.state(session_id)).draft.d).toBe(before + 4000)
})
