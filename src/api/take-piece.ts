/** Answers a request that brings bytes of a resumable upload: a PATCH, or the POST that begins one. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CreateOnceOutcome } from '../actions/create-once.ts'
import { type PieceInput, type ReceiveOutcome, receivePiece } from '../actions/receive-piece.ts'
import { principalOf } from './auth.ts'
import { lingerAfter } from './linger.ts'
import { sendProblem } from './problem.ts'
import { problemCatalog } from './problem-catalog.ts'
import { refuseFile } from './refuse-file.ts'
import { invalidRequest } from './request-refusal.ts'
import type { RouteContext } from './route-context.ts'
import { sendCreated } from './send-created.ts'
import { pieceType, readBytes, readChecksum, tellUpload } from './tus-headers.ts'

type Created = Extract<CreateOnceOutcome, { outcome: 'created' }>

/** `created`: the upload that the same request has made, to be told of in the answer. */
export const takePiece = async (
  context: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  created: Created | null = null,
): Promise<FastifyReply> => {
  if (request.mediaType !== pieceType)
    return sendProblem(reply, 'unsupported_content_type', { detail: `Bytes come as ${pieceType}.` })
  const { tenantId } = principalOf(request)
  const input = { ...readPiece(context, request, created !== null), tenantId, id }
  const received = await receivePiece(context.deps, input)
  lingerAfter(reply)
  return answer(context, reply, received, created)
}

const readPiece = (
  { closing }: RouteContext,
  request: FastifyRequest,
  isFirst: boolean,
): Omit<PieceInput, 'tenantId' | 'id'> => {
  const none = { value: null, faults: [] }
  const offset = isFirst ? { value: 0, faults: [] } : readBytes(request, 'upload-offset')
  const length = isFirst ? none : readBytes(request, 'upload-length')
  const checksum = readChecksum(request)
  const missing =
    offset.value === null && offset.faults.length === 0
      ? [{ pointer: '/headers/upload-offset', code: 'missing', detail: 'is required' }]
      : []
  const faults = [...offset.faults, ...missing, ...length.faults, ...checksum.faults]
  if (faults.length > 0 || offset.value === null) throw invalidRequest(faults)
  const contentLength = request.headers['content-length']
  return {
    offsetBytes: offset.value,
    lengthBytes: length.value,
    checksum: checksum.value,
    bodyBytes: contentLength === undefined ? null : Number(contentLength),
    body: request.raw,
    stopping: closing,
  }
}

const answer = (
  { deps }: RouteContext,
  reply: FastifyReply,
  received: ReceiveOutcome,
  created: Created | null,
): FastifyReply => {
  switch (received.outcome) {
    case 'received':
      tellUpload(reply, received.upload, deps.settings.publicUrl)
      return created === null ? reply.code(204).send() : sendCreated(reply, created)
    case 'not_found':
      return sendProblem(reply, 'not_found')
    case 'expired':
      return sendProblem(reply, 'upload_expired')
    case 'offset_mismatch':
    case 'checksum_mismatch':
      return sendProblem(reply, received.outcome)
    case 'length_mismatch':
      return sendProblem(reply, 'invalid_request', { errors: [lengthFault] })
    case 'too_long':
      return sendProblem(reply, 'media_too_large', {
        detail: 'These are more bytes than the file has, or may have.',
        status: problemCatalog.media_too_large.uploadStatus,
      })
    case 'refused':
      return refuseFile(reply, received)
  }
}

const lengthFault = {
  pointer: '/headers/upload-length',
  code: 'not_accepted',
  detail: 'must be the length that was said before, and no less than what has come',
}
