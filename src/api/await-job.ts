import type { FastifyReply, FastifyRequest } from 'fastify'
import type { JobRecord } from '../store/job-record.ts'
import { endOfRequest } from './answer-job.ts'
import { readWaitS } from './request-headers.ts'
import type { RouteContext } from './route-context.ts'
import { waitForEnd } from './streams/wait-for-end.ts'
import { jobUrl } from './to-job-out.ts'

/** Says where an accepted job is and, with `Prefer: wait`, waits for its end; returns the job as it is then. */
export const awaitJob = async (
  { deps, hub, closing }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
  job: JobRecord,
): Promise<JobRecord> => {
  const waitS = readWaitS(request.headers.prefer)
  reply.header('location', jobUrl(deps.settings.publicUrl, job.id))
  if (waitS === 0) return job
  reply.header('preference-applied', `wait=${waitS}`)
  const ended = await waitForEnd(
    { ...deps, hub },
    { tenantId: job.tenantId, jobId: job.id },
    { waitMs: waitS * 1000, signal: endOfRequest(reply, closing) },
  )
  return ended ?? job
}
