import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { applyPatch } from '../../../src/job/apply-patch.ts'
import { afterWords, cancelJob, type Decision, decide, failJob, releaseJob } from '../../../src/job/decide.ts'
import {
  defaultCallbackEvents,
  eventSummary,
  type FoldedJob,
  foldEvents,
  isTerminalEvent,
  jobEventTypes,
  type NewJobEvent,
} from '../../../src/job/events.ts'
import type { Job } from '../../../src/job/job.ts'
import { isFinished, type JobState, lifecycle } from '../../../src/job/lifecycle.ts'
import { back, done, fail, type StageOutcome, wait } from '../../../src/job/outcome.ts'
import { type Position, planFor } from '../../../src/job/plan.ts'
import { makeJob } from '../../support/job.ts'

describe('the event catalog', () => {
  test('sums up every event in a sentence', () => {
    for (const type of jobEventTypes) expect(eventSummary(type)).toMatch(/^[A-Z].*\.$/)
  })

  test('sends callbacks for the ends of a job unless it asks for more', () => {
    expect(defaultCallbackEvents).toEqual(['job.succeeded', 'job.failed', 'job.canceled'])
    expect(isTerminalEvent('job.failed')).toBe(true)
    expect(isTerminalEvent('job.redriven')).toBe(false)
  })
})

/** What the database does with a job, without the database: the writer's effects on one row. */
interface Model {
  readonly job: Job
  readonly state: JobState
  readonly events: readonly NewJobEvent[]
}

const newModel = (): Model => ({
  job: makeJob({ state: 'queued', seq: 1, epoch: 0 }),
  state: 'queued',
  events: [{ type: 'job.queued', data: { skill: 's' } }],
})

const append = (model: Model, events: readonly NewJobEvent[], change: Partial<Model>): Model => ({
  ...model,
  ...change,
  events: [...model.events, ...events],
})

const claim = (model: Model): Model => {
  const { stage, messageNo, progress, crashCount } = model.job
  if (model.state === 'queued')
    return append(
      model,
      [
        { type: 'job.started', data: { stage } },
        { type: 'job.stage_started', data: { stage, message_no: messageNo, progress } },
      ],
      { state: 'running' },
    )
  if (model.state === 'waiting') return { ...model, state: 'running' }
  return append(model, [{ type: 'job.rescued', data: { stage } }], {
    job: { ...model.job, crashCount: crashCount + 1 },
  })
}

const record = (model: Model, { verb, patch, events }: Decision): Model =>
  append(model, events, {
    job: applyPatch(model.job, patch, model.job.seq + events.length),
    state: lifecycle[verb].to,
  })

const redrive = (model: Model): Model => {
  const attempt = model.job.attempt + 1
  const { stage, messageNo, progress } = model.job
  return append(
    model,
    [{ type: 'job.redriven', data: { stage, message_no: messageNo, progress, attempt } }],
    {
      job: { ...model.job, attempt, tries: 0, crashCount: 0, notes: {}, failureCode: null },
      state: 'queued',
    },
  )
}

