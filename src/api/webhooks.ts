import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types'
import {
  batchCompletedEvent,
  endpointDisabledEvent,
  endpointTestEvent,
} from '../callbacks/endpoint-events.ts'
import { eventSummary, jobEventTypes } from '../job/events.ts'

const header = (name: string, description: string): OpenAPIV3_1.ParameterObject => ({
  in: 'header',
  name,
  required: true,
  description,
  schema: { type: 'string' },
})

const headers = [
  header('webhook-id', 'The id of the event; the same at every try. Receivers drop what they have seen.'),
  header('webhook-timestamp', 'Seconds since 1970 of this try.'),
  header(
    'webhook-signature',
    '`v1,` and the HMAC-SHA-256 in base64, several while a secret is rotated; and `v1a,` with an ed25519 signature by a key of `/.well-known/clipline-keys.json`. Spaces stand between them.',
  ),
]

/** `{type, timestamp, data: {sequence, …}}`. */
const bodyOf = (
  types: readonly string[],
  subject: 'job' | 'batch' | 'endpoint',
  schema: 'Job' | 'Batch' | 'CallbackEndpoint',
  sequence: string,
): OpenAPIV3.RequestBodyObject => ({
  required: true,
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['type', 'timestamp', 'data'],
        properties: {
          type: { type: 'string', enum: [...types] },
          timestamp: { type: 'string', format: 'date-time', description: 'When it happened.' },
          data: {
            type: 'object',
            required: ['sequence', subject],
            properties: {
              sequence: { type: 'integer', description: sequence },
              [subject]: { $ref: `#/components/schemas/${schema}` },
            },
          },
        },
      },
    },
  },
})

const responses = {
  '2XX': { description: 'Received.' },
  '410': { description: 'Never again: the endpoint is disabled.' },
  '429': { description: 'Later: `Retry-After` is honored.' },
}

/** What Clipline sends to callbacks: Standard Webhooks 1.0 (api.md §5). */
export const webhooks: NonNullable<OpenAPIV3_1.Document['webhooks']> = {
  jobEvent: {
    post: {
      operationId: 'onJobEvent',
      summary: 'Something happened to a job',
      description: `Sent for each event that the callback asked for, until it is answered with 2xx. The signature is over \`{webhook-id}.{webhook-timestamp}.{body}\`. ${jobEventTypes.map((type) => `\`${type}\`: ${eventSummary(type)}`).join(' ')}`,
      tags: ['events'],
      security: [],
      parameters: headers,
      requestBody: bodyOf(
        jobEventTypes,
        'job',
        'Job',
        'The number of the event within its job: the order of events, as deliveries have none.',
      ),
      responses,
    },
  },
  batchEvent: {
    post: {
      operationId: 'onBatchEvent',
      summary: 'A batch has ended',
      description: `\`${batchCompletedEvent}\` goes to the callback of the batch, and to the endpoints of the tenant that asked for it; its state says how the batch ended. A batch that is redriven ends again.`,
      tags: ['batches'],
      security: [],
      parameters: headers,
      requestBody: bodyOf(
        [batchCompletedEvent],
        'batch',
        'Batch',
        'The number of the event within its batch.',
      ),
      responses,
    },
  },
  callbackEndpointEvent: {
    post: {
      operationId: 'onCallbackEndpointEvent',
      summary: 'Something happened to an endpoint',
      description: `\`${endpointTestEvent}\` goes to the endpoint that is tested; \`${endpointDisabledEvent}\` to the tenant’s other endpoints that asked for it.`,
      tags: ['callbacks'],
      security: [],
      parameters: headers,
      requestBody: bodyOf(
        [endpointTestEvent, endpointDisabledEvent],
        'endpoint',
        'CallbackEndpoint',
        'Always 0.',
      ),
      responses,
    },
  },
}
