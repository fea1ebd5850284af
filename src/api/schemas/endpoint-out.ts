import { z } from 'zod'
import { disabledReasons, type EndpointRecord } from '../../store/callback-endpoints.ts'

export const EndpointOut = z
  .object({
    id: z.string(),
    url: z.string(),
    events: z.array(z.string()),
    description: z.string().nullable(),
    state: z.enum(['enabled', 'disabled']),
    disabled_at: z.iso.datetime().nullable(),
    disabled_reason: z
      .enum(disabledReasons)
      .nullable()
      .describe(
        '`gone`: it answered 410. `failing`: nothing but failures for five days, ten at least. `requested`: POST …/disable.',
      ),
    failing_since: z.iso.datetime().nullable().describe('Since when every try has failed.'),
    failures: z.int().describe('Failed tries in a row.'),
    previous_secret_expires_at: z.iso
      .datetime()
      .nullable()
      .describe('Until when the former secret signs too; null when it does not.'),
    created_at: z.iso.datetime(),
    links: z.object({
      self: z.string(),
      deliveries: z.string(),
      test: z.string(),
      rotate: z.string(),
      enable: z.string().nullable().describe('Null while it is enabled.'),
      disable: z.string().nullable().describe('Null while it is disabled.'),
    }),
  })
  .meta({ id: 'CallbackEndpoint' })

export type EndpointOut = z.output<typeof EndpointOut>

export const EndpointWithSecretOut = EndpointOut.extend({
  secret: z.string().describe('What its callbacks are signed with. Shown here and never again.'),
}).meta({ id: 'CallbackEndpointWithSecret' })

const endpointUrl = (publicUrl: string, endpointId: string): string =>
  `${publicUrl}/v1/callback-endpoints/${endpointId}`

/** An allow-list, as clients and callbacks see it: no secret. */
export const toEndpointOut = (endpoint: EndpointRecord, publicUrl: string, nowMs: number): EndpointOut => {
  const self = endpointUrl(publicUrl, endpoint.id)
  const { disabledAt, previousSecretUntil } = endpoint
  const isPreviousAlive = previousSecretUntil !== null && previousSecretUntil.getTime() > nowMs
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: [...endpoint.events],
    description: endpoint.description,
    state: disabledAt === null ? 'enabled' : 'disabled',
    disabled_at: disabledAt?.toISOString() ?? null,
    disabled_reason: endpoint.disabledReason,
    failing_since: endpoint.failingSince?.toISOString() ?? null,
    failures: endpoint.failures,
    previous_secret_expires_at: isPreviousAlive ? previousSecretUntil.toISOString() : null,
    created_at: endpoint.createdAt.toISOString(),
    links: {
      self,
      deliveries: `${publicUrl}/v1/callback-deliveries?endpoint_id=${endpoint.id}`,
      test: `${self}/test`,
      rotate: `${self}/rotate`,
      enable: disabledAt === null ? null : `${self}/enable`,
      disable: disabledAt === null ? `${self}/disable` : null,
    },
  }
}
