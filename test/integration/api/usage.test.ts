import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTallyStore } from '../../../src/store/tallies.ts'
import type { TransitionInput } from '../../../src/store/writer.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit } from './kit.ts'

let kit: ApiKit
beforeAll(async () => {
  kit = await openApiKit()
})
afterAll(() => kit.close())

interface Tenant {
  readonly id: string
  readonly key: string
}

const newTenant = async (): Promise<Tenant> => {
  const id = await kit.newTenant(`tenant ${Math.random()}`)
  return { id, key: await kit.newKey({ tenantId: id }) }
}

const read = async ({ key }: { readonly key: string }, query = '') => {
  const headers = { authorization: `Bearer ${key}` }
  const response = await kit.send({ url: `/v1/usage${query}`, headers })
  return { status: response.statusCode, body: response.json(), headers: response.headers }
}

/** A job of the tenant that was begun, spent so much, and ended so; for an artifact, with a file. */
const work = async (
  tenant: Tenant,
  {
    verb,
    credits = 0,
    tags = [],
    skill = 'free-video-generation-api',
  }: {
    readonly verb: TransitionInput['verb']
    readonly credits?: number
    readonly tags?: readonly string[]
    readonly skill?: string
  },
): Promise<string> => {
  const jobId = await seedJob(kit.store.pool, {
    job: { tenant_id: tenant.id, skill },
    request: { tags },
  })
  const claim = await kit.writer.claimJob(jobId)
  const artifact = {
    kind: 'artifact',
    id: `art_${jobId}`,
    storage_key: jobId,
    content_type: 'video/mp4',
    size_bytes: 1_000,
    sha256: 's',
    width: null,
    height: null,
    duration_s: 5.1,
    video_codec: null,
    audio_codec: null,
  } as const
  await kit.writer.transitionJob({
    verb,
    jobId,
    epoch: claim!.job.epoch,
    patch: {
      creditsSpent: credits,
      ...(verb === 'succeed' && { rows: [artifact] }),
      ...(verb === 'fail' && { failureCode: 'internal' as const }),
    },
  })
  return jobId
}

const rollUp = () => createTallyStore({ pool: kit.store.pool }).rollUp(1_000)

const today = () => new Date().toISOString().slice(0, 10)

