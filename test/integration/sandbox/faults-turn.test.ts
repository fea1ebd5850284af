import { expect, test } from 'vitest'
import { eventually, setup } from './support.ts'

test('generation.fail: the tool refuses, the agent says so, and it is refunded', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'generation.fail': true }, { times: 1 })
  const { text, texts } = await client.send(session_id, 'a fox')
  expect(text).toContain('"status":"error"')
  expect(texts.at(-1)).toContain('could not be generated')
  expect(await client.balance()).toEqual({ available: 1000, frozen: 0, total: 1000 })
  await client.send(session_id, 'a fox')
  expect((await client.balance()).total).toBe(900)
})

test.each([
  ['generation.asksQuestion', 0],
  ['edit.asksQuestion', 1],
])('%s: a question instead of work, free of charge', async (name, generations) => {
  const { client } = await setup()
  const { session_id } = generations === 0 ? await client.newSession() : await client.generated()
  const before = await client.state(session_id)
  await client.fault({ [name]: true })
  const { texts, frames } = await client.send(session_id, 'a fox')
  expect(frames).toHaveLength(1)
  expect(texts[0]).toContain('?')
  expect(await client.state(session_id)).toEqual(before)
  expect((await client.balance()).total).toBe(1000 - 100 * generations)
})

test('an edit fault waits for an edit', async () => {
  const { client } = await setup()
  await client.fault({ 'edit.noop': true }, { times: 1 })
  const { session_id } = await client.generated()
  const before = await client.state(session_id)
  const { texts } = await client.send(session_id, 'make it shorter')
  expect(texts.length).toBeGreaterThanOrEqual(0)
  expect(await client.state(session_id)).toEqual(before)
  expect((await client.balance()).total).toBe(900)
  await client.send(session_id, 'make it shorter')
  expect(await client.state(session_id)).not.toEqual(before)
})

test.each([
  ['always', 0],
  ['never', 2],
])('edit.silent %s', async (value, count) => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.fault({ 'edit.silent': value })
  for (let n = 0; n < 6; n++)
    expect((await client.send(session_id, 'make it warmer')).texts).toHaveLength(count)
})

test('turn.lateMs: the stream has ended before the state shows anything', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'turn.lateMs': 1000 }, { times: 1 })
  const { texts } = await client.send(session_id, 'a fox')
  expect(texts).toHaveLength(3)
  expect((await client.state(session_id)).draft).toEqual({})
  expect(await client.balance()).toMatchObject({ frozen: 100 })
  await eventually(async () => (await client.state(session_id)).draft.t).toHaveLength(3)
  expect(await client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})
