import { describe, expect, test } from 'vitest'
import type { OutputWish } from '../../../src/job/job.ts'
import type { StageNotes } from '../../../src/job/outcome.ts'
import type { StoredArtifact } from '../../../src/stages/stage.ts'
import { emptyState, providerError, stateOf } from '../../support/scripted-provider.ts'
import { runStage, type StageScript } from '../../support/stage-kit.ts'

const placed = (stage: 'export' | 'render' | 'deliver', { job, ...script }: StageScript) =>
  runStage({ ...script, job: { stage, providerSessionId: '99', renderId: 'render_1', ...job } })

describe('export', () => {
  const submit = (script: StageScript = {}) =>
    placed('export', {
      ...script,
      scratch: { freshRenderId: 'render_1', ...script.scratch },
      provider: { state: stateOf('made'), submit: { outcome: 'submitted' }, ...script.provider },
    })

  /** Somebody else may have asked for the render. */
  const submitAgain = (script: StageScript) =>
    submit({ ...script, scratch: { freshRenderId: 'render_0', ...script.scratch } })

  test('submits the draft under the recorded id, with the wishes that a render knows', async () => {
    const { outcome, journal } = await submit({
      job: { notes: { is_second: true }, request: { output: { resolution: '1080p', aspect_ratio: '9:16' } } },
    })
    expect(journal).toEqual([
      'read session',
      'submit render_1 {"format":"mp4","quality":"high","resolution":"1080p"}',
    ])
    expect(outcome).toEqual({
      kind: 'done',
      patch: { notes: { is_second: true }, timeline: 'timeline of made' },
    })
  })

  test('spares the read when the stage before has just looked', async () => {
    const { journal } = await submit({
      job: { request: { output: { format: 'mov', quality: 'low' } } },
      scratch: { session: stateOf('made') },
    })
    expect(journal).toEqual(['submit render_1 {"format":"mov","quality":"low"}'])
  })

  test('is content with a render of that id', async () => {
    const { outcome } = await submit({ provider: { submit: { outcome: 'duplicate' } } })
    expect(outcome.kind).toBe('done')
  })

  test('looks the id up unless it was given under this lease', async () => {
    const { outcome, journal } = await submitAgain({
      job: { notes: { is_second: true } },
      scratch: { session: stateOf('made') },
      provider: { render: { status: 'pending', progressPercent: 5 } },
    })
    expect(journal).toEqual(['read render render_1'])
    expect(outcome).toEqual({ kind: 'done', patch: { notes: { is_second: true } } })
  })

  test('makes a look that found the provider down once more, and only once', async () => {
    const down = providerError('provider_unavailable')
    const made = await submitAgain({
      provider: { render: [down, { status: 'unknown' }], state: [down, stateOf('made')] },
    })
    expect(made.outcome.kind).toBe('done')
    await expect(submitAgain({ provider: { render: down } })).rejects.toBe(down)
    const lost = providerError('provider_session_lost')
    await expect(submit({ provider: { state: [lost, stateOf('made')] } })).rejects.toBe(lost)
  })

  test('never asks for a render twice in one try', async () => {
    const down = providerError('provider_unavailable')
    await expect(submit({ provider: { submit: [down, { outcome: 'submitted' }] } })).rejects.toBe(down)
  })

  test('submits again what the provider does not know', async () => {
    const { journal } = await submitAgain({ provider: { render: { status: 'unknown' } } })
    expect(journal.at(-1)).toMatch(/^submit render_1/)
  })

  test.each([emptyState, stateOf('half', { draft: null })])(
    'refuses a draft without a segment',
    async (state) => {
      const { outcome, journal } = await submit({ provider: { state } })
      expect(outcome).toMatchObject({ kind: 'fail', code: 'draft_not_exportable' })
      expect(journal.join()).not.toContain('submit')
    },
  )

  test('never uses an id that was not recorded', async () => {
    await expect(submit({ job: { renderId: null } })).rejects.toThrow('without a render id')
  })
})

