import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TimelineOut } from '../../../src/api/schemas/timeline-out.ts'
import type { TimelineTrack } from '../../../src/providers/provider.ts'
import { providerError, stateOf } from '../../support/scripted-provider.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, openApiKit, publicUrl } from './kit.ts'

const segment = (startMs: number, durationMs: number, label: string | null) => ({
  startMs,
  durationMs,
  label,
  url: 'https://provider.example/private.mp4',
})
const tracks: TimelineTrack[] = [
  { kind: 'video', segments: [segment(0, 4_000, 'fox'), segment(4_000, 3_500, null)], volumePercent: null },
  { kind: 'audio', segments: [segment(0, 5_000, 'lo-fi')], volumePercent: 35 },
]

describe('GET /v1/jobs/{id}/timeline', () => {
  let kit: ApiKit
  beforeAll(async () => {
    kit = await openApiKit({
      provider: {
        state: [
          stateOf('made', { tracks }),
          stateOf('made', { tracks }),
          stateOf('made', { tracks }),
          providerError('provider_session_lost'),
          providerError('provider_unavailable'),
          providerError('provider_auth_failed', { providerCode: 1001 }),
        ],
      },
    })
  })
  afterAll(() => kit.close())

  const seed = (job: Readonly<Record<string, unknown>> = { provider_session_id: '99' }) =>
    seedJob(kit.store.pool, {
      job: { tenant_id: kit.tenantId, ...job },
      request: { tenant_id: kit.tenantId },
    })
  const read = (id: string, query = '', headers: Record<string, string> = {}) =>
    kit.send({ url: `/v1/jobs/${id}/timeline${query}`, headers })

  test('shows the tracks in seconds, without the addresses of the provider', async () => {
    const id = await seed()
    const response = await read(id)
    expect(response.statusCode).toBe(200)
    expect(TimelineOut.parse(response.json())).toEqual({
      summary: 'timeline of made',
      exportable: true,
      duration_s: 7.5,
      tracks: [
        {
          kind: 'video',
          volume_percent: null,
          segments: [
            { start_s: 0, duration_s: 4, label: 'fox' },
            { start_s: 4, duration_s: 3.5, label: null },
          ],
        },
        { kind: 'audio', volume_percent: 35, segments: [{ start_s: 0, duration_s: 5, label: 'lo-fi' }] },
      ],
    })
    expect(response.body).not.toContain('private')
    expect((await kit.send({ url: `/v1/jobs/${id}` })).json().links.timeline).toBe(
      `${publicUrl}/v1/jobs/${id}/timeline`,
    )
  })

  test.each([
    ['srt', 'application/x-subrip'],
    ['vtt', 'text/vtt'],
  ])('gives the text as %s', async (format, contentType) => {
    const id = await seed()
    const response = await read(id, `?format=${format}`, { accept: contentType })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toBe(`${contentType}; charset=utf-8`)
    expect(response.headers['content-disposition']).toBe(`attachment; filename="${id}.${format}"`)
    expect(response.body).toBe(`${format} of 2 tracks`)
  })

  test('says when the provider has lost the session, does not answer, or refuses the token', async () => {
    const id = await seed()
    const lost = await read(id)
    expect(lost.statusCode).toBe(409)
    expect(lost.json()).toMatchObject({ code: 'no_draft', detail: expect.stringContaining('no longer') })
    const away = await read(id)
    expect(away.statusCode).toBe(502)
    expect(away.headers['retry-after']).toBe('10')
    expect(away.json()).toMatchObject({ code: 'provider_unavailable', retryable: true })
    const refused = await read(id)
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([502, undefined])
    expect(refused.json()).toMatchObject({
      code: 'provider_unavailable',
      retryable: false,
      detail: 'The provider refused the token of the account. the provider says provider_auth_failed',
    })
  })

  test('says when there is no session yet', async () => {
    const id = await seed({})
    expect((await read(id)).json()).toMatchObject({ code: 'no_draft', retryable: true })
    expect((await kit.send({ url: `/v1/jobs/${id}` })).json().links.timeline).toBeNull()
  })

  test('asks nobody for a format that there is not, or a job of another tenant', async () => {
    const id = await seed()
    expect((await read(id, '?format=ass')).statusCode).toBe(400)
    const authorization = `Bearer ${await kit.newKey({ tenantId: await kit.newTenant('stranger') })}`
    expect((await read(id, '', { authorization })).statusCode).toBe(404)
  })
})
