/**
 * One try of one delivery: prepare, call, record (guarantees.md §1). The body is rendered once, kept before its first
 * try and sent byte for byte the same ever after; the delivery's claim keeps others away meanwhile.
 */
import { renderCallbackBody } from '../callbacks/body.ts'
import { decideDelivery, isEndpointGivenUp } from '../callbacks/decide.ts'
import { endpointTestEvent } from '../callbacks/endpoint-events.ts'
import { type CallbackCall, type CallbackResult, sendCallback } from '../callbacks/send.ts'
import type { SigningKey } from '../callbacks/signing-key.ts'
import type { Clock } from '../clock.ts'
import { type Sealer, sealedPlace, UnsealError } from '../crypto/seal.ts'
import type { Egress } from '../egress/client.ts'
import type { DisabledReason } from '../store/callback-endpoints.ts'
import type { ClaimedDelivery, DeliveryStore, DeliveryTarget, FailureStreak } from '../store/deliveries.ts'
import type { JobRecord } from '../store/job-record.ts'
import { type DisableEndpointDeps, disableEndpoint } from './disable-endpoint.ts'

export interface DeliverCallbackDeps extends DisableEndpointDeps {
  readonly deliveries: DeliveryStore
  readonly egress: Egress
  readonly sealer: Sealer
  /** The service's own keys, which sign every callback besides the secrets. */
  readonly signingKeys: readonly SigningKey[]
  readonly clock: Clock
  readonly random: () => number
  readonly scheduleMs: readonly number[]
  readonly timeoutMs: number
  /** The job as the API shows it. */
  readonly showJob: (job: JobRecord) => object
  /** Takes a place among those that one receiver may have, waited for a little. */
  readonly enterOrigin: (url: string) => Promise<OriginEntry>
}

export type OriginEntry =
  | { readonly leave: () => void }
  /** It is good to come again after this, and up to twice as long. */
  | { readonly againInMs: number }

/** A test is for someone who watches: it is tried once. */
const testScheduleMs = [0]

/** `signal` cuts the try off; it is then made again later, and does not count. */
export const deliverCallback = async (
  deps: DeliverCallbackDeps,
  deliveryId: string,
  signal: AbortSignal,
): Promise<void> => {
  const askedMs = deps.clock.monotonicMs()
  const delivery = await deps.deliveries.claim(deliveryId)
  if (delivery === null) return
  const { target } = delivery
  const call = target === null ? nobodyThere : await prepare(deps, delivery, target)
  if (call === null) return
  if ('outcome' in call) return record(deps, delivery, call)
  const entry = await deps.enterOrigin(call.url)
  if ('againInMs' in entry) return postpone(deps, delivery, entry.againInMs * (1 + deps.random()))
  const clock = databaseClock(deps.clock, delivery, askedMs)
  const result = await sendCallback({ ...deps, clock }, { ...call, signal }).finally(entry.leave)
  await (result.outcome === 'interrupted' ? postpone(deps, delivery, 0) : record(deps, delivery, result))
}

/**
 * Receivers refuse a stamp that is minutes off, and the clock of one worker may be: what is signed tells the time of the
 * database, which all share (guarantees.md §2.3 "Clock skew").
 */
const databaseClock = (clock: Clock, { claimedAtMs }: ClaimedDelivery, askedMs: number): Clock => ({
  ...clock,
  nowMs: () => claimedAtMs + clock.monotonicMs() - askedMs,
})

const postpone = (
  { deliveries }: DeliverCallbackDeps,
  { id, epoch }: ClaimedDelivery,
  dueInMs: number,
): Promise<void> => deliveries.postpone({ id, epoch, dueInMs })

/** All that the call needs, its body kept; or how the try ends without one; null when it is no longer ours to make. */
const prepare = async (
  deps: DeliverCallbackDeps,
  delivery: ClaimedDelivery,
  target: DeliveryTarget,
): Promise<CallbackCall | CallbackResult | null> => {
  const secrets = openSecrets(deps, target, delivery.tenantId)
  if (secrets === null || secrets.length === 0) return unsigned
  const rendered = delivery.body ?? render(deps, delivery)
  if (rendered === null) return nobodyThere
  const body = delivery.body ?? (await deps.deliveries.keepBody(delivery, rendered))
  if (body === null) return null
  return {
    id: delivery.eventId,
    url: target.url,
    body: Buffer.from(body, 'utf8'),
    headers: target.headers,
    secrets,
    signingKeys: deps.signingKeys,
    timeoutMs: deps.timeoutMs,
  }
}

const render = (
  { showJob }: DeliverCallbackDeps,
  { eventType, eventAt, eventSeq, job }: ClaimedDelivery,
): string | null =>
  job === null
    ? null
    : renderCallbackBody({
        type: eventType,
        at: eventAt,
        sequence: eventSeq,
        about: { job: showJob(job) },
      }).toString('utf8')

const unsent = { durationMs: 0, statusCode: null, excerpt: null }

/** The endpoint, or the job, is gone. */
const nobodyThere: CallbackResult = { outcome: 'refused', ...unsent }

/** Nothing goes out without a signature; the tries go on, so that a mended secret delivers after all. */
const unsigned: CallbackResult = {
  outcome: 'retry',
  cause: 'unreachable',
  detail: 'the signing secret cannot be opened',
  retryAfterMs: null,
  ...unsent,
}

const openSecrets = (
  { sealer }: DeliverCallbackDeps,
  { secrets }: DeliveryTarget,
  tenantId: string,
): readonly string[] | null => {
  try {
    return secrets.map(({ sealed, table, rowId }) =>
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
    scheduleMs: delivery.eventType === endpointTestEvent ? testScheduleMs : deps.scheduleMs,
    random: deps.random(),
  })
  const streak = await deps.deliveries.record({
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
    jobId: delivery.job?.id ?? null,
    outcome: result.outcome,
    httpStatus: result.statusCode,
    ms: result.durationMs,
  })
  const { endpointId = null, url = null } = delivery.target ?? {}
  const reason = reasonToDisable(result, streak)
  if (endpointId !== null && reason !== null)
    await disableEndpoint(deps, { tenantId: delivery.tenantId, endpointId }, reason, url)
}

const reasonToDisable = (result: CallbackResult, streak: FailureStreak | null): DisabledReason | null => {
  if (streak === null) return null
  if (result.outcome === 'gone') return 'gone'
  return isEndpointGivenUp(streak) ? 'failing' : null
}
