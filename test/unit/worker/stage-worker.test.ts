import { describe, expect, test } from 'vitest'
import type { RunStageDeps } from '../../../src/actions/run-stage.ts'
import type { Bell, QueueBackend } from '../../../src/queue/backend.ts'
import type { Claim } from '../../../src/store/writer.ts'
import { startStageWorker } from '../../../src/worker/stage-worker.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const setup = (concurrency: number, { isDatabaseAway = false } = {}) => {
  const clock = createManualClock()
  const claims: { jobId: string; answer: (claim: Claim | null) => void; fail: (error: Error) => void }[] = []
  const facts: string[] = []
  let onBell: (bell: Bell) => Promise<void> = () => Promise.resolve()
  const queue = {
    listen: (_queue: string, _options: object, answer: typeof onBell) => {
      onBell = answer
      return { isHealthy: () => true, isBusy: () => false, heard: 0, close: () => Promise.resolve() }
    },
    openCanary: () => ({}),
  } as unknown as QueueBackend
  const run = {
    clock,
    telemetry: { state: (fact: string) => void facts.push(fact) },
    writer: {
      claimJob: (jobId: string) =>
        new Promise((answer, fail) => {
          claims.push({ jobId, answer, fail })
        }),
    },
  } as unknown as RunStageDeps
  const worker = startStageWorker({
    queue,
    run,
    concurrency,
    onVacancy: () => void facts.push('vacancy'),
    giveBack: (jobIds) => {
      facts.push(`give back ${jobIds.join(' ')}`)
      return isDatabaseAway ? Promise.reject(new Error('away')) : Promise.resolve()
    },
  })
  const ring = (id: string): Promise<void> => onBell({ id, ringNo: 1 })
  return { worker, ring, claims, facts }
}

describe('a worker that hears bells', () => {
  test('spends a bell when it has a place for the job, not when the job is done', async () => {
    const { ring, claims } = setup(2)
    await ring('job_1')
    await ring('job_2')
    let isHeard = false
    void ring('job_3').then(() => {
      isHeard = true
    })
    await settled()
    expect(claims.map(({ jobId }) => jobId)).toEqual(['job_1', 'job_2'])
    expect(isHeard).toBe(false)
    claims[0]?.answer(null)
    await settled()
    expect(isHeard).toBe(true)
    expect(claims.map(({ jobId }) => jobId)).toEqual(['job_1', 'job_2', 'job_3'])
  })

  test('answers what did not come through the queue in the same line, and no job twice in it', async () => {
    const { worker, ring, claims } = setup(1)
    await ring('job_1')
    worker.answer([
      { id: 'job_2', ringNo: 1 },
      { id: 'job_3', ringNo: 1 },
    ])
    worker.answer([{ id: 'job_2', ringNo: 2 }])
    for (const no of [0, 1, 2]) {
      await settled()
      claims[no]?.answer(null)
    }
    await worker.idle()
    expect(claims.map(({ jobId }) => jobId)).toEqual(['job_1', 'job_2', 'job_3'])
  })

  test('gives back on stopping also what did not come through the queue', async () => {
    const { worker, ring, facts } = setup(1)
    await ring('job_1')
    worker.answer([{ id: 'job_2', ringNo: 1 }])
    await worker.stopListening(1_000)
    expect(facts).toEqual(['give back job_2'])
  })

  test('tells of a job whose writes failed, and gives its place to the next', async () => {
    const { worker, ring, claims, facts } = setup(1)
    await ring('job_1')
    claims[0]?.fail(new Error('away'))
    await worker.idle()
    expect(facts).toEqual(['job.write_failed', 'vacancy'])
    await ring('job_2')
    expect(claims).toHaveLength(2)
  })

  test('claims nothing any more once it stops, and gives back what waits for a place', async () => {
    const { worker, ring, claims, facts } = setup(1)
    await ring('job_1')
    const waiting = [ring('job_2'), ring('job_3')]
    await worker.stopListening(1_000)
    await Promise.all(waiting)
    await ring('job_4')
    expect(facts).toEqual(['give back job_2 job_3'])
    claims[0]?.answer(null)
    await worker.idle()
    expect(claims).toHaveLength(1)
  })

  test('stops all the same when nothing can be given back, and leaves it to be rung later', async () => {
    const { worker, ring, facts } = setup(1, { isDatabaseAway: true })
    await ring('job_1')
    const waiting = ring('job_2')
    await worker.stopListening(1_000)
    await waiting
    expect(facts).toEqual(['give back job_2', 'dispatch.failed'])
  })

  test('is idle when it holds no job any more', async () => {
    const { worker, ring, claims } = setup(2)
    expect(worker.isHealthy()).toBe(true)
    await ring('job_1')
    await worker.stopListening(1_000)
    let isIdle = false
    const idle = worker.idle().then(() => {
      isIdle = true
    })
    await settled()
    expect(isIdle).toBe(false)
    claims[0]?.answer(null)
    await idle
  })
})
