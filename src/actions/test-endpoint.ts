import { renderCallbackBody } from '../callbacks/body.ts'
import { endpointTestEvent } from '../callbacks/endpoint-events.ts'
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import type { EndpointDelivery, EndpointRecord, EndpointStore } from '../store/callback-endpoints.ts'
import type { DeliveryRecord } from '../store/delivery-log.ts'
import { type CreateOnceDeps, type CreateOnceOutcome, type CreateRequest, createOnce } from './create-once.ts'

export interface TestEndpointDeps extends CreateOnceDeps {
  readonly endpoints: Pick<EndpointStore, 'find' | 'send'>
  readonly clock: Clock
  readonly wakeDispatcher: () => void
}

export interface TestEndpointInput extends CreateRequest {
  readonly endpointId: string
  /** The endpoint as the API shows it. */
  readonly showEndpoint: (endpoint: EndpointRecord) => object
  readonly toBody: (delivery: DeliveryRecord) => object
}

type TestRefusal = { readonly outcome: 'not_found' | 'endpoint_disabled' }

/** Sends an endpoint a callback of its own, signed, recorded, and tried once (api.md §5). */
export const testEndpoint = async (
  deps: TestEndpointDeps,
  input: TestEndpointInput,
): Promise<CreateOnceOutcome | TestRefusal> => {
  const result = await createOnce<TestRefusal>(deps, input, async () => {
    const endpoint = await deps.endpoints.find(input.tenantId, input.endpointId)
    if (endpoint === null) return { outcome: 'not_found' }
    if (endpoint.disabledAt !== null) return { outcome: 'endpoint_disabled' }
    const delivery = toTest(deps.clock, endpoint, input.showEndpoint)
    return {
      outcome: 'draft',
      resourceId: delivery.id,
      status: 202,
      body: input.toBody(toRecord(delivery, endpoint.url)),
      insert: (answer) => deps.endpoints.send(delivery, answer),
    }
  })
  if (result.outcome === 'created') deps.wakeDispatcher()
  return result
}

const toTest = (
  clock: Clock,
  endpoint: EndpointRecord,
  showEndpoint: TestEndpointInput['showEndpoint'],
): EndpointDelivery => {
  const at = new Date(clock.nowMs())
  const body = renderCallbackBody({
    type: endpointTestEvent,
    at,
    sequence: 0,
    about: { endpoint: showEndpoint(endpoint) },
  })
  return {
    id: newId('callbackDelivery', clock.nowMs()),
    tenantId: endpoint.tenantId,
    endpointId: endpoint.id,
    eventId: newId('event', clock.nowMs()),
    eventType: endpointTestEvent,
    body: body.toString('utf8'),
    createdAt: at,
  }
}

/** The delivery as it stands before its try. */
const toRecord = (
  { id, endpointId, eventId, eventType, createdAt }: EndpointDelivery,
  url: string,
): DeliveryRecord => ({
  id,
  jobId: null,
  batchId: null,
  endpointId,
  eventId,
  eventType,
  eventSeq: 0,
  state: 'waiting',
  url,
  isErased: false,
  nextTryAt: createdAt,
  deliveredAt: null,
  createdAt,
  tries: [],
})
