import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { issueOnce } from '../../actions/issue-once.ts'
import { issueFileToken, issueStreamToken } from '../../actions/issue-token.ts'
import { principalOf } from '../auth.ts'
import { readKeyedBody } from '../keyed-body.ts'
import { answersJson } from '../negotiation.ts'
import type { RouteContext } from '../route-context.ts'
import { batchUrl } from '../schemas/batch-out.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { sendIssued } from '../send-issued.ts'
import { contentUrl, jobUrl } from '../to-job-out.ts'
import { leaveBodyToAction } from '../validation.ts'

const ttl = (longestS: number, usualS: number) =>
  z.int().min(1).max(longestS).default(usualS).describe('Seconds until it ends.')

const weekS = 604_800
const dayS = 86_400
const hourS = 3_600

const refusals = [
  'not_acceptable',
  'not_found',
  'idempotency_in_flight',
  'payload_too_large',
  'unsupported_content_type',
  'idempotency_key_reused',
] as const

const LinkIn = z.strictObject({ ttl_s: ttl(weekS, dayS) }).nullish()

const LinkOut = z
  .object({
    url: z.string().describe('Opens the file for whoever has it, without a key.'),
    expires_at: z.iso.datetime().describe('At the latest when the file itself ends.'),
  })
  .meta({ id: 'ArtifactLink' })

const StreamTokenIn = z
  .strictObject({
    job_id: z.string().optional(),
    batch_id: z.string().optional(),
    ttl_s: ttl(hourS, hourS / 4),
  })
  .refine(({ job_id, batch_id }) => (job_id === undefined) !== (batch_id === undefined), {
    error: 'must name either a job_id or a batch_id',
  })

const StreamTokenOut = z
  .object({
    token: z.string(),
    url: z
      .string()
      .describe('With the token: the events of the job, for an EventSource; or the batch, to be read again.'),
    expires_at: z.iso.datetime(),
  })
  .meta({ id: 'StreamToken' })

export const tokenRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { publicUrl } = deps.settings

    app.route({
      method: 'POST',
      url: '/v1/artifacts/:id/links',
      onRequest: [requireKey('jobs:read'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createArtifactLink',
        summary: 'Make a link to a file for people without a key',
        description:
          'The link is signed and not stored: making another one does no harm. A replay under its `Idempotency-Key` gives the same one, which may have ended by then. It ends with the file, with the tenant, and when the key that made it is revoked; that this key expires does not end it.',
        tags: ['artifacts'],
        params: idParams,
        headers: idempotencyHeaders,
        body: LinkIn,
        response: { 201: LinkOut, ...problems(...refusals) },
      },
      handler: async (request, reply) => {
        const { tenantId, keyId } = principalOf(request)
        const artifactId = request.params.id
        const asked = { id: artifactId, body: request.body ?? {} }
        const { body, keyed } = readKeyedBody(LinkIn, request, 'POST /v1/artifacts/{id}/links', asked)
        const result = await issueOnce(deps, {
          tenantId,
          keyed,
          resourceId: artifactId,
          issue: () => issueFileToken(deps, { tenantId, keyId, artifactId, ttlS: body?.ttl_s ?? dayS }),
          toBody: ({ token, expiresAt }): z.output<typeof LinkOut> => ({
            url: `${contentUrl(publicUrl, artifactId)}?token=${token}`,
            expires_at: expiresAt.toISOString(),
          }),
        })
        return sendIssued(reply, result)
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/stream-tokens',
      onRequest: [requireKey('jobs:read'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createStreamToken',
        summary: 'Make a token that reads the events of one job, or one batch',
        description:
          'For browsers, whose EventSource sends no headers. A stream that is open when the token ends stays open. When the key that made the token is revoked or expires, the token ends, and so do its streams with their next heartbeat. The token is signed and not stored: making another one does no harm. A replay under its `Idempotency-Key` gives the same one, which may have ended by then.',
        tags: ['events'],
        headers: idempotencyHeaders,
        body: StreamTokenIn,
        response: { 201: StreamTokenOut, ...problems(...refusals) },
      },
      handler: async (request, reply) => {
        const { tenantId, keyId, expiresAt: keyEndsAt } = principalOf(request)
        const { body, keyed } = readKeyedBody(StreamTokenIn, request, 'POST /v1/stream-tokens')
        const { job_id: jobId, batch_id: batchId = '', ttl_s: ttlS } = body
        const watched = jobId === undefined ? { batchId } : { jobId }
        const place =
          jobId === undefined ? batchUrl(publicUrl, batchId) : `${jobUrl(publicUrl, jobId)}/events`
        const result = await issueOnce(deps, {
          tenantId,
          keyed,
          resourceId: jobId ?? batchId,
          issue: () => issueStreamToken(deps, { tenantId, keyId, keyEndsAt, watched, ttlS }),
          toBody: ({ token, expiresAt }): z.output<typeof StreamTokenOut> => ({
            token,
            url: `${place}?token=${token}`,
            expires_at: expiresAt.toISOString(),
          }),
        })
        return sendIssued(reply, result)
      },
    })
  }
