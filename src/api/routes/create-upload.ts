import multipart from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  type CreateUploadInput,
  type CreateUploadOutcome,
  createUploads,
} from '../../actions/create-upload.ts'
import { fetchUpload, type UrlRefusal } from '../../actions/fetch-upload.ts'
import { findReplay } from '../../actions/idempotency.ts'
import { endOfRequest } from '../answer-job.ts'
import { principalOf } from '../auth.ts'
import { multipartFiles, rawFile } from '../incoming-files.ts'
import { readKeyedBody } from '../keyed-body.ts'
import { lingerAfter } from '../linger.ts'
import { answersJson } from '../negotiation.ts'
import { sendProblem } from '../problem.ts'
import { problemCatalog } from '../problem-catalog.ts'
import { refuseFile } from '../refuse-file.ts'
import { refuseWhileStopping } from '../request-guard.ts'
import { readIdempotencyKey } from '../request-headers.ts'
import { invalidRequest } from '../request-refusal.ts'
import type { RouteContext } from '../route-context.ts'
import { uploadProblems } from '../schemas/problem-out.ts'
import { toUploadOut, UploadOut } from '../schemas/upload-out.ts'
import { sendKeptBack } from '../send-kept-back.ts'
import { sendReplay } from '../send-replay.ts'
import { leaveBodyToAction } from '../validation.ts'

const route = 'POST /v1/uploads'

const UploadByUrlIn = z.strictObject({ url: z.string().min(1).max(2_048) }).meta({ id: 'UploadByUrl' })

export const createUploadRoute =
  (context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(multipart)
    // Any other content is taken as it comes: the handler reads the stream.
    app.addContentTypeParser('*', (_request, _payload, done) => done(null))

    app.route({
      method: 'POST',
      url: '/v1/uploads',
      onRequest: [context.requireKey('uploads:write'), answersJson],
      validatorCompiler: leaveBodyToAction,
      schema: {
        operationId: 'createUpload',
        summary: 'Upload files',
        description:
          'One or more files as `multipart/form-data`, one file as the body itself (with `X-Filename`), or `{"url"}` as JSON for a file to fetch. Streamed to the storage and judged by content; on any fault nothing is kept. An upload that no job takes expires after 24 hours.',
        tags: ['uploads'],
        headers: z.object({
          'x-filename': z.string().optional(),
          'idempotency-key': z.string().max(255).optional(),
        }),
        body: UploadByUrlIn,
        response: {
          201: z.union([UploadOut, z.object({ data: z.array(UploadOut) })]),
          ...uploadProblems(
            'not_acceptable',
            'idempotency_in_flight',
            'media_too_large',
            'unsupported_media_type',
            'unreadable_media',
            'url_not_allowed',
            'url_unreachable',
            'idempotency_key_reused',
          ),
        },
      },
      handler: async (request, reply) => {
        if (request.isMultipart()) return takeFiles(context, request, reply, multipartFiles(request), toList)
        if (request.mediaType !== 'application/json')
          return takeFiles(context, request, reply, rawFile(request), toOne)
        return takeUrl(context, request, reply)
      },
    })
  }

type ToBody = CreateUploadInput['toBody']

const toList: ToBody = (uploads) => ({ data: uploads.map(toUploadOut) })
const toOne: ToBody = (uploads) => uploads.map(toUploadOut)[0]

const takeUrl = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const { deps, closing } = context
  const { tenantId } = principalOf(request)
  const { body, keyed } = readKeyedBody(UploadByUrlIn, request, route)
  // What is behind the URL may have changed since: the answer that was given holds.
  const replay = keyed === null ? null : await findReplay(deps.idempotency, tenantId, keyed)
  if (replay !== null) return answer(deps, reply, replay, toOne)
  const signal = endOfRequest(reply, closing)
  const result = await fetchUpload(deps, { url: body.url, signal, tenantId, keyed, toBody: toOne })
  if (result.outcome !== 'url_refused') return answer(deps, reply, result, toOne)
  // What was interrupted says nothing about the URL.
  return closing.aborted ? refuseWhileStopping(reply) : refuseUrl(reply, result)
}

const takeFiles = async (
  { deps }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  files: CreateUploadInput['files'],
  toBody: ToBody,
): Promise<FastifyReply> => {
  const header = readIdempotencyKey(request.headers['idempotency-key'])
  if (header.outcome === 'invalid') throw invalidRequest([header.fault])
  const keyed = header.outcome === 'given' ? { route, key: header.key, fingerprint: null } : null
  const { tenantId } = principalOf(request)
  const result = await createUploads(deps, { tenantId, files, keyed, toBody })
  return answer(deps, reply, result, toBody)
}

const answer = (
  { settings }: RouteContext['deps'],
  reply: FastifyReply,
  result: CreateUploadOutcome,
  toBody: ToBody,
): FastifyReply => {
  switch (result.outcome) {
    case 'created': {
      const body = toBody(result.uploads)
      return reply.code(201).header('location', locationOf(body, settings.publicUrl)).send(body)
    }
    case 'replayed':
      return sendReplay(reply.header('location', locationOf(result.body, settings.publicUrl)), result)
    case 'key_reused':
      return sendKeptBack(reply, result.outcome)
    case 'in_flight':
      lingerAfter(reply)
      return sendKeptBack(reply, result.outcome)
    case 'refused':
      lingerAfter(reply)
      return toBody === toList ? refuseFileOfForm(reply, result) : refuseFile(reply, result)
  }
}

/** A form may hold many files, none of which has to have a name of its own. */
const refuseFileOfForm = (
  reply: FastifyReply,
  { code, detail, index }: Extract<CreateUploadOutcome, { outcome: 'refused' }>,
): FastifyReply =>
  refuseFile(reply, { code, detail: `File ${index + 1} of the form: ${detail}` }, [
    { pointer: `/${index}`, code, detail },
  ])

/** Of several files, the first. */
const locationOf = (body: unknown, publicUrl: string): string => {
  const uploads = body as UploadOut | { readonly data: readonly UploadOut[] }
  const id = 'data' in uploads ? uploads.data[0]?.id : uploads.id
  return `${publicUrl}/v1/uploads/${id}`
}

const refuseUrl = (reply: FastifyReply, { code, detail }: UrlRefusal): FastifyReply => {
  const errors = [{ pointer: '/url', code, detail }]
  return code === 'media_too_large'
    ? sendProblem(reply, code, { detail, errors, status: problemCatalog[code].uploadStatus })
    : sendProblem(reply, code, { detail, errors })
}
