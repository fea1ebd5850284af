import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPosition, type PlannedJob, planFor, progressAt, stageNames } from '../../../src/job/plan.ts'

const anyPlan: fc.Arbitrary<PlannedJob> = fc.record({
  messageCount: fc.integer({ min: 1, max: 21 }),
  hasInputs: fc.boolean(),
  purpose: fc.constantFrom('video', 'message', 'export'),
})

const words = (plan: ReturnType<typeof planFor>) =>
  plan.map(({ stage, messageNo }) => `${stage} ${messageNo}`)

describe('the plan of a job', () => {
  test('makes a video from a prompt', () => {
    expect(words(planFor({ messageCount: 1, hasInputs: false, purpose: 'video' }))).toEqual([
      'auth 0',
      'session 0',
      'generate 0',
      'confirm 0',
      'export 0',
      'render 0',
      'deliver 0',
    ])
  })

  test('repeats generate and confirm for each step, after the uploads', () => {
    expect(words(planFor({ messageCount: 3, hasInputs: true, purpose: 'video' }))).toEqual([
      'auth 0',
      'session 0',
      'upload 0',
      'generate 0',
      'confirm 0',
      'generate 1',
      'confirm 1',
      'generate 2',
      'confirm 2',
      'export 2',
      'render 2',
      'deliver 2',
    ])
  })

  test('ends a message of a conversation with its confirmation', () => {
    expect(words(planFor({ messageCount: 1, hasInputs: false, purpose: 'message' }))).toEqual([
      'auth 0',
      'session 0',
      'generate 0',
      'confirm 0',
    ])
  })

  test('hands over files for a conversation, and says nothing', () => {
    expect(words(planFor({ messageCount: 1, hasInputs: true, purpose: 'upload' }))).toEqual([
      'auth 0',
      'session 0',
      'upload 0',
    ])
  })

  test('sends nothing for an export of a conversation', () => {
    expect(words(planFor({ messageCount: 1, hasInputs: false, purpose: 'export' }))).toEqual([
      'auth 0',
      'session 0',
      'export 0',
      'render 0',
      'deliver 0',
    ])
  })

  test('visits no place twice and keeps the order of the pipeline within a message', () => {
    fc.assert(
      fc.property(anyPlan, (planned) => {
        const plan = planFor(planned)
        expect(new Set(words(plan)).size).toBe(plan.length)
        for (const [index, here] of plan.entries()) {
          const next = plan[index + 1]
          if (next && next.messageNo === here.messageNo)
            expect(stageNames.indexOf(next.stage)).toBeGreaterThan(stageNames.indexOf(here.stage))
        }
      }),
    )
  })
})

describe('the position after another', () => {
  test('walks the whole plan and ends it', () => {
    fc.assert(
      fc.property(anyPlan, (planned) => {
        const plan = planFor(planned)
        for (const [index, here] of plan.entries())
          expect(nextPosition(plan, here)).toEqual(plan[index + 1] ?? null)
      }),
    )
  })

  test('is an error for a place that the plan does not have', () => {
    const plan = planFor({ messageCount: 1, hasInputs: false, purpose: 'video' })
    expect(() => nextPosition(plan, { stage: 'upload', messageNo: 0 })).toThrow(/upload.*not in the plan/)
  })
})

describe('progress', () => {
  test('never falls along the plan, begins at nothing and stays below 1 before success', () => {
    fc.assert(
      fc.property(anyPlan, fc.array(fc.double({ min: -1, max: 2, noNaN: true })), (planned, fractions) => {
        const plan = planFor(planned)
        let reached = progressAt(plan, { stage: 'auth', messageNo: 0 }, 0)
        expect(reached).toBe(0)
        for (const here of plan)
          for (const fraction of [0, ...fractions.sort((a, b) => a - b), 1]) {
            const progress = progressAt(plan, here, fraction)
            expect(progress).toBeGreaterThanOrEqual(reached)
            expect(progress).toBeLessThan(1)
            reached = progress
          }
      }),
    )
  })

  test('counts what lies before and a share of the stage itself', () => {
    const plan = planFor({ messageCount: 1, hasInputs: false, purpose: 'video' })
    expect(progressAt(plan, { stage: 'generate', messageNo: 0 }, 0)).toBe(0.032)
    expect(progressAt(plan, { stage: 'generate', messageNo: 0 }, 0.5)).toBe(0.347)
    expect(progressAt(plan, { stage: 'confirm', messageNo: 0 }, 0)).toBe(0.663)
  })

  test('begins anew for a place that the plan does not have', () => {
    const plan = planFor({ messageCount: 1, hasInputs: false, purpose: 'video' })
    expect(progressAt(plan, { stage: 'upload', messageNo: 0 }, 0)).toBe(0)
  })
})