describe('GET /v1/usage', () => {
  test('tells jobs by how they ended, credits, render seconds and bytes, by day', async () => {
    const tenant = await newTenant()
    await work(tenant, { verb: 'succeed', credits: 100 })
    await work(tenant, { verb: 'succeed', credits: 150 })
    await work(tenant, { verb: 'fail', credits: 40 })
    await work(tenant, { verb: 'cancel' })
    await work(tenant, { verb: 'park' })
    const figures = {
      jobs: { succeeded: 2, failed: 1, canceled: 1 },
      credits: { reserved: 0, spent: 290, at_risk: 0 },
      render_seconds: 10.2,
      bytes: 2_000,
    }
    const { status, body } = await read(tenant)
    expect(status).toBe(200)
    expect(body).toMatchObject({ to: today(), group_by: 'day', next_cursor: null })
    expect(body.total).toEqual(figures)
    expect(body.data).toEqual([{ group: today(), ...figures }])
  })

  test('is the same before and after the figures are rolled up', async () => {
    const tenant = await newTenant()
    await work(tenant, { verb: 'succeed', credits: 100, tags: ['a', 'b'] })
    await rollUp()
    await work(tenant, { verb: 'fail', credits: 60, tags: ['b'] })
    const before = await read(tenant, '?group_by=tag')
    await rollUp()
    expect((await read(tenant, '?group_by=tag')).body).toEqual(before.body)
    expect(before.body.data).toMatchObject([
      { group: 'a', credits: { spent: 100 } },
      { group: 'b', credits: { spent: 160 } },
    ])
  })

  test('groups by skill, and by tag, where what has none stands under null', async () => {
    const tenant = await newTenant()
    await work(tenant, { verb: 'succeed', skill: 'text-to-video-higgsfield', tags: ['autumn'] })
    await work(tenant, { verb: 'succeed' })
    const bySkill = await read(tenant, '?group_by=skill')
    expect(bySkill.body.data.map(({ group }: { group: string }) => group)).toEqual([
      'free-video-generation-api',
      'text-to-video-higgsfield',
    ])
    const byTag = await read(tenant, '?group_by=tag')
    expect(byTag.body.data).toMatchObject([
      { group: null, jobs: { succeeded: 1 } },
      { group: 'autumn', jobs: { succeeded: 1 } },
    ])
    expect(byTag.body.total).toMatchObject({ jobs: { succeeded: 2 } })
  })

  test('shows what is reserved for as long as a message is under way', async () => {
    const tenant = await newTenant()
    const jobId = await work(tenant, { verb: 'note', tags: ['now'] })
    const permit = { job_id: jobId, message_no: 0, attempt: 1, try: 1, epoch: 1, account_id: 'acc_1' }
    const { rows } = await kit.store.pool.query<{ id: string }>(
      `INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
         message_digest, baseline, credits_reserved)
       VALUES (new_id('pmt'), $1, $2, $3, $4, $5, $6, 'ses_usage', 'open', 'd', '{}', 100) RETURNING id`,
      Object.values(permit),
    )
    const reserved = async () => (await read(tenant, '?group_by=tag')).body
    expect(await reserved()).toMatchObject({
      total: { credits: { reserved: 100, spent: 0 } },
      data: [{ group: 'now', credits: { reserved: 100 } }],
    })
    await kit.writer.transitionJob({
      verb: 'fail',
      jobId,
      epoch: 1,
      patch: {
        creditsSpent: 100,
        creditsAtRisk: 100,
        failureCode: 'generation_outcome_unknown',
        rows: [
          {
            kind: 'permit',
            id: rows[0]!.id,
            state: 'unknown',
            credits_settled: 100,
            is_estimated: true,
            detail: {},
          },
        ],
      },
    })
    expect((await reserved()).total).toMatchObject({ credits: { reserved: 0, spent: 100, at_risk: 100 } })
  })

  test('is cut to the days that are asked for, both included', async () => {
    const tenant = await newTenant()
    for (const daysAgo of [0, 1, 2, 40]) {
      await work(tenant, { verb: 'cancel' })
      await kit.store.pool.query(
        `UPDATE tallies SET day = day - $2::int WHERE tenant_id = $1 AND day = current_date`,
        [tenant.id, daysAgo],
      )
      await rollUp()
    }
    const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10)
    const groupsOf = async (query: string) =>
      (await read(tenant, query)).body.data.map(({ group }: { group: string }) => group)
    expect(await groupsOf('')).toEqual([day(2), day(1), day(0)])
    expect(await groupsOf(`?from=${day(2)}&to=${day(1)}`)).toEqual([day(2), day(1)])
    expect(await groupsOf(`?from=${day(100)}&to=${day(3)}`)).toEqual([day(40)])
    expect((await read(tenant, `?from=${day(2)}&to=${day(1)}`)).body.total.jobs.canceled).toBe(2)
  })

  test('comes in pages, each with the total', async () => {
    const tenant = await newTenant()
    await work(tenant, { verb: 'cancel' })
    await work(tenant, { verb: 'cancel', tags: ['ü', 'B', 'a'] })
    const groups: (string | null)[] = []
    let query: string | null = '?group_by=tag&limit=1'
    while (query !== null) {
      const { body, headers } = await read(tenant, query)
      groups.push(...body.data.map(({ group }: { group: string | null }) => group))
      expect(body.total.jobs.canceled).toBe(2)
      expect(headers['link'] === undefined).toBe(body.next_cursor === null)
      query = body.next_cursor === null ? null : `?group_by=tag&limit=1&cursor=${body.next_cursor}`
    }
    expect(groups).toEqual([null, 'B', 'a', 'ü'])
  })

  test('is the tenant’s own, and nothing at first', async () => {
    const { body } = await read(await newTenant())
    expect(body).toMatchObject({
      data: [],
      total: { jobs: { succeeded: 0 }, credits: { spent: 0 }, bytes: 0 },
    })
  })

  test('needs the scope usage:read', async () => {
    const key = await kit.newKey({ scopes: ['jobs:read'] })
    expect((await read({ key })).status).toBe(403)
    expect((await kit.app.inject({ url: '/v1/usage' })).statusCode).toBe(401)
  })

  test.each([
    ['from=2026-02-30', 400, '/query/from'],
    ['from=0000-01-01&to=0000-01-01', 400, '/query/from'],
    ['to=yesterday', 400, '/query/to'],
    ['to=2026-09-01T00:00:00Z', 400, '/query/to'],
    ['group_by=hour', 400, '/query/group_by'],
    ['limit=0', 400, '/query/limit'],
    ['limit=101', 400, '/query/limit'],
    ['cursor=none', 400, '/query/cursor'],
    ['cursor=LmEAYg', 400, '/query/cursor'],
    ['tenant_id=ten_1', 400, '/query/tenant_id'],
    ['from=2026-09-02&to=2026-09-01', 422, '/query/from'],
    ['from=2025-01-01&to=2026-09-01', 422, '/query/from'],
  ])('refuses %s with %i', async (query, status, pointer) => {
    const response = await read({ key: kit.apiKey }, `?${query}`)
    expect([response.status, response.body.errors[0].pointer]).toEqual([status, pointer])
  })
})
