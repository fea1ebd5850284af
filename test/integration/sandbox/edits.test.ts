import { expect, test } from 'vitest'
import { eventually, setup } from './support.ts'

test.each([
  ['add lo-fi background music', { m: { title: 'Lo-fi' } }],
  ['make the title red', { m: { color: '#FF0000' } }],
  ['change the title to Winter', { m: { text: 'Winter' } }],
  ['turn the music volume to 20%', { m: { volume: 0.2 } }],
  ['add subtitles', { m: { role: 'subtitle' } }],
  ['slower', { m: { speed: 0.75 } }],
])('%j shows in the draft', async (text, segment) => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.send(session_id, text)
  const { draft } = await client.state(session_id)
  expect(draft.t.flatMap((track) => track.sg)).toContainEqual(
    expect.objectContaining({ m: expect.objectContaining(segment.m) }),
  )
})

test('shorter is shorter, again and again', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const lengths = [(await client.state(session_id)).draft.d]
  for (let n = 0; n < 3; n++) {
    await client.send(session_id, 'make it shorter')
    lengths.push((await client.state(session_id)).draft.d)
  }
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
  expect(new Set(lengths).size).toBe(4)
})

test('an edit that the agent does not know changes the look, each time', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const drafts = [JSON.stringify((await client.state(session_id)).draft)]
  for (let n = 0; n < 3; n++) {
    await client.send(session_id, 'sprinkle some magic on it')
    drafts.push(JSON.stringify((await client.state(session_id)).draft))
  }
  expect(new Set(drafts).size).toBe(4)
})

test('about three edits in ten say nothing, and are done all the same', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 100_000 }], seed: 7 })
  const { session_id } = await client.generated()
  let silent = 0
  for (let n = 0; n < 60; n++) {
    const before = await client.state(session_id)
    const { texts, frames } = await client.send(session_id, 'sprinkle some magic on it')
    expect(frames.length).toBeGreaterThanOrEqual(2)
    expect(await client.state(session_id)).not.toEqual(before)
    if (texts.length === 0) silent += 1
  }
  expect(silent).toBeGreaterThan(6)
  expect(silent).toBeLessThan(32)
})

test('the same seed gives the same silences', async () => {
  const silencesOf = async () => {
    const { client } = await setup({ seed: 3 })
    const { session_id } = await client.generated()
    const counts: number[] = []
    for (let n = 0; n < 8; n++) counts.push((await client.send(session_id, 'make it warmer')).texts.length)
    return counts
  }
  expect(await silencesOf()).toEqual(await silencesOf())
})

test('a second message during a turn gets a stale session, and costs nothing', async () => {
  const { client } = await setup({ timeFactor: 1 / 200 })
  const { session_id } = await client.newSession()
  const first = client.send(session_id, 'a fox')
  await eventually(async () => (await client.balance()).frozen).toBe(100)
  const second = await client.send(session_id, 'a wolf')
  expect(second).toMatchObject({ status: 200 })
  expect(second.frames).toMatchObject([{ event: { error: expect.stringContaining('stale session') } }])
  await first
  expect((await client.balance()).total).toBe(900)
  expect(await client.ledger('message')).toMatchObject([
    { verdict: 'accepted' },
    { verdict: 'rejected', reason: 'stale session' },
  ])
})

test('asking for streaming gives partial texts and then the whole', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const reply = await client.post('/run_sse', {
    ...client.message(session_id, 'what can you do?'),
    streaming: true,
  })
  const partials = reply.text.split('\n\n').filter((frame) => frame.includes('"partial":true'))
  expect(partials).toHaveLength(2)
})
