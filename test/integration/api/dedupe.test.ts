import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiKit, openApiKit } from './kit.ts'

describe('dedupe', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit()
  })
  afterAll(() => kit.close())

  const submit = (dedupe: object, headers: Record<string, string> = {}) =>
    kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox', dedupe }, headers })

  test('a second job of the same key is the first one', async () => {
    const first = await submit({ key: 'one' })
    const second = await submit({ key: 'one' })
    expect(second.statusCode).toBe(202)
    expect(second.json().id).toBe(first.json().id)
  })

  test('it may be refused instead', async () => {
    const first = await submit({ key: 'two' })
    const second = await submit({ key: 'two', on_conflict: 'reject' })
    expect(second.statusCode).toBe(409)
    expect(second.json().code).toBe('duplicate_job')
    expect(second.json().detail).toContain(first.json().id)
  })

  test('it may replace the first one, which is canceled', async () => {
    const first = await submit({ key: 'three' })
    const second = await submit({ key: 'three', on_conflict: 'replace' })
    expect(second.statusCode).toBe(202)
    expect(second.json().id).not.toBe(first.json().id)
    const replaced = await kit.send({ url: `/v1/jobs/${first.json().id}` })
    expect(replaced.json().state).toBe('canceled')
    expect((await submit({ key: 'three' })).json().id).toBe(second.json().id)
  })

  test('a job that came to nothing holds no key', async () => {
    const first = await submit({ key: 'four' })
    await kit.send({ method: 'POST', url: `/v1/jobs/${first.json().id}/cancel` })
    expect((await submit({ key: 'four' })).json().id).not.toBe(first.json().id)
  })

  test('the key is free when its time is over', async () => {
    const first = await submit({ key: 'five', ttl_s: 60 })
    await kit.store.prisma.jobRequest.update({
      where: { jobId: first.json().id },
      data: { dedupeUntil: new Date(Date.now() - 1) },
    })
    expect((await submit({ key: 'five' })).json().id).not.toBe(first.json().id)
  })

  test('of many at once one makes the job', async () => {
    const responses = await Promise.all(Array.from({ length: 15 }, () => submit({ key: 'rush' })))
    expect(new Set(responses.map((response) => response.json().id)).size).toBe(1)
  })

  test('a request that was answered with the first job is answered with it again, also when the dedupe key is free', async () => {
    const first = await submit({ key: 'seven' })
    const key = { 'idempotency-key': 'seven' }
    const second = await submit({ key: 'seven' }, key)
    expect(second.headers['idempotency-replayed']).toBeUndefined()
    await kit.send({ method: 'POST', url: `/v1/jobs/${first.json().id}/cancel` })
    const again = await submit({ key: 'seven' }, key)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect([again.statusCode, again.json()]).toEqual([202, second.json()])
    const other = await submit({ key: 'another' }, key)
    expect(other.json().code).toBe('idempotency_key_reused')
    expect((await submit({ key: 'seven' })).json().id).not.toBe(first.json().id)
  })

  test('a repeated request is answered as before, though its own job holds the key', async () => {
    const dedupe = { key: 'six', on_conflict: 'reject' }
    const first = await submit(dedupe, { 'idempotency-key': 'six' })
    const second = await submit(dedupe, { 'idempotency-key': 'six' })
    expect(second.statusCode).toBe(202)
    expect(second.headers['idempotency-replayed']).toBe('true')
    expect(second.json().id).toBe(first.json().id)
  })
})
