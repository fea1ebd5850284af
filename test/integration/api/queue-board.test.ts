import { afterAll, beforeAll, expect, test } from 'vitest'
import { openQueue, type QueueBackend } from '../../../src/queue/backend.ts'
import { createTestDatabase } from '../../support/database.ts'
import { type ApiKit, openApiKit } from './kit.ts'

let queue: QueueBackend
let dropDatabase: () => Promise<void>
let kit: ApiKit

beforeAll(async () => {
  const database = await createTestDatabase()
  dropDatabase = database.drop
  queue = openQueue({ databaseUrl: database.url })
  kit = await openApiKit({ deps: { queueBoard: await queue.createBoard() } })
})

afterAll(async () => {
  await kit?.close()
  await queue?.close()
  await dropDatabase?.()
})

const asPassword = (key: string) => ({
  authorization: `Basic ${Buffer.from(`operator:${key}`).toString('base64')}`,
})

const listQueues = '/admin/queues/api/queues'

test('GET /admin/queues shows the page to an admin key, as a bearer token or as the password of a browser', async () => {
  for (const headers of [{ authorization: `Bearer ${kit.apiKey}` }, asPassword(kit.apiKey)]) {
    const page = await kit.app.inject({ url: '/admin/queues', headers })
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  }
})

test('GET /admin/queues asks a browser for the key, and is for no other key', async () => {
  const stranger = await kit.app.inject({ url: '/admin/queues' })
  expect(stranger.statusCode).toBe(401)
  expect(stranger.headers['www-authenticate']).toContain('Basic')
  expect((await kit.app.inject({ url: listQueues, headers: asPassword('clk_wrong') })).statusCode).toBe(401)
  const other = await kit.newKey({ scopes: ['jobs:read'] })
  expect((await kit.app.inject({ url: listQueues, headers: asPassword(other) })).statusCode).toBe(403)
})

test('GET /admin/queues shows the bells that wait, by id alone', async () => {
  await queue.ring('jobs', [{ id: 'job_1', ringNo: 3 }])
  const { queues } = (
    await kit.app.inject({ url: `${listQueues}?activeQueue=jobs`, headers: asPassword(kit.apiKey) })
  ).json<{ queues: { name: string; counts: { waiting: number }; jobs: { data: unknown }[] }[] }>()
  expect(queues.map(({ name }) => name)).toEqual(['jobs', 'deliveries'])
  expect(queues[0]?.counts.waiting).toBe(1)
  expect(queues[0]?.jobs.map(({ data }) => data)).toEqual([{ jobId: 'job_1', ringNo: 3 }])
})

test('GET /admin/queues changes nothing', async () => {
  for (const action of ['pause', 'empty', 'obliterate']) {
    for (const payload of [{}, { payload: { force: true } }]) {
      const answer = await kit.app.inject({
        method: 'PUT',
        url: `${listQueues}/jobs/${action}`,
        headers: asPassword(kit.apiKey),
        ...payload,
      })
      expect([action, answer.statusCode]).toEqual([action, 405])
    }
  }
  expect(await queue.depth('jobs')).toBe(1)
})
