import { describe, expect, test } from 'vitest'
import type { AccessResult } from '../../../src/actions/access-provider.ts'
import { settleInterrupted, settleOpenPermits } from '../../../src/actions/settle-interrupted.ts'
import type { JobPatch } from '../../../src/job/outcome.ts'
import type { PermitRow } from '../../../src/store/permits.ts'
import { makeJob } from '../../support/job.ts'
import { readyAccess } from '../../support/run-kit.ts'
import {
  createScriptedProvider,
  type ProviderScript,
  providerError,
} from '../../support/scripted-provider.ts'
import { permitOf } from '../../support/stage-kit.ts'

const settle = async (
  job: Parameters<typeof makeJob>[0],
  {
    open = [],
    patch,
    provider = {},
    access,
    owed = null,
  }: {
    readonly open?: readonly PermitRow[]
    readonly patch?: JobPatch
    readonly provider?: ProviderScript
    readonly access?: AccessResult
    readonly owed?: { readonly patch: JobPatch } | null
  } = {},
) => {
  const journal: string[] = []
  const facts: string[] = []
  const settled = await settleInterrupted(
    {
      permits: permitsWith(open),
      provider: createScriptedProvider(provider, journal),
      accounts: {
        find: () => Promise.resolve(access ?? readyAccess),
        renounce: () => Promise.resolve(false),
      },
      telemetry: { state: (fact) => void facts.push(fact) },
      platform: 'test',
    },
    { job: makeJob(job), owed },
    patch,
  )
  return { settled, journal, facts }
}

const neverSent = 'prm_never_sent'

const permitsWith = (open: readonly PermitRow[]) => ({
  open: () => Promise.reject(new Error('not asked')),
  mayLeave: () => false,
  accept: () => Promise.reject(new Error('not asked')),
  wasAlone: () => Promise.reject(new Error('not asked')),
  countTries: () => Promise.reject(new Error('not asked')),
  disclaim: () => Promise.reject(new Error('not asked')),
  giveUp: (id: string) => Promise.resolve(id === neverSent),
  listOpen: () => Promise.resolve(open),
  stats: { statements: 0, operations: 0 },
})

const closedRow = {
  kind: 'permit',
  id: 'prm_1',
  state: 'settled',
  credits_settled: 93,
  is_estimated: false,
  detail: {},
} as const

describe('tidying up', () => {
  test('counts an accepted message as paid and one of unknown fate as at risk', async () => {
    const { settled } = await settle(
      { stage: 'confirm', creditsSpent: 7, creditsAtRisk: 1 },
      { open: [permitOf({ id: 'prm_2', state: 'accepted', creditsReserved: 50 }), permitOf()] },
    )
    expect(settled).toEqual({
      creditsSpent: 157,
      creditsAtRisk: 101,
      rows: [
        {
          kind: 'permit',
          id: 'prm_2',
          state: 'settled',
          credits_settled: 50,
          is_estimated: true,
          detail: { interrupted: true },
        },
        {
          kind: 'permit',
          id: 'prm_1',
          state: 'unknown',
          credits_settled: 100,
          is_estimated: true,
          detail: { interrupted: true },
        },
      ],
    })
  })

  test('counts nothing for a message that never left', async () => {
    const { settled } = await settle(
      { stage: 'confirm', creditsSpent: 7, creditsAtRisk: 1 },
      { open: [permitOf({ id: neverSent })] },
    )
    expect(settled).toEqual({ creditsSpent: 7, creditsAtRisk: 1, rows: [] })
  })

  test('leaves to the stage what the stage has closed, and adds to what it counted', async () => {
    const { settled } = await settle(
      { stage: 'confirm', creditsSpent: 7 },
      { open: [permitOf()], patch: { creditsSpent: 100, creditsAtRisk: 0, rows: [closedRow] } },
    )
    expect(settled).toEqual({ creditsSpent: 100, creditsAtRisk: 0, rows: [closedRow] })
  })

  test('changes nothing where nothing is open', async () => {
    const { settled, journal } = await settle({ stage: 'upload', creditsSpent: 7, creditsAtRisk: 2 })
    expect(settled).toEqual({ creditsSpent: 7, creditsAtRisk: 2, rows: [] })
    expect(journal).toEqual([])
  })

  test.each(['export', 'render'] as const)(
    'cancels the render that may be under way in %s',
    async (stage) => {
      expect((await settle({ stage, renderId: 'render_1' })).journal).toEqual(['cancel render_1'])
      expect((await settle({ stage, renderId: null })).journal).toEqual([])
    },
  )

  test('leaves a render alone that is over', async () => {
    expect((await settle({ stage: 'deliver', renderId: 'render_1' })).journal).toEqual([])
  })

  test('leaves to an ending that is owed what it closes', async () => {
    const { settled } = await settle(
      { stage: 'export', creditsSpent: 93 },
      { open: [permitOf()], owed: { patch: { rows: [closedRow] } } },
    )
    expect(settled).toEqual({ creditsSpent: 93, creditsAtRisk: 0, rows: [] })
  })

  test('does not mind a render that cannot be canceled', async () => {
    const job = { stage: 'render', renderId: 'render_1' } as const
    const refused = await settle(job, { provider: { cancelRender: providerError('provider_unavailable') } })
    expect(refused.facts).toEqual(['render.cancel_failed'])
    const busy = await settle(job, { access: { outcome: 'busy', retryInMs: 1 } })
    expect(busy.journal).toEqual([])
    const surprise = settle(job, { provider: { cancelRender: new TypeError('odd') } })
    await expect(surprise).rejects.toThrow('odd')
  })

  test('of a job that failed leaves its render, which a redrive may look up', async () => {
    const settled = await settleOpenPermits(
      { permits: permitsWith([permitOf()]) },
      { job: makeJob({ stage: 'render', renderId: 'render_1' }), owed: null },
    )
    expect(settled).toMatchObject({ creditsSpent: 100, creditsAtRisk: 100 })
  })
})
