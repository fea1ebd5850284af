import { type DeliverCallbackDeps, deliverCallback } from '../../src/actions/deliver-callback.ts'
import type { Egress, EgressResponse } from '../../src/egress/client.ts'
import type { EgressFailure } from '../../src/egress/failure.ts'
import { createDeliveryStore } from '../../src/store/deliveries.ts'
import { exchange, type Fate } from './network.ts'
import { plantInDelivery } from './plant.ts'
import { createPool, type DatabaseServer } from './pool.ts'
import type { Process } from './process.ts'
import { type Receiver, receiverSecret } from './receiver.ts'
import type { World } from './world.ts'

const leaseMs = 30_000
/** More tries than any run has faults for. */
const scheduleMs = [0, 1_000, 5_000, 30_000, ...Array.from({ length: 40 }, () => 60_000)]

export interface CallbackWorkerDeps {
  readonly world: World
  readonly databaseServer: DatabaseServer
  readonly receiver: Receiver
}

/** Delivers callbacks in one process: the real action and store over simulated ports. */
export const createCallbackWorker = (
  { world, databaseServer, receiver }: CallbackWorkerDeps,
  process: Process,
): ((deliveryId: string) => Promise<void>) => {
  const { clock } = process
  const deps: DeliverCallbackDeps = {
    clock,
    scheduleMs,
    timeoutMs: 15_000,
    random: () => world.random.next(),
    signingKeys: [],
    telemetry: { state: () => undefined },
    deliveries: createDeliveryStore({ pool: createPool(world, databaseServer, process), leaseMs, clock }),
    egress: createEgress(world, process, receiver),
    sealer: { seal: (text) => text, open: () => receiverSecret },
    endpoints: { find: () => Promise.resolve(null), disable: () => Promise.resolve(false) },
    showEndpoint: () => ({}),
    showJob: ({ id, state, attempt, seq }) => ({ id, state, attempt, seq }),
    enterOrigin: () => Promise.resolve({ leave: () => undefined }),
  }
  const planted = plantInDelivery(world, deps)
  const never = new AbortController().signal
  return (deliveryId) => deliverCallback(planted, deliveryId, never)
}

const createEgress = (world: World, process: Process, receiver: Receiver): Egress => ({
  check: () => Promise.reject(new Error('the simulation checks no URL')),
  download: () => Promise.reject(new Error('the simulation fetches nothing')),
  close: () => Promise.resolve(),
  request: ({ url, headers = {}, body = Buffer.alloc(0) }) =>
    exchange(world, process, {
      name: 'callback',
      fate: drawFate(world),
      outMs: world.random.between(1, 40),
      backMs: world.random.between(1, 40),
      act: () => answerOf(receiver.take(url, headers, body)),
      toError: (): EgressFailure => ({ outcome: 'unreachable', cause: 'ECONNRESET' }),
    }).catch((failure: EgressFailure) => failure),
})

const answerOf = (statusCode: number): EgressResponse => ({
  outcome: 'response',
  statusCode,
  headers: {},
  body: Buffer.alloc(0),
  isBodyComplete: true,
})

const drawFate = ({ scheduler, random, faults }: World): Fate => {
  if (scheduler.nowMs > faults.untilMs) return 'fine'
  if (random.chance(faults.receiver.refuse)) return 'refused'
  return random.chance(faults.receiver.loseAnswer) ? 'answer_lost' : 'fine'
}