describe('render', () => {
  const poll = (
    render: NonNullable<StageScript['provider']>['render'],
    notes: StageNotes = {},
    stageMs = 1_000,
  ) => placed('render', { job: { notes }, stageMs, provider: { ...(render && { render }) } })

  test('waits in the provider’s queue without counting the time', async () => {
    const { outcome } = await poll({ status: 'pending', progressPercent: 0 }, { is_second: true }, 9_000_000)
    expect(outcome).toEqual({
      kind: 'wait',
      forMs: 30_000,
      reason: 'render_pending',
      patch: { notes: { is_second: true, pending_ms: 9_000_000 } },
    })
  })

  test('waits while the provider renders, and says how far it is', async () => {
    const { outcome, journal } = await poll({ status: 'processing', progressPercent: 40 }, { pending_ms: 5 })
    expect(journal).toContain('progress 0.40')
    expect(outcome).toEqual({
      kind: 'wait',
      forMs: 30_000,
      reason: 'rendering',
      patch: { notes: { pending_ms: 5 } },
    })
  })

  test.each([
    [600_000, 0, 'wait'],
    [600_001, 0, 'fail'],
    [900_000, 300_000, 'wait'],
    [900_001, 300_000, 'fail'],
  ])('after %i ms, %i of them in the queue, it is a %s', async (stageMs, pending_ms, kind) => {
    const { outcome } = await poll({ status: 'processing', progressPercent: 40 }, { pending_ms }, stageMs)
    expect(outcome.kind).toBe(kind)
    if (outcome.kind === 'fail') expect(outcome.code).toBe('render_timeout')
  })

  test.each([
    [14_400_000, 'wait'],
    [14_400_001, 'fail'],
  ])('after %i ms in the provider’s queue it is a %s: nothing waits for ever', async (stageMs, kind) => {
    const { outcome } = await poll({ status: 'pending', progressPercent: 0 }, {}, stageMs)
    expect(outcome.kind).toBe(kind)
    if (outcome.kind === 'fail') expect(outcome.code).toBe('render_timeout')
  })

  test('is done when the provider names a URL', async () => {
    const { outcome } = await poll({ status: 'completed', url: 'https://cdn/v.mp4' })
    expect(outcome).toEqual({ kind: 'done', patch: { renderUrl: 'https://cdn/v.mp4' } })
  })

  test('waits a little for the URL of a render that is completed, and then does without', async () => {
    const { outcome } = await poll({ status: 'completed', url: null }, { url_looks: 2 })
    expect(outcome).toMatchObject({
      kind: 'wait',
      forMs: 3_000,
      reason: 'render_url',
      patch: { notes: { url_looks: 3 } },
    })
    const last = await poll({ status: 'completed', url: null }, { url_looks: 3 })
    expect(last.outcome).toEqual({ kind: 'done', patch: { renderUrl: null } })
  })

  test('submits an id that the provider forgot three times, and then gives up', async () => {
    const { outcome } = await poll({ status: 'unknown' }, { submissions: 2 })
    expect(outcome).toMatchObject({ kind: 'back', to: 'export', patch: { notes: { submissions: 3 } } })
    expect(outcome.kind === 'back' && 'renderId' in outcome.patch).toBe(false)
    const last = await poll({ status: 'unknown' }, { submissions: 3 })
    expect(last.outcome).toMatchObject({ kind: 'fail', code: 'render_failed' })
  })

  test.each(['failed', 'canceled'] as const)(
    'tries a render that %s once more, under a new id',
    async (status) => {
      const { outcome } = await poll({ status, reason: 'out of memory' })
      expect(outcome).toMatchObject({
        kind: 'back',
        to: 'export',
        patch: { renderId: null, notes: { is_second: true } },
      })
      const second = await poll({ status, reason: 'out of memory' }, { is_second: true })
      expect(second.outcome).toMatchObject({ kind: 'fail', code: 'render_failed', message: 'out of memory' })
    },
  )
})

describe('deliver', () => {
  const artifact = (
    made: Partial<Extract<StoredArtifact, { outcome: 'stored' }>['row']> = {},
  ): StoredArtifact => ({
    outcome: 'stored',
    row: {
      kind: 'artifact',
      id: 'art_1',
      storage_key: 'k',
      content_type: 'video/mp4',
      size_bytes: 5,
      sha256: 's',
      width: 1_080,
      height: 1_920,
      duration_s: 10.04,
      video_codec: 'avc',
      audio_codec: null,
      ...made,
    },
  })
  const bring = (stored: StoredArtifact, output: OutputWish = {}, warnings = [{ code: 'a', message: 'b' }]) =>
    placed('deliver', {
      stored,
      job: { renderUrl: 'https://cdn/v.mp4', request: { output }, warnings },
      provider: { download: { sizeBytes: 5, contentType: 'video/mp4' } },
    })

  test('asks for the file once more where the provider is down', async () => {
    const { outcome, journal } = await placed('deliver', {
      stored: artifact(),
      job: { renderUrl: 'https://cdn/v.mp4' },
      provider: {
        download: [providerError('provider_unavailable'), { sizeBytes: 5, contentType: 'video/mp4' }],
      },
    })
    expect(journal).toHaveLength(2)
    expect(outcome.kind).toBe('done')
  })

  test('brings the file home and records it with the end of the job', async () => {
    const { outcome, journal } = await bring(artifact(), { aspect_ratio: '9:16', duration_s: 10 })
    expect(journal).toEqual(['download render_1 from https://cdn/v.mp4'])
    expect(outcome).toMatchObject({
      kind: 'done',
      patch: { artifactId: 'art_1', rows: [{ kind: 'artifact', id: 'art_1' }], warnings: [{ code: 'a' }] },
    })
  })

  test('delivers what differs from the wish, with a warning', async () => {
    const { outcome } = await bring(artifact({ width: 1_920, height: 1_080, duration_s: 8.2 }), {
      aspect_ratio: '9:16',
      duration_s: 10,
    })
    expect(outcome).toMatchObject({
      kind: 'done',
      patch: {
        warnings: [
          { code: 'a' },
          { code: 'aspect_ratio_differs', message: 'wished 9:16, got 1920×1080' },
          { code: 'duration_differs', message: 'wished 10 s, got 8.2 s' },
        ],
      },
    })
  })

  test.each<[string, OutputWish, object]>([
    ['an odd pixel', { aspect_ratio: '16:9' }, { width: 1_916, height: 1_080 }],
    ['a second', { duration_s: 10 }, { duration_s: 11 }],
    ['an unknown size', { aspect_ratio: '16:9' }, { width: null, height: null }],
  ])('does not warn of %s', async (_, output, made) => {
    const { outcome } = await bring(artifact(made), output, [])
    expect(outcome).toMatchObject({ patch: { warnings: [] } })
  })

  test('tries again when the file is no video or could not be stored', async () => {
    const invalid = await bring({ outcome: 'invalid', reason: 'no video track' })
    expect(invalid.outcome).toMatchObject({
      kind: 'fail',
      code: 'artifact_invalid',
      message: 'no video track',
    })
    const full = await bring({ outcome: 'storage_failed', reason: 'ENOSPC' })
    expect(full.outcome).toMatchObject({ kind: 'fail', code: 'storage_failed', message: 'ENOSPC' })
  })

  test('passes on what the provider says to a failed download', async () => {
    const error = providerError('provider_unavailable')
    await expect(placed('deliver', { provider: { download: error } })).rejects.toBe(error)
  })
})
