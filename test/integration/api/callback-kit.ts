/** The delivery side of callbacks, stepped by hand over the database of an API kit. */
import { type DeliverCallbackDeps, deliverCallback } from '../../../src/actions/deliver-callback.ts'
import { toEndpointOut } from '../../../src/api/schemas/endpoint-out.ts'
import { toJobOut } from '../../../src/api/to-job-out.ts'
import { defaultScheduleMs } from '../../../src/callbacks/schedule.ts'
import { signingKeyFromSeed } from '../../../src/callbacks/signing-key.ts'
import { type Clock, systemClock } from '../../../src/clock.ts'
import { parseAllowList } from '../../../src/egress/allow-list.ts'
import { createEgress } from '../../../src/egress/client.ts'
import { newId } from '../../../src/job/ids.ts'
import { createDeliveryStore } from '../../../src/store/deliveries.ts'
import { createDispatchStore } from '../../../src/store/dispatch.ts'
import { seedJob } from '../../support/seed-job.ts'
import { type ApiKit, publicUrl } from './kit.ts'

export interface DeliveryKit {
  readonly facts: { readonly fact: string; readonly details: object }[]
  /** Tries everything that is due once; tells how many those were. */
  deliverDue(signal?: AbortSignal): Promise<number>
  /** Makes whatever waits for its next try due. */
  passTime(): Promise<void>
  close(): Promise<void>
}

export const openDeliveryKit = (
  kit: ApiKit,
  { clock = systemClock }: { clock?: Clock } = {},
): DeliveryKit => {
  const allow = parseAllowList('127.0.0.0/8')
  if (!allow.ok) throw new Error('the allow list is wrong')
  const egress = createEgress({ allow: allow.allow, clock: systemClock })
  const facts: DeliveryKit['facts'] = []
  const { jobPool: pool } = kit.store
  const dispatch = createDispatchStore({ pool })
  const deps: DeliverCallbackDeps = {
    deliveries: createDeliveryStore({ pool, clock: systemClock, leaseMs: 60_000 }),
    endpoints: kit.deps.endpoints,
    egress,
    sealer: kit.deps.sealer,
    signingKeys: [signingKeyFromSeed(kit.deps.keys.callbacks)],
    clock,
    telemetry: { state: (fact, details) => void facts.push({ fact, details }) },
    random: () => 0.5,
    scheduleMs: defaultScheduleMs,
    timeoutMs: 5_000,
    showJob: (job) => toJobOut(job, publicUrl),
    showEndpoint: (endpoint) => toEndpointOut(endpoint, publicUrl, Date.now()),
    enterOrigin: () => Promise.resolve({ leave: () => undefined }),
  }
  return {
    facts,
    async deliverDue(signal = new AbortController().signal) {
      const bells = await dispatch.ringDeliveries({ most: 1_000, againAfterMs: 0 })
      await Promise.all(bells.map(({ id }) => deliverCallback(deps, id, signal)))
      return bells.length
    },
    async passTime() {
      await pool.query(
        `UPDATE callback_deliveries SET due_at = now() - interval '1 second' WHERE state = 'waiting' AND due_at < 'infinity'`,
      )
    },
    close: () => egress.close(),
  }
}

/** A job with one delivery of its own callback, or for an endpoint. */
export const seedDelivery = async (
  kit: ApiKit,
  to: { readonly endpointId: string } | { readonly url: string },
  tenantId = kit.tenantId,
): Promise<{ readonly jobId: string; readonly deliveryId: string; readonly eventId: string }> => {
  const callback =
    'url' in to ? { url: to.url, events: ['job.succeeded'], headers: {}, secret_sealed: null } : null
  const jobId = await seedJob(kit.store.pool, {
    job: { tenant_id: tenantId },
    request: { tenant_id: tenantId, callback: JSON.stringify(callback) },
  })
  const deliveryId = newId('callbackDelivery', Date.now())
  const eventId = newId('event', Date.now())
  await kit.store.prisma.callbackDelivery.create({
    data: {
      id: deliveryId,
      tenantId,
      jobId,
      endpointId: 'endpointId' in to ? to.endpointId : null,
      eventSeq: 7,
      eventId,
      eventType: 'job.succeeded',
      state: 'waiting',
      dueAt: new Date(Date.now() - 1_000),
    },
  })
  return { jobId, deliveryId, eventId }
}
