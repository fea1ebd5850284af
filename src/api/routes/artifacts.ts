import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { contentTypes } from '../../media/content-type.ts'
import { contentRange, parseRange } from '../../media/range.ts'
import type { ArtifactRecord } from '../../store/artifacts.ts'
import { principalOf } from '../auth.ts'
import type { ApiDeps } from '../deps.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { isNoneMatch } from '../request-headers.ts'
import type { RouteContext } from '../route-context.ts'
import { idParams } from '../schemas/ids.ts'
import { ArtifactOut } from '../schemas/job-out.ts'
import { problems } from '../schemas/problem-out.ts'
import { toArtifactOut } from '../to-job-out.ts'
import { requireKeyOrToken, tokenQuery } from '../token-auth.ts'

const contentPath = '/v1/artifacts/:id/content'

export const artifactRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey } = context
    const requireKeyOrLink = requireKeyOrToken(context, { purpose: 'artifact', claim: 'artifact_id' })
    const answerContent = async (
      request: FastifyRequest,
      reply: FastifyReply,
      id: string,
    ): Promise<FastifyReply> => {
      const artifact = await deps.artifacts.find(principalOf(request).tenantId, id)
      return artifact === null ? sendProblem(reply, 'not_found') : sendFile(deps, request, reply, artifact)
    }

    app.route({
      method: 'GET',
      url: '/v1/artifacts/:id',
      onRequest: [requireKey('jobs:read'), answersJson],
      schema: {
        operationId: 'getArtifact',
        summary: 'Read the facts of a file',
        tags: ['artifacts'],
        params: idParams,
        response: { 200: ArtifactOut, ...problems('not_acceptable', 'not_found') },
      },
      handler: async (request, reply) => {
        const artifact = await deps.artifacts.find(principalOf(request).tenantId, request.params.id)
        if (artifact === null) return sendProblem(reply, 'not_found')
        return reply.send(toArtifactOut(artifact, deps.settings.publicUrl))
      },
    })

    app.route({
      method: 'GET',
      url: contentPath,
      // The one that fastify makes would read the whole file to know its length.
      exposeHeadRoute: false,
      onRequest: requireKeyOrLink,
      schema: {
        operationId: 'getArtifactContent',
        summary: 'Download a file',
        description:
          'The file itself, or a part of it with `Range`; where files are kept in S3, a redirection to a URL that serves it for 15 minutes. Its `ETag` is its SHA-256.',
        tags: ['artifacts'],
        params: idParams,
        querystring: z.object({ token: tokenQuery }),
        headers: z.object({
          range: z
            .string()
            .optional()
            .meta({ examples: ['bytes=0-1023'] }),
          'if-range': z.string().optional(),
          'if-none-match': z.string().optional(),
        }),
        response: {
          200: fileResponse('The file.'),
          206: fileResponse('A part of the file.'),
          302: z.undefined().describe('The file is at `Location`. Do not send the API key there.'),
          304: z.undefined().describe('The client has this file already.'),
          ...problems('invalid_token', 'not_found', 'range_not_satisfiable'),
        },
      },
      handler: async (request, reply) => answerContent(request, reply, request.params.id),
    })

    app.route({
      method: 'HEAD',
      url: contentPath,
      onRequest: requireKeyOrLink,
      schema: { hide: true, params: idParams },
      handler: async (request, reply) => answerContent(request, reply, request.params.id),
    })
  }

/** Long enough to begin a download, or the next part of one; a client that comes later is sent there anew. */
const presignedTtlS = 900

const fileResponse = (description: string) => ({
  description,
  content: { 'video/mp4': { schema: z.string().meta({ format: 'binary' }) } },
})

const sendFile = async (
  { storage }: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  artifact: ArtifactRecord,
): Promise<FastifyReply> => {
  const { sizeBytes, sha256, contentType } = artifact
  const etag = `"${sha256}"`
  reply.headers({ etag, 'accept-ranges': 'bytes', 'cache-control': 'private, no-cache' })
  if (isNoneMatch(request.headers['if-none-match'], etag)) return reply.code(304).send()
  const { range: rangeHeader, 'if-range': ifRange } = request.headers
  // A range is asked of GET alone (RFC 9110 §14.2); HEAD tells of the whole file.
  const headers = request.method === 'GET' ? { range: rangeHeader, ifRange: ifRange?.toString() } : {}
  const asked = parseRange(headers, { sizeBytes, etag })
  if (asked.kind === 'unsatisfiable') {
    reply.header('content-range', contentRange(null, sizeBytes))
    return sendProblem(reply, 'range_not_satisfiable')
  }
  // A presigned URL is good for GET alone; what HEAD tells stands in the row.
  if (storage.presign !== undefined && request.method === 'GET') {
    const link = { ttlS: presignedTtlS, filename: fileName(artifact), contentType }
    const location = await storage.presign(artifact.storageKey, link)
    return reply.header('cache-control', 'no-store').code(302).header('location', location).send()
  }
  const range = asked.kind === 'part' ? asked.range : { start: 0, end: sizeBytes }
  reply.headers({
    'content-type': contentType,
    'content-length': String(range.end - range.start),
    'content-disposition': `attachment; filename="${fileName(artifact)}"`,
    'content-security-policy': "default-src 'none'; sandbox",
  })
  if (asked.kind === 'part') reply.code(206).header('content-range', contentRange(range, sizeBytes))
  if (request.method === 'HEAD') return reply.send()
  const opened = await storage.open(artifact.storageKey, range)
  return opened === null ? sendGone(reply) : reply.send(opened.stream)
}

const fileName = ({ jobId, contentType }: ArtifactRecord): string => {
  const type = Object.entries(contentTypes).find(([name]) => name === contentType)
  return `${jobId}.${type?.[1].extensions[0] ?? 'bin'}`
}

/** The row is there and the file is not: its retention ended this very moment. */
const sendGone = (reply: FastifyReply): FastifyReply => {
  for (const header of ['content-length', 'content-disposition', 'content-range', 'etag', 'accept-ranges'])
    reply.removeHeader(header)
  return sendProblem(reply, 'not_found')
}