type Step =
  | { readonly does: 'claim' | 'crash' | 'redrive' }
  | { readonly does: 'speak'; readonly progress: number }
  | { readonly does: 'end'; readonly decide: (job: Job, plan: readonly Position[]) => Decision }

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ does: 'claim' }) },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ does: 'crash' }, { does: 'redrive' }) },
  {
    weight: 1,
    arbitrary: fc
      .double({ min: 0, max: 0.99, noNaN: true })
      .map((progress): Step => ({ does: 'speak', progress })),
  },
  {
    weight: 8,
    arbitrary: fc
      .oneof<fc.Arbitrary<StageOutcome>[]>(
        fc.constant(done()),
        fc.constant(done({ notes: { waiting_for: 'a', kept: 1 } })),
        fc.constantFrom('a', 'b').map((reason) => wait(10, reason)),
        fc
          .constantFrom('provider_unavailable', 'internal', 'awaiting_input' as const)
          .map((code) => fail(code, 'x')),
        fc.constantFrom('session', 'generate' as const).map((to) => back(to, 'x')),
      )
      .map(
        (outcome): Step => ({
          does: 'end',
          decide: (job, plan) =>
            decide({
              job,
              plan,
              outcome,
              retryDelaysMs: [1, 1],
              stageMs: 1,
              random: 0.5,
              newRenderId: 'render_1',
            }),
        }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>(
      { does: 'end', decide: ({ stage }) => releaseJob(stage) },
      { does: 'end', decide: ({ stage }) => cancelJob(stage) },
      { does: 'end', decide: ({ stage }) => failJob(stage, 'deadline_exceeded', 'late') },
    ),
  },
)

const plan = planFor({ messageCount: 1, hasInputs: false, purpose: 'video' })

const advance = (model: Model, step: Step): Model => {
  const isHeld = model.state === 'running'
  switch (step.does) {
    case 'claim':
      return isHeld || isFinished(model.state) ? model : claim(model)
    case 'crash':
      return isHeld ? claim(model) : model
    case 'redrive':
      return model.state === 'failed' ? redrive(model) : model
    case 'speak': {
      const { stage, progress: before } = model.job
      const progress = Math.max(before, step.progress)
      if (!isHeld) return model
      return append(
        model,
        [
          { type: 'job.message', data: { text: 'hm', stage } },
          { type: 'job.progress', data: { progress, stage } },
        ],
        { job: applyPatch(model.job, { progress, ...afterWords(model.job) }, model.job.seq) },
      )
    }
    case 'end':
      return isHeld ? record(model, step.decide(model.job, plan)) : model
  }
}

const atRest = ({ state, job }: Model): FoldedJob => ({
  state,
  stage: job.stage,
  messageNo: job.messageNo,
  attempt: job.attempt,
  progress: job.progress,
  failureCode: job.failureCode,
})

describe('the events of a job, replayed', () => {
  test('give its row whenever nobody holds it, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (path) => {
        let model = newModel()
        for (const step of path) {
          model = advance(model, step)
          if (model.state !== 'running') expect(foldEvents(model.events)).toEqual(atRest(model))
        }
      }),
      { numRuns: 3_000 },
    )
  })

  test('give the row of a job that went through', () => {
    let model = claim(newModel())
    while (model.state === 'running')
      model = record(
        model,
        decide({
          job: model.job,
          plan,
          outcome: done(),
          retryDelaysMs: [],
          stageMs: 1,
          random: 0,
          newRenderId: 'render_1',
        }),
      )
    expect(foldEvents(model.events)).toEqual(atRest(model))
    expect(foldEvents(model.events)).toMatchObject({ state: 'succeeded', stage: 'deliver', progress: 1 })
  })

  test('give what a redrive starts from again', () => {
    expect(
      foldEvents([
        { type: 'job.queued', data: { skill: 's' } },
        { type: 'job.stage_started', data: { stage: 'render', message_no: 2, progress: 0.9 } },
        {
          type: 'job.failed',
          data: { code: 'render_failed', message: 'x', stage: 'render', retryable: true },
        },
        { type: 'job.redriven', data: { stage: 'generate', message_no: 1, progress: 0.4, attempt: 2 } },
      ]),
    ).toEqual({
      state: 'queued',
      stage: 'generate',
      messageNo: 1,
      attempt: 2,
      progress: 0.4,
      failureCode: null,
    })
  })

  test('give nothing when there are none', () => {
    expect(foldEvents([])).toBeNull()
  })

  test('give what is known when the oldest are gone', () => {
    expect(foldEvents([{ type: 'job.message', data: { text: 'hi', stage: 'generate' } }])).toMatchObject({
      state: 'queued',
      attempt: 1,
    })
  })

  test('never raise the state of a finished job again but by a redrive', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (path) => {
        const { events } = path.reduce(advance, newModel())
        for (const [index, event] of events.entries())
          if (isTerminalEvent(event.type))
            expect([undefined, 'job.redriven']).toContain(events[index + 1]?.type)
      }),
    )
  })
})
