import { z } from 'zod'
import { type EndpointEventType, endpointEventTypes } from '../callbacks/endpoint-events.ts'
import { defaultCallbackEvents } from '../job/events.ts'

const eventType = z.enum(endpointEventTypes as [EndpointEventType, ...EndpointEventType[]])

const events = z
  .array(eventType)
  .min(1)
  .max(endpointEventTypes.length)
  .transform((given) => [...new Set(given)])

const url = z.string().min(1).max(2_048)
const description = z.string().max(500).nullable()

/** An endpoint as a client asks for it (api.md §5). */
export const EndpointIn = z
  .strictObject({
    url: url.describe('Where callbacks go.'),
    events: events
      .default([...defaultCallbackEvents])
      .describe('What it is told of: the three endings when left out.'),
    description: description.default(null),
  })
  .meta({ id: 'CallbackEndpointRequest' })

export type EndpointIn = z.output<typeof EndpointIn>

export const EndpointPatch = z
  .strictObject({ url: url.optional(), events: events.optional(), description: description.optional() })
  .meta({ id: 'CallbackEndpointPatch' })

export type EndpointPatch = z.output<typeof EndpointPatch>

const longestOverlapS = 30 * 86_400

/** How long the former secret goes on signing beside the new one. */
export const RotationIn = z
  .strictObject({
    overlap_s: z
      .int()
      .min(0)
      .max(longestOverlapS)
      .default(86_400)
      .describe('How long callbacks are signed with both secrets; 0 ends the former one at once.'),
  })
  .meta({ id: 'SecretRotation' })
