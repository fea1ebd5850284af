import { type JobEventType, jobEventTypes } from '../job/events.ts'

/** Sent when a client asks for a test, whatever the endpoint asked for. */
export const endpointTestEvent = 'callback_endpoint.test'
/** An endpoint gets no more callbacks: its receiver said never again, or did nothing but fail for days. */
export const endpointDisabledEvent = 'callback_endpoint.disabled'

/** A batch has ended, whichever way. */
export const batchCompletedEvent = 'batch.completed'

export type EndpointEventType = JobEventType | typeof endpointDisabledEvent | typeof batchCompletedEvent

/** What an endpoint may ask for. */
export const endpointEventTypes: readonly EndpointEventType[] = [
  ...jobEventTypes,
  batchCompletedEvent,
  endpointDisabledEvent,
]
