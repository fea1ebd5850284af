import { describe, expect, test } from 'vitest'
import { createStageVoice, type Words } from '../../../src/actions/stage-voice.ts'
import { planFor, progressAt } from '../../../src/job/plan.ts'
import { createManualClock, settled } from '../../support/clock.ts'
import { makeJob } from '../../support/job.ts'

const plan = planFor({ messageCount: 1, hasInputs: false, purpose: 'video' })
const at = (fraction: number) => progressAt(plan, { stage: 'generate', messageNo: 0 }, fraction)

const setup = (tell: (words: Words) => Promise<void> = () => Promise.resolve(), isOwing = false) => {
  const clock = createManualClock()
  const told: Words[] = []
  const untold: unknown[] = []
  const voice = createStageVoice(
    { clock, job: makeJob({ stage: 'generate' }), plan, isOwing, onUntold: (error) => untold.push(error) },
    (words) => {
      told.push(words)
      return tell(words)
    },
  )
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }
  return { clock, told, untold, voice, pass }
}

describe('the voice of a stage', () => {
  test('tells after half a second what came before the stage, though it says nothing itself', async () => {
    const { told, voice, pass } = setup(undefined, true)
    await pass(499)
    expect(told).toEqual([])
    await pass(1)
    expect(told).toEqual([{ events: [], patch: {} }])
    await pass(10_000)
    expect(told).toHaveLength(1)
    expect(await voice.finish()).toEqual({ events: [], patch: {} })
  })

  test('tells once in half a second, the newest words and the progress of the whole job', async () => {
    const { told, voice, pass } = setup()
    voice.progress(0.1)
    voice.message('first')
    voice.progress(0.2)
    voice.message('second')
    await pass(499)
    expect(told).toEqual([])
    await pass(1)
    expect(told).toEqual([
      {
        events: [
          { type: 'job.message', data: { text: 'second', stage: 'generate' } },
          { type: 'job.progress', data: { progress: at(0.2), stage: 'generate' } },
        ],
        patch: { progress: at(0.2), message: 'second' },
      },
    ])
    voice.progress(0.3)
    await pass(500)
    expect(told).toHaveLength(2)
  })

  test('never says that the progress fell, nor the same twice, nor nothing', async () => {
    const { told, voice, pass, clock } = setup()
    voice.progress(0.5)
    await pass(500)
    voice.progress(0.5)
    voice.progress(0.2)
    voice.message('')
    await pass(5_000)
    expect(told).toHaveLength(1)
    expect(clock.pendingTimers).toBe(0)
  })

  test('waits for one telling to end before the next', async () => {
    const ends: (() => void)[] = []
    const { told, voice, pass } = setup(() => new Promise((resolve) => ends.push(resolve)))
    voice.message('a')
    await pass(500)
    voice.message('b')
    await pass(500)
    expect(told).toHaveLength(1)
    ends[0]?.()
    await settled()
    expect(told).toHaveLength(2)
  })

  test('gives what is left at its end, and says nothing any more', async () => {
    const { told, voice, pass } = setup()
    voice.message('last')
    const words = await voice.finish()
    expect(words).toMatchObject({ patch: { message: 'last' } })
    voice.message('too late')
    await pass(5_000)
    expect(told).toEqual([])
    expect((await setup().voice.finish()).events).toEqual([])
  })

  test('ends after the telling that is under way, and keeps what came meanwhile', async () => {
    const ends: (() => void)[] = []
    const { told, voice, pass } = setup(() => new Promise((resolve) => ends.push(resolve)))
    voice.message('a')
    await pass(500)
    voice.message('b')
    await pass(500)
    const finished = voice.finish()
    ends[0]?.()
    expect(await finished).toMatchObject({ patch: { message: 'b' } })
    expect(told).toHaveLength(1)
  })

  test('survives a telling that fails', async () => {
    const { told, untold, voice, pass } = setup(() => Promise.reject(new Error('away')))
    voice.message('a')
    await pass(500)
    expect(untold).toMatchObject([{ message: 'away' }])
    voice.message('b')
    await pass(500)
    expect(told).toHaveLength(2)
    expect((await voice.finish()).events).toEqual([])
  })
})
