import { expect, test } from 'vitest'
import { setup } from './support.ts'

test('bad switches are named, and then none is set', async () => {
  const { client } = await setup()
  const ask = (body: unknown) => client.post('/sandbox/faults', body)
  const reply = await ask({ set: { 'stream.noClose': true, 'stream.dialect': 'klingon', nonsense: 1 } })
  expect(reply.status).toBe(400)
  expect(reply.body).toEqual({
    errors: [
      expect.stringContaining('stream.dialect'),
      expect.stringContaining('nonsense: there is no such switch'),
    ],
  })
  expect(await ask({ set: {}, endpoint: 'nowhere' })).toMatchObject({ status: 400 })
  expect(await ask({ set: {}, probability: 2 })).toMatchObject({ status: 400 })
  expect(await ask({ set: {}, sometimes: true })).toMatchObject({ status: 400 })
  expect(await ask('no json')).toMatchObject({ status: 400 })
  expect((await client.get('/sandbox/faults')).body).toEqual({ faults: [] })
})

test('faults are listed, used up, removed and cleared', async () => {
  const { client } = await setup()
  const [first] = await client.fault({ 'http.status': 500 }, { endpoint: 'balance', times: 2 })
  await client.fault({ 'edit.noop': true }, { task_name: 'mine', probability: 0.5 })
  expect((await client.get('/sandbox/faults')).body).toEqual({
    faults: [
      { id: first?.id, switch: 'http.status', value: 500, endpoint: 'balance', times_left: 2 },
      { id: expect.any(String), switch: 'edit.noop', value: true, task_name: 'mine', probability: 0.5 },
    ],
  })
  const statuses = []
  for (let n = 0; n < 3; n++) statuses.push((await client.get('/api/credits/balance/simple')).status)
  expect(statuses).toEqual([500, 500, 200])
  const [second] = await client.fault({ 'http.status': 500 })
  expect((await client.call('DELETE', `/sandbox/faults/${second?.id}`)).status).toBe(204)
  expect((await client.call('DELETE', `/sandbox/faults/${second?.id}`)).status).toBe(404)
  expect((await client.call('DELETE', '/sandbox/faults')).status).toBe(204)
  expect((await client.get('/sandbox/faults')).body).toEqual({ faults: [] })
})

test('a fault strikes only the session, task or endpoint that it is aimed at', async () => {
  const { client } = await setup()
  const [one, two, three] = [
    await client.newSession({ task_name: 'one' }),
    await client.newSession({ task_name: 'two' }),
    await client.newSession({ task_name: 'three' }),
  ]
  await client.fault({ 'http.status': 503 }, { session_id: one.session_id })
  await client.fault({ 'http.status': 502 }, { task_name: 'two', endpoint: 'state' })
  const look = async ({ session_id }: { session_id: string }) => [
    (await client.get(`/api/state/nemo_agent/me/${session_id}/latest`)).status,
    (await client.send(session_id, 'hello?')).status,
  ]
  expect([await look(one), await look(two), await look(three)]).toEqual([
    [503, 503],
    [502, 200],
    [200, 200],
  ])
  await client.fault({ 'http.status': 504 }, { task_name: 'four' })
  expect((await client.post('/api/tasks/me/with-session/nemo_agent', { task_name: 'four' })).status).toBe(504)
})

test('a probability strikes about as often as it says, the same way for the same seed', async () => {
  const statusesOf = async () => {
    const { client } = await setup({ seed: 11 })
    await client.fault({ 'http.status': 503 }, { endpoint: 'balance', probability: 0.3 })
    const statuses: number[] = []
    for (let n = 0; n < 200; n++) statuses.push((await client.get('/api/credits/balance/simple')).status)
    return statuses
  }
  const statuses = await statusesOf()
  const share = statuses.filter((status) => status === 503).length / 200
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThan(0.4)
  expect(await statusesOf()).toEqual(statuses)
})
