import { expect, test } from 'vitest'
import { createClient, dataOf, setup } from './support.ts'

test.each([
  ['no token', ''],
  ['an unknown token', 'Bearer nmv_usr_NOBODY'],
  ['another scheme', 'Basic bm12'],
])('%s is code 1001 on every endpoint', async (_name, authorization) => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const headers = { authorization }
  const replies = [
    await client.post('/api/tasks/me/with-session/nemo_agent', { task_name: 'x' }, headers),
    await client.post('/run_sse', client.message(session_id, 'a fox'), headers),
    await client.post(
      `/api/upload-video/nemo_agent/me/${session_id}`,
      { urls: ['http://x.test/a.mp4'] },
      headers,
    ),
    await client.get('/api/credits/balance/simple', headers),
    await client.get(`/api/state/nemo_agent/me/${session_id}/latest`, headers),
    await client.post('/api/render/proxy/lambda', { id: 'r', sessionId: session_id, draft: {} }, headers),
    await client.get('/api/render/proxy/lambda/r', headers),
    await client.get('/api/render/proxy/r/download', headers),
    await client.post('/api/render/proxy/lambda/r/cancel', undefined, headers),
    await client.post('/api/auth/claim-token', {}, headers),
    await client.get('/api/tokens', headers),
  ]
  for (const reply of replies) {
    expect(reply).toMatchObject({ status: 200, body: { code: 1001, message: expect.any(String) } })
  }
})

test('an unknown session, and one of somebody else, is code 1002', async () => {
  const other = 'nmv_usr_OTHER'
  const { client } = await setup({
    accounts: [
      { token: 'nmv_usr_TEST0001', credits: 1000 },
      { token: other, credits: 1000 },
    ],
  })
  const { session_id, task_id } = await client.newSession()
  const stranger = createClient(client.url, other)
  for (const [asker, id] of [
    [client, '5000000000000000000'],
    [stranger, session_id],
  ] as const) {
    const replies = [
      await asker.post('/run_sse', asker.message(id, 'a fox')),
      await asker.get(`/api/state/nemo_agent/me/${id}/latest`),
      await asker.post(`/api/upload-video/nemo_agent/me/${id}`, { urls: ['http://x.test/a.mp4'] }),
      await asker.post('/api/render/proxy/lambda', { id: 'r', sessionId: id, draft: { t: [{ sg: [{}] }] } }),
      await asker.post('/api/auth/claim-token', { task_id, session_id: id }),
    ]
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: { code: 1002 } })
  }
})

test('a path or a body that names another user is refused', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  expect(await client.get(`/api/state/nemo_agent/anon_ffffffffffff/${session_id}/latest`)).toMatchObject({
    status: 403,
    body: { code: 403 },
  })
  expect(
    await client.post('/run_sse', { ...client.message(session_id, 'a fox'), user_id: 'anon_ffffffffffff' }),
  ).toMatchObject({ status: 403 })
})

test('a message that does not fit the schema is FastAPI’s 422', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const broken = await client.call('POST', '/run_sse', { body: '{"app_name": ' })
  expect(broken).toMatchObject({ status: 422, body: { detail: [{ loc: ['body'] }] } })
  const number = await client.post('/run_sse', { ...client.message(session_id, 'a fox'), session_id: 5 })
  expect(number).toMatchObject({ status: 422, body: { detail: [{ loc: ['body', 'session_id'] }] } })
  expect(await client.post('/run_sse', { session_id })).toMatchObject({ status: 422 })
})

test('a client id is needed, and may be 64 characters long', async () => {
  const { client } = await setup()
  const ask = (id: string) => client.post('/api/auth/anonymous-token', undefined, { 'x-client-id': id })
  expect(await client.post('/api/auth/anonymous-token')).toMatchObject({ status: 400, body: { code: 400 } })
  expect(await ask('c'.repeat(65))).toMatchObject({ status: 400 })
  expect(await ask('c'.repeat(64))).toMatchObject({ status: 200, body: { code: 0 } })
})

test('quotas of anonymous tokens end in 429', async () => {
  const { client } = await setup()
  const ask = (id: string) => client.post('/api/auth/anonymous-token', undefined, { 'x-client-id': id })
  expect(await ask('c-0')).toMatchObject({ status: 200 })
  expect(await ask('c-0')).toMatchObject({ status: 429, body: { code: 429 } })
  for (let n = 1; n < 10; n++) expect(await ask(`c-${n}`)).toMatchObject({ status: 200 })
  expect(await ask('c-10')).toMatchObject({ status: 429 })
  expect((await client.ledger('token')).map((row) => row['verdict'])).toEqual([
    'accepted',
    'rejected',
    ...Array.from({ length: 9 }, () => 'accepted'),
    'rejected',
  ])
})

test.each(['x-skill-source', 'x-skill-version', 'x-skill-platform'])(
  'an export without %s is 402 on a free plan, and nothing is submitted',
  async (missing) => {
    const { client } = await setup()
    const { session_id } = await client.generated()
    expect(await client.submit(session_id, 'r', { [missing]: '' })).toMatchObject({
      status: 402,
      body: { code: 402 },
    })
    expect(await client.poll('r')).toMatchObject({ status: 404 })
    expect(await client.ledger('render')).toMatchObject([
      { render_id: 'r', verdict: 'rejected', reason: '402' },
    ])
  },
)

