import { createHmac, randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openMapper } from '../../../src/intakes/mapper.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

const promptMapping = '{"prompt": "a video for " & product, "metadata": {"order": $string(id)}}'

describe('intakes', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const create = async (body: object, status = 201) => {
    const answer = await kit.send({ method: 'POST', url: '/v1/intakes', payload: body })
    expect(answer.statusCode).toBe(status)
    return answer.json()
  }

  const createOpen = (mapping = promptMapping, more: object = {}) =>
    create({ name: 'shop', verifier: { type: 'none', id_header: 'x-event-id' }, mapping, ...more })

  const sendTo = (
    intakeId: string,
    payload: string | object,
    headers: Record<string, string> = { 'x-event-id': randomUUID() },
  ) =>
    kit.app.inject({
      method: 'POST',
      url: `/in/${intakeId}`,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      headers: { 'content-type': 'application/json', ...headers },
    })

  const jobCount = () => kit.store.prisma.job.count()
  const problemOf = (answer: { json(): { code: string } }) => answer.json().code

  describe('managing them', () => {
    test('an intake is created, listed, read, changed and deleted', async () => {
      const created = await create({
        name: 'orders',
        verifier: { type: 'hmac-sha256', header: 'X-Shop-Signature', encoding: 'base64', prefix: 'v1=' },
        mapping: promptMapping,
        defaults: { output: { quality: 'high' } },
      })
      const { secret, ...shown } = created
      expect(secret).toMatch(/^[\w-]{43}$/)
      expect(shown).toMatchObject({
        name: 'orders',
        verifier: {
          type: 'hmac-sha256',
          header: 'x-shop-signature',
          encoding: 'base64',
          prefix: 'v1=',
          id_header: null,
        },
        defaults: { output: { quality: 'high' } },
        links: { self: `${publicUrl}/v1/intakes/${created.id}`, receive: `${publicUrl}/in/${created.id}` },
      })
      const url = `/v1/intakes/${created.id}`
      expect((await kit.send({ url })).json()).toEqual(shown)
      expect((await kit.send({ url: '/v1/intakes' })).json().data[0]).toEqual(shown)
      const patched = await kit.send({ method: 'PATCH', url, payload: { name: 'orders 2', defaults: {} } })
      expect(patched.json()).toMatchObject({
        name: 'orders 2',
        defaults: {},
        mapping: promptMapping,
        secret: null,
      })
      expect((await kit.send({ method: 'DELETE', url })).statusCode).toBe(204)
      expect((await kit.send({ url })).statusCode).toBe(404)
      expect((await kit.send({ method: 'DELETE', url })).statusCode).toBe(404)
    })

    test('a secret is sealed at rest, and shown once', async () => {
      const { id, secret } = await create({
        name: 'x',
        verifier: { type: 'github' },
        mapping: promptMapping,
      })
      const row = await kit.store.prisma.intake.findUniqueOrThrow({ where: { id } })
      expect(JSON.stringify(row)).not.toContain(secret)
      expect((await kit.send({ url: `/v1/intakes/${id}` })).body).not.toContain('secret')
    })

    test('a secret that the client gives is used and not repeated', async () => {
      const secret = 'a-secret-of-the-shop'
      const created = await create({
        name: 'x',
        verifier: { type: 'github', secret },
        mapping: promptMapping,
      })
      expect(created.secret).toBeNull()
    })

    test('the same idempotency key makes one intake, and its answer holds the secret again', async () => {
      const request = {
        method: 'POST' as const,
        url: '/v1/intakes',
        headers: { 'idempotency-key': randomUUID() },
        payload: { name: 'x', verifier: { type: 'standard-webhooks' }, mapping: promptMapping },
      }
      const first = await kit.send(request)
      const second = await kit.send(request)
      expect(second.headers['idempotency-replayed']).toBe('true')
      expect(second.json()).toEqual(first.json())
    })

    test('a mapping that is no JSONata is refused, and its error says where', async () => {
      const refused = await create({ name: 'x', verifier: { type: 'none' }, mapping: '{"prompt": ' }, 422)
      expect(refused).toMatchObject({ code: 'invalid_mapping', errors: [{ pointer: '/mapping' }] })
      expect(refused.errors[0].detail).toContain('at character 11')
    })

    test('everything that is wrong is named at once', async () => {
      const refused = await create(
        {
          name: '',
          verifier: { type: 'github', header: 'x' },
          mapping: '((',
          defaults: { output: { quality: 'best' }, callback: { url: 'https://public.example', secret: 's' } },
        },
        400,
      )
      expect(refused.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
        '/defaults/callback/secret',
        '/defaults/callback/secret',
        '/defaults/output/quality',
        '/mapping',
        '/name',
        '/verifier/header',
      ])
    })

    test('defaults that no job could have are refused when they are given', async () => {
      const senseless = {
        skill: 'no-such-skill',
        inputs: [{ url: 'http://10.0.0.1/a.jpg' }],
        callback: { url: 'https://private.example/hook' },
      }
      const body = { name: 'shop', verifier: { type: 'none' }, mapping: '{"prompt": "x"}' }
      const pointers = ['/defaults/callback/url', '/defaults/inputs/0/url', '/defaults/skill']
      const refused = await create({ ...body, defaults: senseless }, 422)
      expect(refused.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointers)
      const { id } = await create(body)
      const change = { method: 'PATCH', url: `/v1/intakes/${id}`, payload: { defaults: senseless } } as const
      expect((await kit.send(change)).statusCode).toBe(422)
    })

    test('reading needs intakes:read, writing intakes:write', async () => {
      const reader = await kit.newKey({ scopes: ['intakes:read'] })
      const headers = { authorization: `Bearer ${reader}` }
      expect((await kit.send({ url: '/v1/intakes', headers })).statusCode).toBe(200)
      const payload = { name: 'x', verifier: { type: 'none' }, mapping: '1' }
      expect((await kit.send({ method: 'POST', url: '/v1/intakes', headers, payload })).statusCode).toBe(403)
      const other = { authorization: `Bearer ${await kit.newKey({ scopes: ['jobs:read'] })}` }
      expect((await kit.send({ url: '/v1/intakes', headers: other })).statusCode).toBe(403)
    })

    test('an intake of another tenant is not found by any route', async () => {
      const { id } = await createOpen('1')
      const failed = await sendTo(id, {})
      expect(failed.statusCode).toBe(422)
      const [failure] = (await kit.send({ url: `/v1/intakes/${id}/failures` })).json().data
      const key = await kit.newKey({
        tenantId: await kit.newTenant('stranger'),
        scopes: ['intakes:read', 'intakes:write'],
      })
      const headers = { authorization: `Bearer ${key}` }
      const url = `/v1/intakes/${id}`
      const kept = `${url}/failures/${failure.id}`
      const calls = [
        { method: 'GET', url },
        { method: 'PATCH', url, payload: { name: 'mine' } },
        { method: 'DELETE', url },
        { method: 'GET', url: `${url}/failures` },
        { method: 'GET', url: kept },
        { method: 'DELETE', url: kept },
        { method: 'POST', url: `${kept}/retry` },
        { method: 'POST', url: `${url}/test`, payload: { payload: {} } },
      ] as const
      for (const call of calls)
        expect([call.method, call.url, (await kit.send({ ...call, headers })).statusCode]).toEqual([
          call.method,
          call.url,
          404,
        ])
      expect((await kit.send({ url: '/v1/intakes', headers })).json().data).toEqual([])
      expect((await kit.send({ url: kept })).statusCode).toBe(200)
    })

    test('what is done to intakes is audited, without a secret', async () => {
      const created = await create({ name: 'audited', verifier: { type: 'github' }, mapping: '1' })
      const url = `/v1/intakes/${created.id}`
      await kit.send({
        method: 'PATCH',
        url,
        payload: { verifier: { type: 'github', secret: 'another-secret' } },
      })
      await kit.send({ method: 'DELETE', url })
      const entries = await kit.store.prisma.auditEntry.findMany({
        where: { subjectId: created.id },
        orderBy: { id: 'asc' },
      })
      expect(entries.map(({ action }) => action)).toEqual([
        'intake.created',
        'intake.updated',
        'intake.deleted',
      ])
      expect(JSON.stringify(entries)).not.toContain('another-secret')
    })
  })

  describe('verifying', () => {
    test('a Standard Webhooks event signed within five minutes is accepted', async () => {
      const { id, secret } = await create({
        name: 'sw',
        verifier: { type: 'standard-webhooks' },
        mapping: promptMapping,
      })
      const body = JSON.stringify({ id: 7, product: 'kettle' })
      const sign = (eventId: string, at: Date) => ({
        'webhook-id': eventId,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(eventId, at, body),
      })
      const accepted = await sendTo(id, body, sign('msg_1', new Date()))
      expect(accepted.statusCode).toBe(202)
      expect(accepted.json()).toMatchObject({ outcome: 'accepted', event_id: 'msg_1' })
      expect(accepted.headers.location).toBe(`${publicUrl}/v1/jobs/${accepted.json().job_id}`)
      for (const skewS of [-301, 301]) {
        const stale = await sendTo(id, body, sign('msg_2', new Date(Date.now() + skewS * 1_000)))
        expect([stale.statusCode, problemOf(stale)]).toEqual([401, 'invalid_signature'])
        expect(stale.headers['www-authenticate']).toBe('Signature realm="clipline"')
      }
      const changed = await sendTo(id, `${body} `, sign('msg_3', new Date()))
      expect([changed.statusCode, problemOf(changed)]).toEqual([401, 'invalid_signature'])
      expect((await sendTo(id, body, {})).statusCode).toBe(401)
    })

    test('a GitHub event is verified and named by its delivery; a ping is answered and makes no job', async () => {
      const { id, secret } = await create({
        name: 'gh',
        verifier: { type: 'github' },
        mapping: '{"prompt": head_commit.message}',
      })
      const sign = (body: string) => ({
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
        'x-github-delivery': randomUUID(),
        'x-github-event': 'push',
      })
      const ping = JSON.stringify({ zen: 'Keep it logically awesome.' })
      const pong = await sendTo(id, ping, { ...sign(ping), 'x-github-event': 'ping' })
      expect([pong.statusCode, pong.json().outcome]).toEqual([200, 'ignored'])
      expect((await sendTo(id, ping, { 'x-github-event': 'ping' })).statusCode).toBe(401)
      const push = JSON.stringify({ head_commit: { message: 'a release film' } })
      const headers = sign(push)
      const accepted = await sendTo(id, push, headers)
      expect(accepted.statusCode).toBe(202)
      expect(accepted.json().event_id).toBe(headers['x-github-delivery'])
      const form = new URLSearchParams({ payload: push }).toString()
      const asForm = await sendTo(id, form, {
        ...sign(form),
        'content-type': 'application/x-www-form-urlencoded',
      })
      expect(asForm.statusCode).toBe(202)
    })

    test.each([
      ['hex', 'sha256='],
      ['base64', ''],
    ] as const)('an HMAC in %s behind “%s” is verified over the raw body', async (encoding, prefix) => {
      const { id, secret } = await create({
        name: 'hmac',
        verifier: { type: 'hmac-sha256', header: 'x-sig', encoding, prefix, id_header: 'x-id' },
        mapping: promptMapping,
      })
      const body = '{"id": 1,   "product": "“kettle”"}'
      const signature = `${prefix}${createHmac('sha256', secret).update(body).digest(encoding)}`
      const accepted = await sendTo(id, body, { 'x-sig': signature, 'x-id': 'evt-1' })
      expect([accepted.statusCode, accepted.json().event_id]).toEqual([202, 'evt-1'])
      for (const forged of ['', prefix, `${prefix}00`, signature.slice(0, -2), `x${signature}`]) {
        const refused = await sendTo(id, body, { 'x-sig': forged, 'x-id': 'evt-2' })
        expect([forged, refused.statusCode]).toEqual([forged, 401])
      }
    })

    test('a new secret holds at once, and a verifier of the same type keeps the one it has', async () => {
      const { id, secret } = await create({
        name: 'rotating',
        verifier: { type: 'hmac-sha256', header: 'x-sig' },
        mapping: promptMapping,
      })
      const url = `/v1/intakes/${id}`
      const send = (key: string, order: number) => {
        const body = JSON.stringify({ id: order, product: 'kettle' })
        return sendTo(id, body, { 'x-other': createHmac('sha256', key).update(body).digest('hex') })
      }
      const moved = { verifier: { type: 'hmac-sha256', header: 'x-other' } }
      await kit.send({ method: 'PATCH', url, payload: moved })
      expect((await send(secret, 1)).statusCode).toBe(202)
      const rotated = { verifier: { ...moved.verifier, secret: 'the-second-secret' } }
      await kit.send({ method: 'PATCH', url, payload: rotated })
      expect((await send(secret, 2)).statusCode).toBe(401)
      expect((await send('the-second-secret', 2)).statusCode).toBe(202)
    })

    test('nothing is stored of what is not verified', async () => {
      const { id } = await create({ name: 'x', verifier: { type: 'github' }, mapping: '1' })
      const jobs = await jobCount()
      await sendTo(id, { a: 1 }, { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` })
      expect(await jobCount()).toBe(jobs)
      expect(await kit.store.prisma.intakeFailure.count({ where: { intakeId: id } })).toBe(0)
    })

    test('an unknown intake, a deleted one, one of a deleted tenant and a malformed id look the same', async () => {
      const { id } = await createOpen()
      await kit.send({ method: 'DELETE', url: `/v1/intakes/${id}` })
      const tenantId = await kit.newTenant('gone', { deletedAt: new Date() })
      const orphan = await kit.store.prisma.intake.create({
        data: {
          id: 'int_0198c0de-7000-7000-8000-00000000dead',
          tenantId,
          name: 'x',
          verifier: { type: 'none' },
          mapping: promptMapping,
          defaults: {},
        },
      })
      const bodies = await Promise.all(
        [id, orphan.id, 'int_0198c0de-7000-7000-8000-000000000099', 'x'].map(async (unknown) => {
          const answer = await sendTo(unknown, { id: 1, product: 'x' })
          const { instance: _, request_id: __, ...problem } = answer.json()
          return { status: answer.statusCode, problem }
        }),
      )
      expect(bodies[0]?.status).toBe(404)
      expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    })
  })

  describe('making jobs', () => {
    test('the job is what the mapping makes, with the defaults under it', async () => {
      const { id } = await createOpen('{"prompt": product, "output": {"duration_s": 8}, "tags": [tag]}', {
        defaults: { output: { quality: 'high', duration_s: 5 }, tags: ['default'], priority: 'low' },
      })
      const { job_id: jobId } = (await sendTo(id, { product: 'a kettle', tag: 'new' })).json()
      const job = (await kit.send({ url: `/v1/jobs/${jobId}` })).json()
      expect(job).toMatchObject({
        prompt: 'a kettle',
        output: { quality: 'high', duration_s: 8 },
        tags: ['new'],
        priority: 'low',
        state: 'queued',
      })
    })

    test('an event that is sent again makes nothing, and answers with its job', async () => {
      const { id } = await createOpen()
      const headers = { 'x-event-id': 'evt-again' }
      const first = await sendTo(id, { id: 1, product: 'x' }, headers)
      const again = await sendTo(id, { id: 1, product: 'x' }, headers)
      expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([200, 'true'])
      expect(again.json()).toEqual({ ...first.json(), outcome: 'duplicate' })
    })

    test('twenty deliveries of one event at once make one job', async () => {
      const { id } = await createOpen()
      const before = await jobCount()
      const headers = { 'x-event-id': 'evt-crowd' }
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => sendTo(id, { id: 2, product: 'x' }, headers)),
      )
      expect(await jobCount()).toBe(before + 1)
      expect(new Set(answers.map((answer) => answer.json().job_id)).size).toBe(1)
      expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(19).fill(200), 202])
    })

    test('without a header for it, the body names the event', async () => {
      const { id } = await create({ name: 'x', verifier: { type: 'none' }, mapping: promptMapping })
      const first = await sendTo(id, { id: 3, product: 'x' }, {})
      expect(first.json().event_id).toMatch(/^sha256:[0-9a-f]{64}$/)
      expect((await sendTo(id, { id: 3, product: 'x' }, {})).json().job_id).toBe(first.json().job_id)
      expect((await sendTo(id, { id: 4, product: 'x' }, {})).statusCode).toBe(202)
    })

    test('an id that is none is refused', async () => {
      const { id } = await createOpen()
      const refused = await sendTo(id, { id: 1, product: 'x' }, { 'x-event-id': 'x'.repeat(256) })
      expect([refused.statusCode, refused.json().errors[0].pointer]).toEqual([400, '/headers/x-event-id'])
    })

    test('the same event id at two intakes are two events', async () => {
      const [left, right] = [await createOpen(), await createOpen()]
      const headers = { 'x-event-id': 'evt-shared' }
      const jobs = [
        (await sendTo(left.id, { id: 1, product: 'x' }, headers)).json().job_id,
        (await sendTo(right.id, { id: 1, product: 'x' }, headers)).json().job_id,
      ]
      expect(new Set(jobs).size).toBe(2)
    })

    test('an event of a job that another one holds the dedupe key of belongs to that job', async () => {
      const { id } = await createOpen('{"prompt": p, "dedupe": {"key": "one", "on_conflict": how}}')
      const first = await sendTo(id, { p: 'a', how: 'return_existing' }, { 'x-event-id': 'd1' })
      for (const [eventId, how] of [
        ['d2', 'return_existing'],
        ['d3', 'reject'],
      ] as const) {
        const next = await sendTo(id, { p: 'b', how }, { 'x-event-id': eventId })
        expect([next.statusCode, next.json().job_id]).toEqual([200, first.json().job_id])
      }
      const replacing = await sendTo(id, { p: 'c', how: 'replace' }, { 'x-event-id': 'd4' })
      expect(replacing.statusCode).toBe(202)
      const again = await sendTo(id, { p: 'c', how: 'replace' }, { 'x-event-id': 'd4' })
      expect(again.json().job_id).toBe(replacing.json().job_id)
      expect((await kit.send({ url: `/v1/jobs/${replacing.json().job_id}` })).json().state).toBe('queued')
    })

    test('a mapping that gives null wants no job of the event', async () => {
      const { id } = await createOpen('action = "publish" ? {"prompt": p} : null')
      const ignored = await sendTo(id, { action: 'save', p: 'x' })
      expect(ignored.statusCode).toBe(200)
      expect(ignored.json()).toMatchObject({ outcome: 'ignored', job_id: null })
      expect((await sendTo(id, { action: 'publish', p: 'x' })).statusCode).toBe(202)
    })

    test('whatever the body is said to be, it is taken for what it is', async () => {
      const { id } = await createOpen('{"prompt": p}')
      for (const type of ['text/plain', 'json', ';', 'application/json; charset="']) {
        const headers = { 'content-type': type }
        const payload = Buffer.from(JSON.stringify({ p: type }))
        const taken = await kit.app.inject({ method: 'POST', url: `/in/${id}`, headers, payload })
        expect([type, taken.statusCode]).toEqual([type, 202])
      }
    })

    test('a body that is no JSON is 400, one over 1 MiB is 413', async () => {
      const { id } = await createOpen()
      for (const body of ['', '{"a":', 'hello', '\u0000'])
        expect([body, (await sendTo(id, body)).statusCode]).toEqual([body, 400])
      const huge = await sendTo(id, JSON.stringify({ a: 'x'.repeat(1_100_000) }))
      expect([huge.statusCode, problemOf(huge)]).toEqual([413, 'payload_too_large'])
    })

    test.each(['', 'text/plain', 'application/cloudevents+json', 'application/json; charset=latin1'])(
      'JSON that is sent as “%s” is JSON',
      async (type) => {
        const { id } = await createOpen('{"prompt": p}')
        const sent = await kit.app.inject({
          method: 'POST',
          url: `/in/${id}`,
          payload: '{"p": "x"}',
          headers: type === '' ? {} : { 'content-type': type },
        })
        expect(sent.statusCode).toBe(202)
      },
    )

    test('a form becomes an object of its fields', async () => {
      const { id } = await createOpen('{"prompt": text}')
      const form = await sendTo(id, 'text=a+red+kettle&user=1', {
        'content-type': 'application/x-www-form-urlencoded',
      })
      expect(form.statusCode).toBe(202)
    })

    test('a full queue answers 429 and keeps nothing', async () => {
      const tenantId = await kit.newTenant('small', { queueBound: 0 })
      const key = await kit.newKey({ tenantId, scopes: ['intakes:write'] })
      const made = await kit.send({
        method: 'POST',
        url: '/v1/intakes',
        headers: { authorization: `Bearer ${key}` },
        payload: { name: 'x', verifier: { type: 'none' }, mapping: promptMapping },
      })
      const refused = await sendTo(made.json().id, { id: 1, product: 'x' }, {})
      expect([refused.statusCode, problemOf(refused)]).toEqual([429, 'queue_full'])
      expect(refused.headers['retry-after']).toBe('10')
      expect(await kit.store.prisma.intakeFailure.count({ where: { tenantId } })).toBe(0)
    })

    test('a mapping sees the payload and nothing else, and cannot change what others see', async () => {
      const { id } = await createOpen('{"prompt": $string($eval("$type(process)")) & $string(constructor)}')
      expect(problemOf(await sendTo(id, {}))).toBe('job_refused')
      const poison = await createOpen('{"prompt": "x", "__proto__": {"polluted": true}}')
      expect(problemOf(await sendTo(poison.id, {}))).toBe('mapping_failed')
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    })

    test.each([
      ['loops', '($f := function($x) { $f($x) }; $f(1))'],
      ['eats memory', '{"prompt": $join([1..1000000].$pad("", 10000))}'],
      ['backtracks for ever', '{"prompt": $string($match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", /(a+)+$/))}'],
    ])('a mapping that %s is stopped, and the next event goes on', async (_what, mapping) => {
      const { id } = await createOpen(mapping)
      const [failed, other] = await Promise.all([
        sendTo(id, {}),
        sendTo((await createOpen()).id, { id: 1, product: 'x' }),
      ])
      expect([failed.statusCode, problemOf(failed)]).toEqual([422, 'mapping_failed'])
      expect(failed.json().detail).toMatch(/takes too (long|much memory)/)
      expect(other.statusCode).toBe(202)
    })
  })

  describe('a request that was captured', () => {
    const body = '{"product": "fox", "id": 1}'
    const sign = (secret: string) => createHmac('sha256', secret).update(body).digest('hex')
    const openSigned = async (verifier: object) => {
      const { id, secret } = await create({ name: 'x', verifier, mapping: promptMapping })
      const send = (headers: Record<string, string>) =>
        sendTo(id, body, {
          'x-signature': sign(secret),
          'x-hub-signature-256': `sha256=${sign(secret)}`,
          ...headers,
        })
      return { id, send }
    }

    test.each([
      ['GitHub', { type: 'github' }, 'x-github-delivery'],
      ['an HMAC beside which the id stands', { type: 'hmac-sha256', id_header: 'x-id' }, 'x-id'],
    ])('makes no second job under another id, nor without one: %s', async (_, verifier, header) => {
      const { send } = await openSigned(verifier)
      const first = await send({ [header]: 'one' })
      expect(first.statusCode).toBe(202)
      const { job_id } = first.json()
      for (const headers of [{ [header]: 'two' }, {}, { [header]: 'one' }]) {
        const again = await send(headers)
        expect([again.statusCode, again.headers['idempotency-replayed']]).toEqual([200, 'true'])
        expect(again.json()).toMatchObject({ outcome: 'duplicate', job_id })
      }
    })

    test('makes one job when it comes under twenty ids at once', async () => {
      const { send } = await openSigned({ type: 'github' })
      const jobs = await jobCount()
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, no) => send({ 'x-github-delivery': `id-${no}` })),
      )
      expect(new Set(answers.map((answer) => answer.json().job_id)).size).toBe(1)
      expect(await jobCount()).toBe(jobs + 1)
    })

    test('is another event once the window of the intake is over', async () => {
      const { id, send } = await openSigned({ type: 'github', replay_window_s: 60 })
      const first = (await send({ 'x-github-delivery': 'one' })).json()
      await kit.store.pool.query(
        `UPDATE intake_events SET received_at = received_at - interval '61 seconds' WHERE intake_id = $1`,
        [id],
      )
      const second = await send({ 'x-github-delivery': 'two' })
      expect(second.statusCode).toBe(202)
      expect((await send({ 'x-github-delivery': 'three' })).json().job_id).toBe(second.json().job_id)
      expect((await send({ 'x-github-delivery': 'one' })).json().job_id).toBe(first.job_id)
    })

    test('is kept once where no job can be made of it, within the window', async () => {
      const { id, send } = await openSigned({ type: 'github', replay_window_s: 60 })
      await kit.send({
        method: 'PATCH',
        url: `/v1/intakes/${id}`,
        payload: { mapping: '{"prompt": nothing}' },
      })
      const deliver = async (delivery: string) => {
        const answer = await send({ 'x-github-delivery': delivery })
        expect(answer.statusCode).toBe(422)
      }
      const listed = async () =>
        (await kit.send({ url: `/v1/intakes/${id}/failures` }))
          .json()
          .data.map(({ event_id, tries }: { event_id: string; tries: number }) => [event_id, tries])
      for (const delivery of ['one', 'two', 'one', 'three']) await deliver(delivery)
      expect(await listed()).toEqual([['one', 4]])
      await kit.store.pool.query(
        `UPDATE intake_failures SET created_at = created_at - interval '61 seconds' WHERE intake_id = $1`,
        [id],
      )
      for (const delivery of ['four', 'five', 'one']) await deliver(delivery)
      expect(await listed()).toEqual([
        ['four', 2],
        ['one', 5],
      ])
    })

    test.each([
      ['becomes a job', '{"prompt": "a fox"}', 'accepted', [['one', 'resolved']]],
      ['is wanted by nobody', 'null', 'ignored', []],
    ])('settles what is kept of it once it %s, under whatever id', async (_, mapping, outcome, left) => {
      const { id, send } = await openSigned({ type: 'github' })
      const map = (changed: string) =>
        kit.send({ method: 'PATCH', url: `/v1/intakes/${id}`, payload: { mapping: changed } })
      await map('{"prompt": nothing}')
      expect((await send({ 'x-github-delivery': 'one' })).statusCode).toBe(422)
      await map(mapping)
      expect((await send({ 'x-github-delivery': 'two' })).json()).toMatchObject({ outcome })
      const { data } = (await kit.send({ url: `/v1/intakes/${id}/failures` })).json()
      expect(data.map(({ event_id, state }: Record<string, string>) => [event_id, state])).toEqual(left)
    })

    test('is another event where the intake says that equal bodies are', async () => {
      const verifier = { type: 'hmac-sha256', id_header: 'x-id', replay_window_s: 0 }
      const { id, send } = await openSigned(verifier)
      expect((await kit.send({ url: `/v1/intakes/${id}` })).json().verifier).toMatchObject(verifier)
      expect(
        [await send({ 'x-id': '1' }), await send({ 'x-id': '2' })].map((answer) => answer.statusCode),
      ).toEqual([202, 202])
    })
  })

  test('an event that the day of its tenant cannot pay for is kept, and a trial says so', async () => {
    const tenantId = await kit.newTenant('poor', { maxCreditsPerDay: 99 })
    const scopes = ['intakes:write', 'intakes:read'] as const
    const headers = { authorization: `Bearer ${await kit.newKey({ tenantId, scopes })}` }
    const payload = { name: 'x', verifier: { type: 'none' }, mapping: promptMapping }
    const { id } = (await kit.send({ method: 'POST', url: '/v1/intakes', headers, payload })).json()
    const refused = await sendTo(id, { product: 'fox', id: 1 })
    expect([refused.statusCode, problemOf(refused)]).toEqual([422, 'job_refused'])
    expect(refused.json().errors).toMatchObject([{ code: 'budget_exceeded' }])
    const url = `/v1/intakes/${id}`
    const [failure] = (await kit.send({ url: `${url}/failures`, headers })).json().data
    const retry = { method: 'POST', url: `${url}/failures/${failure.id}/retry`, headers } as const
    expect((await kit.send(retry)).statusCode).toBe(422)
    const trial = { payload: { payload: { product: 'fox', id: 1 } }, headers }
    const tried = await kit.send({ method: 'POST', url: `${url}/test`, ...trial })
    expect(tried.json()).toMatchObject({ outcome: 'job_refused', problems: [{ code: 'budget_exceeded' }] })
    await kit.store.prisma.tenant.update({ where: { id: tenantId }, data: { maxCreditsPerDay: 100 } })
    expect((await sendTo(id, { product: 'fox', id: 1 })).statusCode).toBe(202)
  })

  describe('failures', () => {
    let intake: { id: string }
    beforeEach(async () => {
      intake = await createOpen('{"prompt": product.title}')
    })
    const failuresOf = async (query = '') =>
      (await kit.send({ url: `/v1/intakes/${intake.id}/failures${query}` })).json().data

    test('an event whose job is refused answers 422, and is kept with what was wrong', async () => {
      const refused = await sendTo(intake.id, { product: {} }, { 'x-event-id': 'evt-1' })
      expect([refused.statusCode, problemOf(refused)]).toEqual([422, 'job_refused'])
      expect(refused.json().errors).toEqual([
        { pointer: '/prompt', code: 'missing', detail: 'is required and must be a string' },
      ])
      const [failure] = await failuresOf()
      expect(refused.json().detail).toContain(failure.id)
      expect(failure).toMatchObject({
        event_id: 'evt-1',
        state: 'open',
        tries: 1,
        problem: { code: 'job_refused', errors: refused.json().errors },
      })
      expect(failure.payload).toBeUndefined()
      const kept = await kit.send({ url: `/v1/intakes/${intake.id}/failures/${failure.id}` })
      expect(kept.json().payload).toBe('{"product":{}}')
    })

    test('a mapping that fails says why and where', async () => {
      const { id } = await createOpen('{"prompt": 1 + "a"}')
      const failed = await sendTo(id, {})
      expect([failed.statusCode, problemOf(failed)]).toEqual([422, 'mapping_failed'])
      expect(failed.json().detail).toContain('at character 14')
      const nothing = await createOpen('missing')
      expect((await sendTo(nothing.id, {})).json().detail).toContain('gives nothing')
      const infinite = await createOpen('1/0')
      expect((await sendTo(infinite.id, {})).json().detail).toContain('gives no JSON value')
      const trial = await createOpen('{"prompt": "x", "dry_run": true}')
      expect((await sendTo(trial.id, {})).json().errors[0].pointer).toBe('/dry_run')
    })

    test('a failed event that is sent again is one failure with two tries', async () => {
      const headers = { 'x-event-id': 'evt-2' }
      await sendTo(intake.id, { product: {} }, headers)
      await sendTo(intake.id, { product: {} }, headers)
      expect(await failuresOf()).toMatchObject([{ event_id: 'evt-2', tries: 2 }])
    })

    test('after the mapping was mended, a retry makes the job by the new one', async () => {
      await sendTo(intake.id, { product: { name: 'kettle' } }, { 'x-event-id': 'evt-3' })
      const [failure] = await failuresOf()
      const retry = { method: 'POST' as const, url: `/v1/intakes/${intake.id}/failures/${failure.id}/retry` }
      const tooSoon = await kit.send(retry)
      expect([tooSoon.statusCode, problemOf(tooSoon)]).toEqual([422, 'job_refused'])
      expect((await failuresOf())[0].tries).toBe(2)
      await kit.send({
        method: 'PATCH',
        url: `/v1/intakes/${intake.id}`,
        payload: { mapping: '{"prompt": product.name}' },
      })
      const retried = await kit.send(retry)
      expect(retried.statusCode).toBe(202)
      const { job_id: jobId } = retried.json()
      expect((await kit.send({ url: `/v1/jobs/${jobId}` })).json().prompt).toBe('kettle')
      const again = await kit.send(retry)
      expect([again.statusCode, again.json().job_id]).toEqual([200, jobId])
      expect(await failuresOf('?state=open')).toEqual([])
      const [resolved] = await failuresOf('?state=resolved')
      expect(resolved).toMatchObject({ state: 'resolved', job_id: jobId })
      const kept = await kit.send({ url: `/v1/intakes/${intake.id}/failures/${failure.id}` })
      expect(kept.json().payload).toBeNull()
      const redelivered = await sendTo(intake.id, { product: { name: 'kettle' } }, { 'x-event-id': 'evt-3' })
      expect([redelivered.statusCode, redelivered.json().job_id]).toEqual([200, jobId])
    })

    test('two retries at once make one job', async () => {
      await sendTo(intake.id, { product: { name: 'kettle' } })
      const [failure] = await failuresOf()
      await kit.send({
        method: 'PATCH',
        url: `/v1/intakes/${intake.id}`,
        payload: { mapping: '{"prompt": product.name}' },
      })
      const url = `/v1/intakes/${intake.id}/failures/${failure.id}/retry`
      const answers = await Promise.all([1, 2, 3].map(() => kit.send({ method: 'POST', url })))
      expect(new Set(answers.map((answer) => answer.json().job_id)).size).toBe(1)
      expect(answers.filter(({ statusCode }) => statusCode === 202)).toHaveLength(1)
    })

    test('a sender that tries again after the mapping was mended settles the failure', async () => {
      const headers = { 'x-event-id': 'evt-4' }
      await sendTo(intake.id, { product: { name: 'kettle' } }, headers)
      await kit.send({
        method: 'PATCH',
        url: `/v1/intakes/${intake.id}`,
        payload: { mapping: '{"prompt": product.name}' },
      })
      expect((await sendTo(intake.id, { product: { name: 'kettle' } }, headers)).statusCode).toBe(202)
      expect(await failuresOf('?state=open')).toEqual([])
    })

    test('what is kept can be deleted, goes with its intake, and ends with its retention', async () => {
      await sendTo(intake.id, { product: {} })
      const [failure] = await failuresOf()
      const url = `/v1/intakes/${intake.id}/failures/${failure.id}`
      expect((await kit.send({ method: 'DELETE', url })).statusCode).toBe(204)
      expect((await kit.send({ url })).statusCode).toBe(404)
      await sendTo(intake.id, { product: {} })
      const where = { intakeId: intake.id }
      await kit.store.prisma.intakeFailure.updateMany({ where, data: { expiresAt: new Date(0) } })
      expect(await failuresOf()).toEqual([])
      await sendTo(intake.id, { product: {} })
      expect(await kit.store.prisma.intakeFailure.count({ where })).toBe(1)
      await kit.send({ method: 'DELETE', url: `/v1/intakes/${intake.id}` })
      expect(await kit.store.prisma.intakeFailure.count({ where })).toBe(0)
    })

    test('an intake keeps a thousand failures; more are refused and not kept', async () => {
      await kit.store.pool.query(
        `INSERT INTO intake_failures (id, intake_id, tenant_id, event_id, problem, content_type, payload, expires_at)
         SELECT 'ifl_' || $1 || no, $1, $2, 'old-' || no, '{}', '', 'x', now() + interval '1 day'
         FROM generate_series(1, 1000) AS no`,
        [intake.id, kit.tenantId],
      )
      const refused = await sendTo(intake.id, { product: {} })
      expect([refused.statusCode, problemOf(refused)]).toEqual([429, 'failures_full'])
      expect(refused.headers['retry-after']).toBe('60')
      const known = await sendTo(intake.id, { product: {} }, { 'x-event-id': 'old-7' })
      expect(known.statusCode).toBe(422)
    })

    test('lists come in pages', async () => {
      for (const eventId of ['a', 'b', 'c']) await sendTo(intake.id, {}, { 'x-event-id': eventId })
      const first = (await kit.send({ url: `/v1/intakes/${intake.id}/failures?limit=2` })).json()
      const rest = await failuresOf(`?limit=2&cursor=${first.next_cursor}`)
      expect([...first.data, ...rest].map(({ event_id }) => event_id)).toEqual(['c', 'b', 'a'])
    })
  })

  describe('trying one out', () => {
    test('a dry run shows the mapped job as it would be taken, and stores nothing', async () => {
      const { id } = await createOpen(promptMapping, { defaults: { priority: 'high' } })
      const jobs = await jobCount()
      const url = `/v1/intakes/${id}/test`
      const tried = await kit.send({ method: 'POST', url, payload: { payload: { id: 1, product: 'x' } } })
      expect(tried.statusCode).toBe(200)
      expect(tried.json()).toMatchObject({
        outcome: 'accepted',
        mapped: { prompt: 'a video for x', metadata: { order: '1' }, priority: 'high' },
        preview: { valid: true, normalized: { skill: 'free-video-generation-api', priority: 'high' } },
        problems: [],
      })
      const other = { payload: { p: 1 }, mapping: '{"prompt": p}', defaults: { tags: ['x'] } }
      const refused = (await kit.send({ method: 'POST', url, payload: other })).json()
      expect(refused).toMatchObject({
        outcome: 'job_refused',
        mapped: { prompt: 1, tags: ['x'] },
        preview: null,
        problems: [{ pointer: '/prompt' }],
      })
      const failed = await kit.send({ method: 'POST', url, payload: { payload: {}, mapping: '1 + "a"' } })
      expect(failed.json()).toMatchObject({ outcome: 'mapping_failed', mapped: null })
      const ignored = await kit.send({ method: 'POST', url, payload: { payload: {}, mapping: 'null' } })
      expect(ignored.json()).toMatchObject({ outcome: 'ignored', problems: [] })
      const broken = await kit.send({ method: 'POST', url, payload: { payload: {}, mapping: '((' } })
      expect([broken.statusCode, problemOf(broken)]).toEqual([422, 'invalid_mapping'])
      expect(await jobCount()).toBe(jobs)
      expect(await kit.store.prisma.intakeFailure.count({ where: { intakeId: id } })).toBe(0)
    })
  })

  test('a tenant of many events does not hold up the event of another one', async () => {
    const mapper = openMapper({ clock: systemClock, processes: 1 })
    const done: string[] = []
    const map = async (tenantId: string) => {
      await mapper.map(tenantId, '$', '{}')
      done.push(tenantId)
    }
    await Promise.all([...Array.from({ length: 20 }, () => map('many')), map('one')])
    await mapper.close()
    expect(done.indexOf('one')).toBeLessThan(3)
    expect(done).toHaveLength(21)
  })

  test('who is not verified does not use up the rate of the tenant', async () => {
    const tenantId = await kit.newTenant('rated', { ratePerMinute: 3 })
    const authorization = `Bearer ${await kit.newKey({ tenantId, scopes: ['intakes:write', 'intakes:read'] })}`
    const made = await kit.send({
      method: 'POST',
      url: '/v1/intakes',
      headers: { authorization },
      payload: { name: 'x', verifier: { type: 'github' }, mapping: 'null' },
    })
    const { id, secret } = made.json()
    for (let no = 0; no < 5; no += 1) expect((await sendTo(id, {}, {})).statusCode).toBe(401)
    const signature = `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`
    const send = () => sendTo(id, '{}', { 'x-hub-signature-256': signature })
    expect([await send(), await send(), await send()].map(({ statusCode }) => statusCode)).toEqual([
      200, 200, 429,
    ])
  })

  test('each intake has a rate of its own', async () => {
    const limited = await openApiKit({ settings: { rateLimitPerMinute: 2 } })
    try {
      const made = await limited.send({
        method: 'POST',
        url: '/v1/intakes',
        payload: { name: 'x', verifier: { type: 'none' }, mapping: 'null' },
      })
      const send = () => limited.app.inject({ method: 'POST', url: `/in/${made.json().id}`, payload: {} })
      expect((await send()).headers['ratelimit']).toMatch(/^"intake";r=1/)
      await send()
      const refused = await send()
      expect([refused.statusCode, problemOf(refused)]).toEqual([429, 'rate_limited'])
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    } finally {
      await limited.close()
    }
  })

  test('strangers count for their address alone, and never lock out who signs right', async () => {
    const limited = await openApiKit({ settings: { rateLimitPerMinute: 2, failedKeysPerMinute: 3 } })
    try {
      const made = await limited.send({
        method: 'POST',
        url: '/v1/intakes',
        payload: { name: 'x', verifier: { type: 'github' }, mapping: 'null' },
      })
      const { id, secret } = made.json()
      const send = (intakeId: string, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') =>
        limited.app.inject({ method: 'POST', url: `/in/${intakeId}`, payload: '{}', headers, remoteAddress })
      const wrong = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }
      const answers = [
        await send(id),
        await send(id, wrong),
        await send('int_unknown'),
        await send(id, wrong),
      ]
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 404, 429])
      expect(answers[0]?.headers['ratelimit']).toMatch(/^"unsigned-events";r=2/)
      expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThan(0)
      expect((await send(id, wrong, '192.0.2.2')).statusCode).toBe(401)
      const signature = `sha256=${createHmac('sha256', secret).update('{}').digest('hex')}`
      const right = await send(id, { 'x-hub-signature-256': signature })
      expect([right.statusCode, right.headers['ratelimit']]).toEqual([
        200,
        expect.stringMatching(/^"intake";r=1/),
      ])
    } finally {
      await limited.close()
    }
  })
})
