import { describe, expect, test } from 'vitest'
import { runStage } from '../../support/stage-kit.ts'

describe('auth', () => {
  test('records the account that the job works with', async () => {
    const { outcome } = await runStage({ job: { stage: 'auth', accountId: null } })
    expect(outcome).toEqual({ kind: 'done', patch: { accountId: 'acc_1' } })
  })

  test('has nothing to record when it is known', async () => {
    const { outcome } = await runStage({ job: { stage: 'auth' } })
    expect(outcome).toEqual({ kind: 'done', patch: {} })
  })
})

describe('session', () => {
  const made = { sessionId: '5529798706099999999', taskId: 'task_1', userId: 'anon_1' }

  test('makes a session under the job’s name and records it beside the job', async () => {
    const { outcome, journal } = await runStage({
      job: { stage: 'session', request: { language: 'de' } },
      provider: { session: made },
    })
    expect(journal).toEqual(['create session job_1 de'])
    expect(outcome).toEqual({
      kind: 'done',
      patch: {
        providerSessionId: '5529798706099999999',
        providerTaskId: 'task_1',
        providerUserId: 'anon_1',
        rows: [
          {
            kind: 'session',
            id: 'ses_new',
            account_id: 'acc_1',
            external_id: '5529798706099999999',
            task_id: 'task_1',
            user_id: 'anon_1',
          },
        ],
      },
    })
  })

  test('keeps the user it knows when the provider names none', async () => {
    const { outcome } = await runStage({
      job: { stage: 'session' },
      provider: { session: { ...made, userId: null } },
    })
    expect(outcome).toMatchObject({ kind: 'done' })
    expect(outcome.kind === 'done' && 'providerUserId' in outcome.patch).toBe(false)
  })

  test('uses a recorded session again without asking', async () => {
    const { outcome, journal } = await runStage({ job: { stage: 'session', providerSessionId: '99' } })
    expect(outcome).toEqual({ kind: 'done', patch: {} })
    expect(journal).toEqual([])
  })
})