test('a paid plan exports without attribution', async () => {
  const { client } = await setup({ accounts: [{ token: 'nmv_usr_TEST0001', credits: 500, plan: 'paid' }] })
  const { session_id } = await client.generated()
  expect(await client.submit(session_id, 'r', { 'x-skill-source': '' })).toMatchObject({ status: 200 })
})

test.each([
  ['no draft', { draft: undefined }],
  ['an empty draft', { draft: {} }],
  ['a draft without segments', { draft: { t: [{ tt: 0, sg: [] }] } }],
  ['a numeric session id', { sessionId: 5 }],
  ['no id', { id: '' }],
  ['another format', { output: { format: 'gif' } }],
])('a render with %s is refused', async (_name, change) => {
  const { client } = await setup()
  const { session_id } = await client.generated()
  const { draft } = await client.state(session_id)
  const reply = await client.post('/api/render/proxy/lambda', {
    id: 'r',
    sessionId: session_id,
    draft,
    ...change,
  })
  expect(reply).toMatchObject({ status: 400, body: { success: false, error: expect.any(String) } })
})

test('a draft of text alone can be exported', async () => {
  const { client } = await setup()
  const { session_id } = await client.newSession()
  const draft = { d: 3000, t: [{ tt: 7, sg: [{ d: 3000, m: { text: 'Hi' } }] }] }
  await client.post('/api/render/proxy/lambda', { id: 'r', sessionId: session_id, draft })
  expect(await client.rendered('r')).toMatchObject({ output: { duration: 3 } })
})

test('a render id is used once, by whomever', async () => {
  const { client } = await setup({
    accounts: [
      { token: 'nmv_usr_TEST0001', credits: 1000 },
      { token: 'nmv_usr_OTHER', credits: 1000 },
    ],
  })
  const { session_id } = await client.generated()
  await client.submit(session_id, 'r')
  expect(await client.submit(session_id, 'r')).toMatchObject({ status: 409, body: { success: false } })
  const stranger = createClient(client.url, 'nmv_usr_OTHER')
  const theirs = await stranger.generated()
  expect(await stranger.submit(theirs.session_id, 'r')).toMatchObject({ status: 409 })
  expect(await stranger.poll('r')).toMatchObject({ status: 404 })
  expect(await stranger.get('/api/render/proxy/r/download')).toMatchObject({ status: 404 })
  expect((await client.ledger('render')).map((row) => row['verdict'])).toEqual([
    'accepted',
    'duplicate',
    'duplicate',
  ])
})

test('a claim token opens a project, stays the same, and has no rights', async () => {
  const { client } = await setup()
  const { session_id, task_id } = await client.newSession()
  const ask = async () =>
    dataOf<{ claim_token: string; expires_in: number }>(
      await client.post('/api/auth/claim-token', { task_id, session_id }),
    )
  const claim = await ask()
  expect(claim).toMatchObject({ claim_token: expect.stringMatching(/^clm_/), expires_in: 604_800 })
  expect(await ask()).toEqual(claim)
  expect(await createClient(client.url, claim.claim_token).get('/api/credits/balance/simple')).toMatchObject({
    body: { code: 1001 },
  })
})

test('tokens are made with scopes, listed without their text, and revoked', async () => {
  const { client } = await setup()
  const made = dataOf<{ id: string; token: string }>(
    await client.post('/api/tokens', { name: 'ci', scopes: ['read'], expires_in_days: 90 }),
  )
  const reader = createClient(client.url, made.token)
  expect(await reader.get('/api/credits/balance/simple')).toMatchObject({ body: { code: 0 } })
  expect(await reader.post('/api/tasks/me/with-session/nemo_agent', { task_name: 'x' })).toMatchObject({
    status: 403,
    body: { code: 403 },
  })
  const list = await client.get('/api/tokens')
  expect(list.text).not.toContain(made.token)
  expect(list.body).toMatchObject({
    data: { tokens: [{ name: 'seeded' }, { id: made.id, scopes: ['read'] }] },
  })
  await client.post(`/api/tokens/${made.id}/revoke`)
  expect(await reader.get('/api/credits/balance/simple')).toMatchObject({ body: { code: 1001 } })
  expect(await client.post('/api/tokens', { name: 'ci', scopes: ['root'] })).toMatchObject({ status: 400 })
  expect(await client.post('/api/tokens/tok_none/revoke')).toMatchObject({ status: 404 })
})

test('the API key of the first version works together with its user', async () => {
  const { client } = await setup()
  const { user_id } = await client.newSession()
  const ask = (user: string) =>
    client.get('/api/credits/balance/simple', {
      authorization: '',
      'x-api-key': 'nmv_usr_TEST0001',
      'x-user-id': user,
    })
  expect(await ask(user_id)).toMatchObject({ body: { code: 0 } })
  expect(await ask('anon_ffffffffffff')).toMatchObject({ body: { code: 1001 } })
})

test('what does not exist is FastAPI’s 404', async () => {
  const { client } = await setup()
  expect(await client.get('/api/v1/generate')).toMatchObject({ status: 404, body: { detail: 'Not Found' } })
})
