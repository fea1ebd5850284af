import type { FastifyReply } from 'fastify'
import type { UploadRefusal } from '../actions/create-upload.ts'
import type { Fault } from '../actions/fault.ts'
import { sendProblem } from './problem.ts'
import { problemCatalog } from './problem-catalog.ts'

/** Says why a file is not taken, and in `errors`, where there are several, which one. */
export const refuseFile = (
  reply: FastifyReply,
  { code, detail }: Pick<UploadRefusal, 'code' | 'detail'>,
  errors: readonly Fault[] = [],
): FastifyReply => {
  switch (code) {
    case 'unsupported_media_type':
    case 'media_too_large':
      return sendProblem(reply, code, { detail, errors, status: problemCatalog[code].uploadStatus })
    case 'unreadable_media':
      return sendProblem(reply, code, { detail, errors })
    case 'storage_full':
      return sendProblem(reply, 'unavailable', { detail, retryAfterS: 60 })
  }
}
