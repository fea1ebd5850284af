import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually, setup } from './support.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

test('http.status answers an error, and nothing is done', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.status': 503 }, { endpoint: 'run_sse', times: 1 })
  expect(await client.send(session_id, 'a fox')).toMatchObject({ status: 503, body: { code: 503 } })
  expect(await client.balance()).toMatchObject({ total: 1000 })
  expect(await client.ledger('message')).toMatchObject([
    { verdict: 'rejected', reason: '503', session_id, text_sha256: sha256('a fox') },
  ])
})

test('http.errorIn200 hides a code in a success', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  for (const code of [2001, 1001, 5000]) {
    await client.fault({ 'http.errorIn200': code }, { times: 1, endpoint: 'run_sse' })
    expect(await client.send(session_id, 'a fox')).toMatchObject({ status: 200, body: { code } })
  }
})

test('http.rateLimit answers 429, with and without a time to wait', async () => {
  const { client } = await setup()
  await client.fault({ 'http.rateLimit': { retryAfterS: 7 } }, { times: 1 })
  const patient = await client.get('/api/credits/balance/simple')
  expect([patient.status, patient.headers.get('retry-after')]).toEqual([429, '7'])
  await client.fault({ 'http.rateLimit': { retryAfterS: null } }, { times: 1 })
  const silent = await client.get('/api/credits/balance/simple')
  expect([silent.status, silent.headers.get('retry-after')]).toEqual([429, null])
})

test('http.reset before: the connection is reset and nothing was done', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.reset': 'before' }, { endpoint: 'run_sse', times: 1 })
  await expect(client.send(session_id, 'a fox')).rejects.toThrow()
  expect(await client.ledger('message')).toMatchObject([
    { verdict: 'dropped', session_id, text_sha256: sha256('a fox') },
  ])
  expect(await client.balance()).toMatchObject({ total: 1000 })
})

test('http.reset after: the connection is reset and all was done', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.reset': 'after' }, { endpoint: 'run_sse', times: 1 })
  await expect(client.send(session_id, 'a fox')).rejects.toThrow()
  await eventually(() => client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
  expect(await client.ledger('message')).toMatchObject([{ verdict: 'accepted' }])
})

test('http.statusAfter on a message: charged, then 500', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.statusAfter': 500 }, { endpoint: 'run_sse', times: 1 })
  expect(await client.send(session_id, 'a fox')).toMatchObject({ status: 500, body: { code: 500 } })
  await eventually(() => client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
  expect((await client.state(session_id)).draft.t).toHaveLength(3)
  expect(await client.ledger('message')).toMatchObject([{ verdict: 'accepted' }])
})

test.each([
  ['before', 1000],
  ['after', 900],
])('http.noAnswer %s: never an answer, and %i credits are left', async (when, total) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.noAnswer': when }, { endpoint: 'run_sse', times: 1 })
  const giveUp = new AbortController()
  const turn = client.call('POST', '/run_sse', {
    json: client.message(session_id, 'a fox'),
    signal: giveUp.signal,
  })
  turn.catch(() => undefined)
  await eventually(() => client.ledger('message')).toHaveLength(1)
  await eventually(async () => (await client.balance()).frozen).toBe(0)
  giveUp.abort()
  await expect(turn).rejects.toThrow()
  expect(await client.balance()).toMatchObject({ total })
})

test('http.delayMs: the work comes late, even when the client has gone', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'http.delayMs': 1000 }, { endpoint: 'run_sse', times: 1 })
  const giveUp = new AbortController()
  const turn = client.call('POST', '/run_sse', {
    json: client.message(session_id, 'a fox'),
    signal: giveUp.signal,
  })
  await eventually(async () => (await client.get('/sandbox/faults')).body).toEqual({ faults: [] })
  giveUp.abort()
  await expect(turn).rejects.toThrow()
  expect(await client.ledger('message')).toEqual([])
  await eventually(() => client.balance()).toEqual({ available: 900, frozen: 0, total: 900 })
})

test('http.delayAnswerMs: the work is done before the answer', async () => {
  const { client } = await setup()
  await client.fault({ 'http.delayAnswerMs': 1000 }, { endpoint: 'create_session', times: 1 })
  let isAnswered = false
  const session = client.newSession().then(() => {
    isAnswered = true
  })
  await eventually(() => client.ledger('session')).toHaveLength(1)
  expect(isAnswered).toBe(false)
  await session
})
