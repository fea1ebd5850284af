import { expect, test } from 'vitest'
import type { EventHub } from '../../../src/api/streams/event-hub.ts'
import { waitForEnd } from '../../../src/api/streams/wait-for-end.ts'
import type { JobRecord } from '../../../src/store/job-record.ts'
import { createManualClock } from '../../support/clock.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A wait of ten seconds for a job that is in one state after the other, each time it is looked at. */
const begin = async (...states: readonly JobRecord['state'][]) => {
  const clock = createManualClock()
  const left = [...states]
  let tell: Parameters<EventHub['follow']>[0]['onEvents'] = () => undefined
  const hub = {
    follow: async ({ onEvents }: Parameters<EventHub['follow']>[0]) => {
      tell = onEvents
      return () => undefined
    },
  } as unknown as EventHub
  const find = async () => ({ state: left.length > 1 ? left.shift() : left[0] }) as JobRecord
  let ending: JobRecord | null | undefined
  const waiting = waitForEnd(
    { jobs: { find }, hub, clock },
    { tenantId: 'ten_1', jobId: 'job_1' },
    { waitMs: 10_000, signal: new AbortController().signal },
  ).then((job) => {
    ending = job
  })
  await settled()
  return {
    clock,
    waiting,
    ending: () => ending,
    tell: async (type: string) => {
      tell([{ type }] as never)
      await settled()
    },
  }
}

test('a wait ends with the job', async () => {
  const wait = await begin('running', 'succeeded')
  await wait.tell('job.progress')
  expect(wait.ending()).toBeUndefined()
  await wait.tell('job.succeeded')
  expect(wait.ending()?.state).toBe('succeeded')
})

test('a wait for a job that was redriven does not end with its earlier end', async () => {
  const wait = await begin('queued', 'running', 'succeeded')
  await wait.tell('job.failed')
  expect(wait.ending()).toBeUndefined()
  await wait.tell('job.succeeded')
  expect(wait.ending()?.state).toBe('succeeded')
})

test('a wait is over in time, with the job as it then is', async () => {
  const wait = await begin('running')
  wait.clock.advance(10_000)
  await wait.waiting
  expect(wait.ending()?.state).toBe('running')
})
