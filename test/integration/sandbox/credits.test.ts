import { expect, test } from 'vitest'
import { setup } from './support.ts'

const movements = async (client: Awaited<ReturnType<typeof setup>>['client']) =>
  (await client.ledger('charge')).map((row) => [row['action'], row['credits']])

test('a generation costs 100, the first edit of a session 50, later ones nothing', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.send(session_id, 'add jazz music')
  await client.send(session_id, 'make the title red')
  await client.send(session_id, 'make it shorter')
  expect(await client.balance()).toEqual({ available: 850, frozen: 0, total: 850 })
  await client.send(session_id, 'regenerate')
  expect(await client.balance()).toEqual({ available: 750, frozen: 0, total: 750 })
  expect(await movements(client)).toEqual([
    ['freeze', 100],
    ['settle', 100],
    ['freeze', 50],
    ['settle', 50],
    ['freeze', 100],
    ['settle', 100],
  ])
})

test('an edit that changes nothing is free, and does not pay for the next one', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const before = await client.state(session_id)
  await client.send(session_id, 'remove the subtitles')
  expect(await client.state(session_id)).toEqual(before)
  expect((await client.balance()).available).toBe(900)
  await client.send(session_id, 'remove the music')
  expect((await client.balance()).available).toBe(850)
})

test('words alone are free', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const { frames, texts } = await client.send(session_id, 'what can you do?')
  expect(frames).toHaveLength(1)
  expect(texts).toHaveLength(1)
  expect(await client.balance()).toEqual({ available: 1000, frozen: 0, total: 1000 })
  expect(await client.ledger('message')).toMatchObject([{ intent: 'text', cost: 0, verdict: 'accepted' }])
})

test('without enough credits a message is code 2001 and leaves nothing behind', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 120 }] })
  const { session_id } = await client.generated()
  const before = await client.state(session_id)
  expect(await client.send(session_id, 'make it shorter')).toMatchObject({
    status: 200,
    body: { code: 2001 },
  })
  expect(await client.state(session_id)).toEqual(before)
  expect(await client.balance()).toEqual({ available: 20, frozen: 0, total: 20 })
  expect(await client.ledger('message')).toMatchObject([
    { verdict: 'accepted' },
    { verdict: 'rejected', reason: '2001' },
  ])
  expect((await client.send(session_id, 'how long is it?')).texts).toHaveLength(1)
})

test('two sessions at once cannot spend the same credits', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 150 }] })
  const sessions = await Promise.all([client.newSession(), client.newSession(), client.newSession()])
  const replies = await Promise.all(sessions.map(({ session_id }) => client.send(session_id, 'a fox')))
  expect(replies.filter((reply) => reply.text.includes('"code":2001'))).toHaveLength(2)
  expect(await client.balance()).toEqual({ available: 50, frozen: 0, total: 50 })
})

test('exports are free', async () => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  await client.submit(session_id, 'r')
  await client.rendered('r')
  expect((await client.balance()).total).toBe(900)
})
