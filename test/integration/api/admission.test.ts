import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admittingRoutes } from '../../../src/api/admission.ts'
import { type ApiKit, openApiKit } from './kit.ts'
import { png } from './media.ts'

describe('a process that is too busy', () => {
  let kit: ApiKit
  let isBehind = true
  beforeAll(async () => {
    kit = await openApiKit({ deps: { loop: { isBehind: () => isBehind } } })
  })
  afterAll(() => kit.close())

  test('begins nothing new, says when to come back, and answers whoever looks', async () => {
    const submit = () => kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox' } })
    const refused = await submit()
    expect(refused.statusCode).toBe(503)
    expect(refused.headers['retry-after']).toBe('5')
    expect((await kit.send({ url: '/v1/jobs' })).statusCode).toBe(200)
    isBehind = false
    expect((await submit()).statusCode).toBe(202)
  })
})

describe('a disk that is nearly full', () => {
  let kit: ApiKit
  let isLow = true
  beforeAll(async () => {
    kit = await openApiKit({ deps: { disk: { isLow: async () => isLow } } })
  })
  afterAll(() => kit.close())

  const submit = () => kit.send({ method: 'POST', url: '/v1/jobs', payload: { prompt: 'a fox' } })
  const upload = () =>
    kit.send({
      method: 'POST',
      url: '/v1/uploads',
      payload: png,
      headers: { 'content-type': 'image/png' },
    })

  test('lets nothing in, says when to come back, and stores nothing', async () => {
    for (const response of [await submit(), await upload()]) {
      expect(response.statusCode).toBe(503)
      expect(response.headers['retry-after']).toBe('60')
      expect(response.json()).toMatchObject({ code: 'unavailable', retryable: true })
    }
    expect(await kit.store.prisma.job.count()).toBe(0)
    expect(await kit.listFiles()).toEqual([])
  })

  test('tells strangers nothing of it', async () => {
    expect((await kit.app.inject({ method: 'POST', url: '/v1/jobs' })).statusCode).toBe(401)
  })

  test('lets reading and deleting go on, and everything once there is room', async () => {
    isLow = false
    const job = await submit()
    expect(job.statusCode).toBe(202)
    const { id } = (await upload()).json()
    isLow = true
    expect((await kit.send({ url: '/v1/jobs' })).json().data).toHaveLength(1)
    expect((await kit.send({ method: 'POST', url: `/v1/jobs/${job.json().id}/cancel` })).statusCode).toBe(200)
    expect((await kit.send({ method: 'DELETE', url: `/v1/uploads/${id}` })).statusCode).toBe(204)
  })

  test.each([...admittingRoutes])('%s, where it holds, is a route', (route) => {
    const [method = '', url = ''] = route.split(' ')
    expect(kit.app.hasRoute({ method: method as 'POST', url })).toBe(true)
  })
})
