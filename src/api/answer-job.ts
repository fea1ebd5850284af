import type { FastifyReply, FastifyRequest } from 'fastify'
import { isFinished } from '../job/lifecycle.ts'
import type { JobRecord } from '../store/job-record.ts'
import { isNoneMatch } from './request-headers.ts'
import type { JobOut } from './schemas/job-out.ts'
import { toJobOut } from './to-job-out.ts'

/** How long a client that polls should leave between two looks. */
export const pollS = 2

const jobEtag = ({ seq }: JobRecord): string => `"${seq}"`

/** 200 with a job that has ended, 202 with one that has not (api.md §0). */
export const sendJob = (reply: FastifyReply, job: JobRecord, publicUrl: string): FastifyReply => {
  const isEnded = isFinished(job.state)
  reply.header('etag', jobEtag(job))
  if (!isEnded) reply.header('retry-after', String(pollS))
  const body: JobOut = toJobOut(job, publicUrl)
  return reply.code(isEnded ? 200 : 202).send(body)
}

/** The same, or 304 for a client that has this state of the job already. */
export const sendJobIfChanged = (
  request: FastifyRequest,
  reply: FastifyReply,
  job: JobRecord,
  publicUrl: string,
): FastifyReply =>
  isNoneMatch(request.headers['if-none-match'], jobEtag(job))
    ? reply.code(304).header('etag', jobEtag(job)).send()
    : sendJob(reply, job, publicUrl)

/** Fires when the client is gone or the server stops. */
export const endOfRequest = (reply: FastifyReply, closing: AbortSignal): AbortSignal => {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return AbortSignal.any([gone.signal, closing])
}
