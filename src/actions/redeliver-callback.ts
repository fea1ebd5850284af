import type { EndpointStore } from '../store/callback-endpoints.ts'
import type { DeliveryLog, DeliveryRecord } from '../store/delivery-log.ts'

export interface RedeliverDeps {
  readonly deliveryLog: DeliveryLog
  readonly endpoints: Pick<EndpointStore, 'find'>
  readonly wakeDispatcher: () => void
}

export type RedeliverOutcome =
  | { readonly outcome: 'redelivering'; readonly delivery: DeliveryRecord }
  | { readonly outcome: 'not_found' | 'endpoint_disabled' | 'receiver_gone' }

/**
 * Delivers once more, whatever came of it before: the same id and bytes, signed with the present secret, with a whole
 * schedule of tries. One that waits for its next try has it now.
 */
export const redeliverCallback = async (
  { deliveryLog, endpoints, wakeDispatcher }: RedeliverDeps,
  { tenantId, deliveryId }: { readonly tenantId: string; readonly deliveryId: string },
): Promise<RedeliverOutcome> => {
  const delivery = await deliveryLog.find(tenantId, deliveryId)
  if (delivery === null) return { outcome: 'not_found' }
  if (delivery.url === null || delivery.isErased) return { outcome: 'receiver_gone' }
  if (delivery.endpointId !== null) {
    const endpoint = await endpoints.find(tenantId, delivery.endpointId)
    if (endpoint === null) return { outcome: 'receiver_gone' }
    if (endpoint.disabledAt !== null) return { outcome: 'endpoint_disabled' }
  }
  await deliveryLog.redeliver(tenantId, deliveryId)
  wakeDispatcher()
  return { outcome: 'redelivering', delivery: (await deliveryLog.find(tenantId, deliveryId)) ?? delivery }
}
