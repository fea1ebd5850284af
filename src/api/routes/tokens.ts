import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { issueFileToken, issueStreamToken } from '../../actions/issue-token.ts'
import { principalOf } from '../auth.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'
import { batchUrl } from '../schemas/batch-out.ts'
import { idParams } from '../schemas/ids.ts'
import { problems } from '../schemas/problem-out.ts'
import { contentUrl, jobUrl } from '../to-job-out.ts'

const ttl = (longestS: number, usualS: number) =>
  z.int().min(1).max(longestS).default(usualS).describe('Seconds until it ends.')

const weekS = 604_800
const hourS = 3_600

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
      schema: {
        operationId: 'createArtifactLink',
        summary: 'Make a link to a file for people without a key',
        description:
          'The link is signed and not stored: making another one does no harm. It ends with the file, with the tenant, and when the key that made it is revoked; that this key expires does not end it.',
        tags: ['artifacts'],
        params: idParams,
        body: z.strictObject({ ttl_s: ttl(weekS, weekS / 7) }),
        response: { 201: LinkOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId, keyId } = principalOf(request)
        const artifactId = request.params.id
        const issued = await issueFileToken(deps, { tenantId, keyId, artifactId, ttlS: request.body.ttl_s })
        if (issued.outcome === 'not_found') return sendProblem(reply, 'not_found')
        const url = `${contentUrl(publicUrl, artifactId)}?token=${issued.token}`
        return reply
          .code(201)
          .header('location', url)
          .send({ url, expires_at: issued.expiresAt.toISOString() })
      },
    })

    app.route({
      method: 'POST',
      url: '/v1/stream-tokens',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'createStreamToken',
        summary: 'Make a token that reads the events of one job, or one batch',
        description:
          'For browsers, whose EventSource sends no headers. A stream that is open when the token ends stays open. When the key that made the token is revoked or expires, the token ends, and so do its streams with their next heartbeat. The token is signed and not stored: making another one does no harm.',
        tags: ['events'],
        body: StreamTokenIn,
        response: { 201: StreamTokenOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const { tenantId, keyId } = principalOf(request)
        const { job_id: jobId, batch_id: batchId = '', ttl_s: ttlS } = request.body
        const watched = jobId === undefined ? { batchId } : { jobId }
        const issued = await issueStreamToken(deps, { tenantId, keyId, watched, ttlS })
        if (issued.outcome === 'not_found') return sendProblem(reply, 'not_found')
        const place =
          jobId === undefined ? batchUrl(publicUrl, batchId) : `${jobUrl(publicUrl, jobId)}/events`
        const url = `${place}?token=${issued.token}`
        return reply
          .code(201)
          .header('location', url)
          .send({ token: issued.token, url, expires_at: issued.expiresAt.toISOString() })
      },
    })
  }
