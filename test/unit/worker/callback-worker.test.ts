import { describe, expect, test } from 'vitest'
import type { DeliverCallbackDeps } from '../../../src/actions/deliver-callback.ts'
import type { Bell, QueueBackend } from '../../../src/queue/backend.ts'
import { startCallbackWorker } from '../../../src/worker/callback-worker.ts'
import { createManualClock } from '../../support/clock.ts'

const setup = (concurrency: number) => {
  const claims: { id: string; answer: () => void }[] = []
  let onBell: (bell: Bell) => Promise<void> = () => Promise.resolve()
  const queue = {
    listen: (_queue: string, _options: object, answer: typeof onBell) => {
      onBell = answer
      return { isHealthy: () => true, isBusy: () => false, heard: 0, close: () => Promise.resolve() }
    },
    openCanary: () => ({}),
  } as unknown as QueueBackend
  const deliver = {
    clock: createManualClock(),
    telemetry: { state: () => undefined },
    deliveries: {
      claim: (id: string) =>
        new Promise((resolve) => {
          claims.push({ id, answer: () => resolve(null) })
        }),
    },
  } as unknown as DeliverCallbackDeps
  const worker = startCallbackWorker({ queue, deliver, concurrency })
  return { worker, claims, ring: (id: string): Promise<void> => onBell({ id, ringNo: 1 }) }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a worker that delivers callbacks', () => {
  test('answers what came due here without a bell', async () => {
    const { worker, claims } = setup(4)
    worker.answer(['dlv_1', 'dlv_2'])
    await settle()
    expect(claims.map(({ id }) => id)).toEqual(['dlv_1', 'dlv_2'])
  })

  test('leaves to the dispatcher what it has no room for', async () => {
    const { worker, claims } = setup(2)
    worker.answer(['dlv_1', 'dlv_2', 'dlv_3'])
    worker.answer(['dlv_4'])
    await settle()
    expect(claims.map(({ id }) => id)).toEqual(['dlv_1', 'dlv_2'])
  })

  test('shares its places between bells and what came due here', async () => {
    const { worker, claims, ring } = setup(1)
    worker.answer(['dlv_1'])
    const rung = ring('dlv_2')
    await settle()
    expect(claims.map(({ id }) => id)).toEqual(['dlv_1'])
    claims[0]?.answer()
    await rung
    await settle()
    expect(claims.map(({ id }) => id)).toEqual(['dlv_1', 'dlv_2'])
    claims[1]?.answer()
    await worker.idle()
  })

  test('claims nothing any more once it stops, neither what waits for a place nor what comes due here', async () => {
    const { worker, claims, ring } = setup(1)
    worker.answer(['dlv_1'])
    const waiting = ring('dlv_2')
    await worker.stopListening(1_000)
    await Promise.all([waiting, ring('dlv_3')])
    claims[0]?.answer()
    await worker.idle()
    worker.answer(['dlv_4'])
    await settle()
    expect(claims.map(({ id }) => id)).toEqual(['dlv_1'])
  })
})
