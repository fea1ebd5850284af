/**
 * One try of one delivery: prepare, call, record (guarantees.md §1). The body is rendered once, kept before its first
 * try and sent byte for byte the same ever after; the delivery's claim keeps others away meanwhile.
 */
import { renderCallbackBody } from '../callbacks/body.ts'
import { decideDelivery } from '../callbacks/decide.ts'
import { type CallbackResult, sendCallback } from '../callbacks/send.ts'
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace, UnsealError } from '../crypto/seal.ts'
import type { Egress } from '../egress/client.ts'
import type { ClaimedDelivery, DeliveryStore } from '../store/deliveries.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { Telemetry } from '../telemetry.ts'

export interface DeliverCallbackDeps {
  readonly deliveries: DeliveryStore
  readonly egress: Egress
  readonly sealer: Sealer
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly random: () => number
  readonly scheduleMs: readonly number[]
  readonly timeoutMs: number
  /** The job as the API shows it. */
  readonly showJob: (job: JobRecord) => object
  /** A place among those that one receiver may take; null when it has none left. */
  readonly enterOrigin: (url: string) => (() => void) | null
}

/** A receiver that is busy with others of ours is asked again after this, and up to twice as long. */
const busyMs = 2_000

export const deliverCallback = async (deps: DeliverCallbackDeps, deliveryId: string): Promise<void> => {
  const delivery = await deps.deliveries.claim(deliveryId)
  if (delivery === null) return
  const leave = deps.enterOrigin(delivery.target.url)
  if (leave === null) {
    const dueInMs = busyMs * (1 + deps.random())
    return deps.deliveries.postpone({ id: delivery.id, epoch: delivery.epoch, dueInMs })
  }
  try {
    await record(deps, delivery, await send(deps, delivery))
  } finally {
    leave()
  }
}

const send = async (deps: DeliverCallbackDeps, delivery: ClaimedDelivery): Promise<CallbackResult> => {
  const secrets = openSecrets(deps, delivery)
  if (secrets === null || secrets.length === 0) return unsigned
  const body = delivery.body ?? (await deps.deliveries.keepBody(delivery.id, render(deps, delivery)))
  return sendCallback(deps, {
    id: delivery.eventId,
    url: delivery.target.url,
    body: Buffer.from(body, 'utf8'),
    headers: delivery.target.headers,
    secrets,
    timeoutMs: deps.timeoutMs,
  })
}

const render = (
  { showJob }: DeliverCallbackDeps,
  { eventType, eventAt, eventSeq, job }: ClaimedDelivery,
): string =>
  renderCallbackBody({
    type: eventType,
    at: eventAt,
    sequence: eventSeq,
    about: { job: showJob(job) },
  }).toString('utf8')

/** Nothing goes out without a signature; the tries go on, so that a mended secret delivers after all. */
const unsigned: CallbackResult = {
  outcome: 'retry',
  cause: 'unreachable',
  detail: 'the signing secret cannot be opened',
  retryAfterMs: null,
  durationMs: 0,
  statusCode: null,
  excerpt: null,
}

const openSecrets = (
  { sealer }: DeliverCallbackDeps,
  { target, tenantId }: ClaimedDelivery,
): readonly string[] | null => {
  try {
    return target.secrets.map(({ sealed, table, rowId }) =>
      sealer.open(sealed, sealedPlace({ table, rowId, tenantId })),
    )
  } catch (error) {
    if (error instanceof UnsealError) return null
    throw error
  }
}

const record = async (
  deps: DeliverCallbackDeps,
  delivery: ClaimedDelivery,
  result: CallbackResult,
): Promise<void> => {
  const next = decideDelivery({
    ending: result,
    attempt: delivery.tries + 1,
    scheduleMs: deps.scheduleMs,
    random: deps.random(),
  })
  await deps.deliveries.record({
    id: delivery.id,
    epoch: delivery.epoch,
    durationMs: result.durationMs,
    outcome: result.outcome,
    httpStatus: result.statusCode,
    error: result.outcome === 'retry' ? result.detail : null,
    responseHead: result.excerpt,
    next,
  })
  deps.telemetry.state('delivery.attempted', {
    deliveryId: delivery.id,
    jobId: delivery.job.id,
    outcome: result.outcome,
    httpStatus: result.statusCode,
    ms: result.durationMs,
  })
}
