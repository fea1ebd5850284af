import { createCanvas } from '@napi-rs/canvas'
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny'
import { expect, test } from 'vitest'
import { eventually, setup } from './support.ts'

const probe = async (url: string) => {
  const bytes = await (await fetch(url)).arrayBuffer()
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) })
  const video = await input.getPrimaryVideoTrack()
  return {
    durationS: await input.computeDuration(),
    codec: video?.codec,
    isPortrait: (video?.displayHeight ?? 0) > (video?.displayWidth ?? 0),
  }
}

const picture = (): Blob => {
  const canvas = createCanvas(320, 180)
  const context = canvas.getContext('2d')
  context.fillStyle = '#336699'
  context.fillRect(0, 0, 320, 180)
  return new Blob([new Uint8Array(canvas.toBuffer('image/png'))])
}

test('a draft becomes a movie of its length and shape', async () => {
  const { client } = await setup({ renderer: 'tiny' })
  const { session_id } = await client.generated('a fox in the snow, 2 seconds, 9:16')
  await client.submit(session_id, 'r')
  const { output } = await client.rendered('r')
  expect(output.duration).toBe(2)
  expect(await probe(output.url)).toMatchObject({
    codec: 'avc',
    isPortrait: true,
    durationS: expect.closeTo(2, 0),
  })
})

test('an uploaded picture becomes a clip, and the clip a movie', async () => {
  const { client } = await setup({ renderer: 'tiny' })
  const { session_id } = await client.newSession()
  const form = new FormData()
  form.append('files', picture(), 'photo.png')
  await client.call('POST', `/api/upload-video/nemo_agent/me/${session_id}`, { body: form })
  await client.send(session_id, 'animate this photo for 2 seconds')
  await client.submit(session_id, 'r')
  const { output } = await client.rendered('r')
  expect(await probe(output.url)).toMatchObject({ codec: 'avc' })
  const { generated_media } = await client.state(session_id)
  expect(await probe(generated_media[0]?.url ?? '')).toMatchObject({ codec: 'avc' })
})

test('media that cannot be decoded fails its render, with a reason', async () => {
  const { client } = await setup({ renderer: 'tiny' })
  const { session_id } = await client.newSession()
  const form = new FormData()
  form.append('files', new Blob(['this is no movie']), 'broken.mp4')
  await client.call('POST', `/api/upload-video/nemo_agent/me/${session_id}`, { body: form })
  await client.send(session_id, 'make a clip of this')
  await client.submit(session_id, 'r')
  await eventually(async () => (await client.poll('r')).body).toMatchObject({
    status: 'failed',
    error: expect.any(String),
  })
})

test('a stop in the middle of a real render ends nothing: the next start finishes it', async () => {
  const { client, sandbox, dataDir } = await setup({ renderer: 'tiny' })
  const { session_id } = await client.generated('a city at night, 10 seconds')
  await client.submit(session_id, 'r')
  await eventually(async () => (await client.poll('r')).body).toMatchObject({ status: 'processing' })
  await sandbox.close()

  const { client: again } = await setup({ renderer: 'tiny', dataDir })
  const { output } = await again.rendered('r')
  expect(output.duration).toBe(10)
  expect(await again.ledger('render_end')).toMatchObject([{ render_id: 'r', status: 'completed' }])
})
