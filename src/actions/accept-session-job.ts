/** Accepts a job that a conversation asks for; it queues behind what the conversation is at (architecture.md §4-1). */
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import type { JobCreator } from '../store/create-jobs.ts'
import type { IdempotencyStore } from '../store/idempotency.ts'
import type { JobRecord } from '../store/job-record.ts'
import { type NewJob, toNewRecord } from '../store/new-job.ts'
import type { SessionRecord } from '../store/sessions.ts'
import type { Fault } from './fault.ts'
import { findReplay, type KeyedRequest, type Replay } from './idempotency.ts'
import type { QueueGauge } from './queue-gauge.ts'
import { openJobRoom } from './session-room.ts'

export interface AcceptSessionJobDeps {
  readonly creator: Pick<JobCreator, 'create'>
  readonly idempotency: IdempotencyStore
  readonly queue: QueueGauge
  readonly clock: Clock
  /** Something became due. */
  readonly wakeDispatcher: () => void
}

export interface SessionJob {
  readonly session: SessionRecord
  readonly keyed: KeyedRequest | null
  readonly queueBound: number
  readonly job: Pick<NewJob, 'id' | 'purpose' | 'prompt' | 'creditsEstimated'> & Partial<NewJob>
  /** The answer as it is stored under the key, and the field that holds the job in it; the answer itself when null. */
  readonly toBody: (job: JobRecord) => Readonly<Record<string, unknown>>
  readonly jobField: string | null
}

export type AcceptedSessionJob =
  | { readonly outcome: 'created'; readonly job: JobRecord }
  | { readonly outcome: 'queue_full' | 'session_full' }
  | { readonly outcome: 'refused'; readonly isMalformed: false; readonly faults: readonly Fault[] }
  | Replay

export const newJobId = (clock: Clock): string => newId('job', clock.nowMs())

export const acceptSessionJob = async (
  deps: AcceptSessionJobDeps,
  asked: SessionJob,
): Promise<AcceptedSessionJob> => {
  const { session, keyed, queueBound, jobField } = asked
  const { tenantId } = session
  if (openJobRoom(session) <= 0) return { outcome: 'session_full' }
  if (await deps.queue.isFull(tenantId, queueBound)) return { outcome: 'queue_full' }
  const job: NewJob = { ...plainJob(session), ...asked.job }
  const body = () => asked.toBody(toNewRecord(job, new Date(0)))
  const idempotency =
    keyed === null
      ? null
      : { ...keyed, status: 202, body: body(), ...(jobField === null ? {} : { jobField }) }
  for (let round = 0; round < maxRounds; round += 1) {
    const written = await deps.creator.create({ job, idempotency })
    if (written.outcome === 'created') {
      deps.queue.add(tenantId)
      deps.wakeDispatcher()
      return { outcome: 'created', job: toNewRecord(job, written.createdAt) }
    }
    if (written.outcome === 'upload_gone') return uploadGone
    if (keyed === null) throw new Error('a job without an idempotency key found its key taken')
    const replay = await findReplay(deps.idempotency, tenantId, keyed)
    if (replay !== null) return replay
    await deps.idempotency.forgetExpired({ tenantId, route: keyed.route, key: keyed.key })
  }
  throw new Error('the idempotency key was taken again and again')
}

const maxRounds = 3

/** It was there when the message was judged. */
const uploadGone: AcceptedSessionJob = {
  outcome: 'refused',
  isMalformed: false,
  faults: [{ pointer: '/inputs', code: 'unknown_upload', detail: 'names an upload that was just deleted' }],
}

const plainJob = ({
  id,
  tenantId,
  skill,
  language,
}: SessionRecord): Omit<NewJob, 'id' | 'purpose' | 'prompt' | 'creditsEstimated'> => ({
  tenantId,
  skill,
  language,
  sessionId: id,
  said: null,
  priority: 'normal',
  runAt: null,
  startDeadlineS: null,
  deadlineS: null,
  steps: [],
  inputs: [],
  output: {},
  callback: null,
  onUnknown: 'fail',
  maxCredits: null,
  metadata: {},
  tags: [],
  dedupe: null,
})
