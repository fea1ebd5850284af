import { renderCallbackBody } from '../callbacks/body.ts'
import { endpointDisabledEvent } from '../callbacks/endpoint-events.ts'
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import type { DisabledReason, EndpointRecord, EndpointStore } from '../store/callback-endpoints.ts'
import type { Telemetry } from '../telemetry.ts'

export interface DisableEndpointDeps {
  readonly endpoints: Pick<EndpointStore, 'find' | 'disable'>
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** The endpoint as the API shows it. */
  readonly showEndpoint: (endpoint: EndpointRecord) => object
}

/**
 * Ends the callbacks of an endpoint, and tells the tenant's other endpoints that want to know (api.md §5). Given a `url`,
 * it is that one which shall get nothing more, and an endpoint that has moved on stays. The endpoint as it is then, also
 * where it was disabled already; null when there is none.
 */
export const disableEndpoint = async (
  { endpoints, clock, telemetry, showEndpoint }: DisableEndpointDeps,
  place: { readonly tenantId: string; readonly endpointId: string },
  reason: DisabledReason,
  url: string | null = null,
): Promise<EndpointRecord | null> => {
  const endpoint = await endpoints.find(place.tenantId, place.endpointId)
  if (endpoint === null || endpoint.disabledAt !== null) return endpoint
  const at = new Date(clock.nowMs())
  const body = renderCallbackBody({
    type: endpointDisabledEvent,
    at,
    sequence: 0,
    about: { endpoint: showEndpoint({ ...endpoint, disabledAt: at, disabledReason: reason }) },
  })
  const isDisabled = await endpoints.disable(
    {
      ...place,
      eventId: newId('event', clock.nowMs()),
      eventType: endpointDisabledEvent,
      body: body.toString('utf8'),
      createdAt: at,
    },
    { at, reason, url },
  )
  if (isDisabled) telemetry.state('endpoint.disabled', { endpointId: endpoint.id, reason })
  return endpoints.find(place.tenantId, place.endpointId)
}
