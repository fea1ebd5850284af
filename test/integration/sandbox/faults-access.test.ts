import { expect, test } from 'vitest'
import { createClient, dataOf, setup } from './support.ts'

const dayMs = 86_400_000

test('session.expired: gone for good', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'session.expired': true }, { session_id, times: 1 })
  for (let n = 0; n < 2; n++) {
    expect(await client.get(`/api/state/nemo_agent/me/${session_id}/latest`)).toMatchObject({
      body: { code: 1002 },
    })
  }
})

test('credits.exhausted: code 2001 whatever the balance', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  await client.fault({ 'credits.exhausted': true })
  expect(await client.send(session_id, 'a fox')).toMatchObject({ body: { code: 2001 } })
})

test('errors.httpMapped gives the body codes a status', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 10 }] })
  const { session_id } = await client.newSession()
  await client.fault({ 'errors.httpMapped': true })
  const form = new FormData()
  form.append('files', new Blob(['x']), 'x.txt')
  expect([
    await client.get('/api/credits/balance/simple', { authorization: '' }),
    await client.get('/api/state/nemo_agent/me/1/latest'),
    await client.send(session_id, 'a fox'),
    await client.call('POST', `/api/upload-video/nemo_agent/me/${session_id}`, { body: form }),
  ]).toMatchObject([
    { status: 401, body: { code: 1001 } },
    { status: 404, body: { code: 1002 } },
    { status: 402, body: { code: 2001 } },
    { status: 415, body: { code: 4001 } },
  ])
})

test('attribution can be switched off, or judged only when the credits are gone', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 200 }] })
  const { session_id } = await client.generated()
  const bare = { 'x-skill-source': '' }
  await client.fault({ attribution: 'off' }, { times: 1 })
  expect(await client.submit(session_id, 'r1', bare)).toMatchObject({ status: 200 })
  await client.fault({ attribution: 'onlyIfBroke' })
  expect(await client.submit(session_id, 'r2', bare)).toMatchObject({ status: 200 })
  await client.send(session_id, 'regenerate')
  expect(await client.submit(session_id, 'r3', bare)).toMatchObject({ status: 402 })
})

test('token switches: no expiry, an early end, and a clock that is ahead', async () => {
  const { client } = await setup()
  const ask = (id: string) => client.post('/api/auth/anonymous-token', undefined, { 'x-client-id': id })
  await client.fault({ 'token.neverExpires': true }, { times: 1 })
  const endless = dataOf<Record<string, string>>(await ask('endless'))
  expect(endless).not.toHaveProperty('expires_at')
  const { token } = dataOf<{ token: string }>(await ask('weekly'))
  const weekly = createClient(client.url, token)
  await client.fault({ 'token.clockOffsetMs': 7 * dayMs + 1000 })
  expect(await weekly.get('/api/credits/balance/simple')).toMatchObject({ body: { code: 1001 } })
  expect(await createClient(client.url, endless['token']).get('/api/credits/balance/simple')).toMatchObject({
    body: { code: 0 },
  })
  expect(await ask('weekly')).toMatchObject({ status: 200 })
  await client.call('DELETE', '/sandbox/faults')
  await client.fault({ 'token.expired': true }, { times: 1 })
  expect(await client.get('/api/credits/balance/simple')).toMatchObject({ body: { code: 1001 } })
})

test('token.hourlyIpLimit: five an hour, whatever the client id', async () => {
  const { client } = await setup()
  await client.fault({ 'token.hourlyIpLimit': true })
  const statuses = []
  for (let n = 0; n < 6; n++) {
    statuses.push(
      (await client.post('/api/auth/anonymous-token', undefined, { 'x-client-id': 'same' })).status,
    )
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
})
