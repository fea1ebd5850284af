/** Takes nothing new in while there is hardly room, or time, for what was taken already (guarantees.md §2.1-10, §2.3). */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { DiskGauge } from '../actions/disk-gauge.ts'
import type { LoopGauge } from '../actions/loop-gauge.ts'
import { lingerAfter } from './linger.ts'
import { sendProblem } from './problem.ts'

/** What begins work, or brings files. Reading, canceling and deleting go on, and so does an upload that was begun. */
export const admittingRoutes: ReadonlySet<string> = new Set([
  'POST /v1/jobs',
  'POST /v1/jobs/:id/redrive',
  'POST /v1/uploads',
  'POST /v1/uploads/resumable',
  'POST /v1/sessions',
  'POST /v1/sessions/:id/messages',
  'POST /v1/sessions/:id/exports',
  'POST /v1/batches',
  'POST /v1/batches/:id/lines',
  'POST /v1/batches/:id/redrive',
  'POST /v1/intakes/:id/failures/:failure_id/retry',
  'POST /in/:id',
])

const diskIsLow = {
  detail: 'There is hardly any room left on the disk; nothing was stored.',
  retryAfterS: 60,
}
const loopIsBehind = {
  detail: 'This process has more to do than it can; nothing was stored.',
  retryAfterS: 5,
}

/** Refuses after the key was judged and before the body is read. */
export const guardAdmission = (
  app: FastifyInstance,
  { disk, loop }: { readonly disk: DiskGauge; readonly loop: LoopGauge },
): void => {
  app.addHook('preParsing', (request, reply, _payload, done) => {
    const { method, url } = request.routeOptions
    if (!admittingRoutes.has(`${method} ${url}`)) return done()
    if (loop.isBehind()) return refuse(reply, loopIsBehind)
    disk.isLow().then((isLow) => (isLow ? refuse(reply, diskIsLow) : done()), done)
  })
}

const refuse = (
  reply: FastifyReply,
  why: { readonly detail: string; readonly retryAfterS: number },
): void => {
  lingerAfter(reply)
  sendProblem(reply, 'unavailable', why)
}
