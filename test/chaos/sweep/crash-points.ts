import type { OperationPath } from './break-plan.ts'

/** A point of guarantees.md §2.2 at which a worker may be lost. */
export interface CrashPoint {
  /** What has been done by then. */
  readonly name: string
  /** How it is told by the operations of a worker. */
  readonly path: OperationPath
  /** Nobody can tell whether the message was sent. Everywhere else that is known, or can be seen. */
  readonly isUnknowable?: true
}

const session = 'sends POST /api/tasks/me/with-session'
const upload = 'sends POST /api/upload-video'
const message = 'sends POST /run_sse'
const render = 'sends POST /api/render/proxy/lambda'
const answered = 'receives HTTP/1.1 200'
const file = 'sends GET /cdn/render-result'
const written = 'sends transition-jobs'

/** Of a job with an input, whose account has a token; those of the request of a token are met in test/e2e. */
export const crashPoints: readonly CrashPoint[] = [
  { name: 'session: before it is asked for', path: [session] },
  { name: 'session: asked for, unanswered', path: [session, answered] },
  { name: 'session: answered, unwritten', path: [session, answered, written] },
  { name: 'session: written, unheard', path: [session, answered, written, 'receives'] },
  { name: 'upload: before it is handed over', path: [upload] },
  { name: 'upload: handed over, unanswered', path: [upload, answered] },
  { name: 'upload: answered, unwritten', path: [upload, answered, written] },
  { name: 'message: before its permit', path: ['sends open-permits'] },
  { name: 'message: permitted, unheard', path: ['sends open-permits', 'receives'] },
  { name: 'message: permitted, about to leave', path: ['takes a mark'] },
  { name: 'message: leaving', path: ['takes a mark', message], isUnknowable: true },
  { name: 'message: sent, unanswered', path: [message, answered] },
  { name: 'message: answered, not accepted in writing', path: [message, answered, 'sends open-permits'] },
  { name: 'message: over, unwritten', path: [message, answered, written] },
  { name: 'render: before it is asked for', path: [render] },
  { name: 'render: asked for, unanswered', path: [render, answered] },
  { name: 'render: answered, unwritten', path: [render, answered, written] },
  { name: 'render: looked at', path: [render, 'sends GET /api/render/proxy/lambda', answered] },
  { name: 'file: before it is fetched', path: [file] },
  { name: 'file: half written', path: [file, 'opens a file', 'receives'] },
  { name: 'file: written, not in its place', path: ['renames a file'] },
  { name: 'file: in its place, the end unwritten', path: ['renames a file', written] },
  { name: 'end: written, unheard', path: ['renames a file', written, 'receives'] },
  { name: 'callback: before its body is kept', path: ['sends claim-deliveries', 'sends record-deliveries'] },
  { name: 'callback: before it is sent', path: ['sends record-deliveries', 'sends POST /'] },
  {
    name: 'callback: sent, unanswered',
    path: ['sends record-deliveries', 'sends POST /', 'receives HTTP/1.1 204'],
  },
  { name: 'callback: answered, unwritten', path: ['receives HTTP/1.1 204', 'sends record-deliveries'] },
]
