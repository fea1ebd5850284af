/** Files that come in parts and survive broken connections: tus 1.0 (tus.io). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { createResumableUpload } from '../../actions/create-resumable-upload.ts'
import { checksumAlgorithms } from '../../actions/receive-piece.ts'
import { terminateUpload } from '../../actions/terminate-upload.ts'
import { type OnRequest, principalOf } from '../auth.ts'
import { readKeyed } from '../keyed-body.ts'
import { lingerAfter } from '../linger.ts'
import { sendProblem } from '../problem.ts'
import { refuseFile } from '../refuse-file.ts'
import { invalidRequest } from '../request-refusal.ts'
import type { RouteContext } from '../route-context.ts'
import { idempotencyHeaders, idParams } from '../schemas/ids.ts'
import { uploadProblems } from '../schemas/problem-out.ts'
import { ResumableOut, toResumableOut } from '../schemas/resumable-out.ts'
import { sendCreated } from '../send-created.ts'
import { takePiece } from '../take-piece.ts'
import {
  pieceType,
  readLength,
  readMetadata,
  refuseConcatenation,
  tellUpload,
  tusExtensions,
  tusVersion,
} from '../tus-headers.ts'

const path = '/v1/uploads/resumable'

const tusHeaders = z.object({ 'tus-resumable': z.literal(tusVersion) })
const creationHeaders = tusHeaders.extend({
  ...idempotencyHeaders.shape,
  'upload-length': z
    .string()
    .optional()
    .meta({ examples: ['104857600'] }),
  'upload-defer-length': z.literal('1').optional(),
  'upload-metadata': z
    .string()
    .optional()
    .meta({ examples: ['filename Y2xpcC5tcDQ='] }),
})
const pieceHeaders = tusHeaders.extend({
  'upload-offset': z.string().meta({ examples: ['0'] }),
  'upload-length': z.string().optional(),
  'upload-checksum': z
    .string()
    .optional()
    .describe(`${checksumAlgorithms.join(', ')} and the sum of this body in base64.`),
})

export const resumableUploadRoutes =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    const { deps, requireKey } = context
    const onRequest = [requireKey('uploads:write'), requireTus]

    app.addHook('onRequest', async (_request, reply) => void reply.header('tus-resumable', tusVersion))
    // A piece is taken as it comes: the handler reads the stream.
    app.addContentTypeParser(pieceType, (_request, _payload, done) => done(null))

    for (const { url, allow } of [
      { url: path, allow: 'OPTIONS, POST' },
      { url: `${path}/:id`, allow: 'OPTIONS, HEAD, PATCH, DELETE' },
    ])
      app.route({
        method: 'OPTIONS',
        url,
        schema: { hide: true },
        handler: async (_request, reply) => sendAbilities(reply.header('allow', allow), deps.maxUploadBytes),
      })

    app.route({
      method: 'POST',
      url: path,
      onRequest,
      schema: {
        operationId: 'createResumableUpload',
        summary: 'Begin a resumable upload',
        description:
          'tus 1.0 with the extensions creation, creation-with-upload, creation-defer-length, expiration, checksum and termination: use any tus client. `Location` is where the bytes go; HEAD there says in `Upload-Offset` how many are kept, and in `Clipline-Upload-Id` which upload the file has become. A body of type `application/offset+octet-stream` is taken as the first of them. It must be whole within 24 hours.',
        tags: ['uploads'],
        headers: creationHeaders,
        response: {
          201: ResumableOut,
          ...uploadProblems(
            'idempotency_in_flight',
            'tus_version',
            'media_too_large',
            'unsupported_media_type',
            'unsupported_content_type',
            'unreadable_media',
            'idempotency_key_reused',
            'checksum_mismatch',
          ),
        },
      },
      handler: async (request, reply) => create(context, request, reply),
    })

    app.route({
      method: 'HEAD',
      url: `${path}/:id`,
      onRequest,
      schema: {
        operationId: 'readResumableUpload',
        summary: 'Ask how far a resumable upload has come',
        description:
          '`Upload-Offset` says how many bytes are kept for good. `Clipline-Upload-Id` names the upload once the file is whole.',
        tags: ['uploads'],
        params: idParams,
        headers: tusHeaders,
        response: {
          200: z.undefined().describe('In the headers.'),
          ...uploadProblems('not_found', 'upload_expired', 'tus_version'),
        },
      },
      handler: async (request, reply) => tell(context, request, reply, request.params.id),
    })

    app.route({
      method: 'PATCH',
      url: `${path}/:id`,
      onRequest,
      schema: {
        operationId: 'continueResumableUpload',
        summary: 'Send bytes of a resumable upload',
        description:
          'From `Upload-Offset` on, as many as you like. What came before a broken connection is kept. With the last byte the file is judged like any other upload, and `Clipline-Upload-Id` names what it became.',
        tags: ['uploads'],
        params: idParams,
        headers: pieceHeaders,
        response: {
          204: z.undefined().describe('Kept. `Upload-Offset` says up to where.'),
          ...uploadProblems(
            'not_found',
            'offset_mismatch',
            'upload_expired',
            'tus_version',
            'media_too_large',
            'unsupported_media_type',
            'unsupported_content_type',
            'unreadable_media',
            'checksum_mismatch',
          ),
        },
      },
      handler: async (request, reply) => takePiece(context, request, reply, request.params.id),
    })

    app.route({
      method: 'DELETE',
      url: `${path}/:id`,
      onRequest,
      schema: {
        operationId: 'deleteResumableUpload',
        summary: 'Forget a resumable upload',
        description: 'What has come of it is deleted. An upload that it has become already stays.',
        tags: ['uploads'],
        params: idParams,
        headers: tusHeaders,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...uploadProblems('not_found', 'tus_version'),
        },
      },
      handler: async (request, reply) => terminate(context, request, reply, request.params.id),
    })

    // For clients behind something that lets only GET and POST through.
    app.route({
      method: 'POST',
      url: `${path}/:id`,
      onRequest,
      schema: { hide: true, params: idParams },
      handler: async (request, reply) => {
        const { id } = request.params
        switch (String(request.headers['x-http-method-override']).toUpperCase()) {
          case 'HEAD':
            return tell(context, request, reply, id)
          case 'PATCH':
            return takePiece(context, request, reply, id)
          case 'DELETE':
            return terminate(context, request, reply, id)
          default:
            return sendProblem(reply.header('allow', 'HEAD, PATCH, DELETE'), 'method_not_allowed')
        }
      },
    })
  }

const requireTus: OnRequest = async (request, reply) => {
  if (request.headers['tus-resumable'] === tusVersion) return undefined
  return sendProblem(reply.header('tus-version', tusVersion), 'tus_version')
}

const sendAbilities = (reply: FastifyReply, maxUploadBytes: number): FastifyReply =>
  reply
    .headers({
      'tus-version': tusVersion,
      'tus-extension': tusExtensions.join(','),
      'tus-max-size': String(maxUploadBytes),
      'tus-checksum-algorithm': checksumAlgorithms.join(','),
    })
    .code(204)
    .send()

const create = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const { deps } = context
  const { publicUrl } = deps.settings
  const { tenantId } = principalOf(request)
  const length = readLength(request)
  const metadata = readMetadata(request)
  // The bytes that may come with it are no part of what is asked: nobody has read them yet.
  const asked = { length: length.value, ...metadata.value }
  const { keyed, faults } = readKeyed(request, `POST ${path}`, asked)
  const allFaults = [...refuseConcatenation(request), ...length.faults, ...metadata.faults, ...faults]
  if (allFaults.length > 0) throw invalidRequest(allFaults)
  const result = await createResumableUpload(deps, {
    tenantId,
    keyed,
    ...metadata.value,
    lengthBytes: length.value,
    toBody: (upload) => toResumableOut(upload, publicUrl),
  })
  // The bytes that may have come with it are of no use then.
  if (result.outcome !== 'created') lingerAfter(reply)
  switch (result.outcome) {
    case 'too_large':
      return refuseFile(reply, {
        code: 'media_too_large',
        detail: `No file may have more than ${deps.maxUploadBytes} bytes.`,
      })
    case 'empty':
      return refuseFile(reply, { code: 'unsupported_media_type', detail: 'The file is empty.' })
    case 'created':
      return sendFirstPiece(context, request, reply, result)
    default:
      return sendCreated(reply, result)
  }
}

/** The answer to a creation tells of the bytes that came with it. */
const sendFirstPiece = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  created: Extract<Awaited<ReturnType<typeof createResumableUpload>>, { outcome: 'created' }>,
): Promise<FastifyReply> => {
  const { id, expires_at } = created.body as z.output<typeof ResumableOut>
  if (request.mediaType !== pieceType) {
    reply.header('upload-expires', new Date(expires_at).toUTCString())
    return sendCreated(reply.header('upload-offset', '0'), created)
  }
  return takePiece(context, request, reply, id, created)
}

const tell = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
): Promise<FastifyReply> => {
  const upload = await deps.resumables.find(principalOf(request).tenantId, id)
  if (upload === null) return sendProblem(reply, 'not_found')
  if (upload.expiresAt.getTime() <= deps.clock.nowMs()) return sendProblem(reply, 'upload_expired')
  if (upload.metadata !== '') reply.header('upload-metadata', upload.metadata)
  return tellUpload(reply, upload, deps.settings.publicUrl).code(200).send()
}

const terminate = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
): Promise<FastifyReply> => {
  const { tenantId } = principalOf(request)
  const { outcome } = await terminateUpload(deps, { tenantId, id })
  return outcome === 'terminated' ? reply.code(204).send() : sendProblem(reply, 'not_found')
}
