import { describe, expect, test } from 'vitest'
import { createCreditEstimates } from '../../../src/actions/credit-estimates.ts'
import { skills } from '../../../src/skills/index.ts'
import type { LearnedCredits } from '../../../src/store/account-books.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const skill = skills['free-video-generation-api']
const learnedOf = (
  accountId: string,
  tenantId: string | null,
  generation: number | null,
): LearnedCredits => ({
  ...{ accountId, tenantId, generation },
  edit: null,
})

const setup = (answers: readonly (readonly LearnedCredits[] | Error)[]) => {
  const clock = createManualClock()
  const facts: string[] = []
  let readings = 0
  const estimates = createCreditEstimates({
    books: {
      listLearned: () => {
        const answer = answers[Math.min(readings, answers.length - 1)] ?? []
        readings += 1
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
      },
    },
    sharedAccountId: () => Promise.resolve('acc_shared'),
    clock,
    telemetry: { state: (fact) => void facts.push(fact) },
  })
  const generation = (accountId: string | null = null, tenantId = 'ten_1') =>
    estimates.of({ tenantId, accountId }, skill).generation
  return { clock, facts, generation, readings: () => readings }
}

describe('what a message is estimated at', () => {
  test('is what the skill says until something else is known, which is read beside', async () => {
    const { generation, readings } = setup([[learnedOf('acc_shared', null, 70)]])
    expect([generation(), generation()]).toEqual([100, 100])
    await settled()
    expect([generation(), readings()]).toEqual([70, 1])
  })

  test('is read again after a minute, by whoever asks then', async () => {
    const { clock, generation, readings } = setup([
      [learnedOf('acc_shared', null, 70)],
      [learnedOf('acc_shared', null, 60)],
    ])
    generation()
    await settled()
    clock.advance(59_999)
    expect([generation(), readings()]).toEqual([70, 1])
    clock.advance(1)
    expect([generation(), readings()]).toEqual([70, 2])
    await settled()
    expect(generation()).toBe(60)
  })

  test('stays as it is known while nothing can be read, and that is told', async () => {
    const { clock, facts, generation } = setup([[learnedOf('acc_shared', null, 70)], new Error('away')])
    generation()
    await settled()
    clock.advance(60_000)
    generation()
    await settled()
    expect([generation(), facts]).toEqual([70, ['books.failed']])
  })

  test('is that of the account, and before there is one, of the tenant’s own or the shared one', async () => {
    const { generation } = setup([
      [
        learnedOf('acc_shared', null, 70),
        learnedOf('acc_own', 'ten_own', 30),
        learnedOf('acc_new', 'ten_new', null),
      ],
    ])
    generation()
    await settled()
    expect([generation('acc_own'), generation('acc_new'), generation('acc_gone')]).toEqual([30, 100, 100])
    expect([generation(null, 'ten_own'), generation(null, 'ten_new'), generation()]).toEqual([30, 100, 70])
  })
})
