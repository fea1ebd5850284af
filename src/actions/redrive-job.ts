/** Runs a failed job again, from where that makes sense or from where the client wants it (api.md §1). */
import { randomUUID } from 'node:crypto'
import { planFor, type StageName } from '../job/plan.ts'
import { decideRedrive, type RedriveDecision } from '../job/redrive.ts'
import { rankOf } from '../job/redrive-stage.ts'
import { findSkill } from '../skills/index.ts'
import type { JobRecord } from '../store/job-record.ts'
import type { JobStore } from '../store/jobs.ts'
import type { RedriveRecord, RedriveStore } from '../store/redrives.ts'
import type { Writer } from '../store/writer.ts'
import type { CreditEstimates } from './credit-estimates.ts'
import type { QueueGauge } from './queue-gauge.ts'

export interface RedriveJobDeps {
  readonly jobs: Pick<JobStore, 'find'>
  readonly redrives: RedriveStore
  readonly writer: Pick<Writer, 'transitionJob'>
  readonly queue: QueueGauge
  readonly estimates: CreditEstimates
  /** Something became due. */
  readonly wakeDispatcher: () => void
}

export interface RedriveJobInput {
  readonly tenantId: string
  readonly jobId: string
  readonly queueBound: number
  readonly fromStage: StageName | null
  readonly isCostAccepted: boolean
  /** Called with the attempt that is about to begin, before anything is changed; may be called again. */
  readonly beforeRestart?: (attempt: number, answer: RedriveAnswer) => Promise<void>
}

type Redriven = Extract<RedriveDecision, { outcome: 'redriven' }>

/** What a client is told of a redrive. */
export type RedriveAnswer = Pick<Redriven, 'fromStage' | 'reused' | 'rerun' | 'estimatedCredits'>

export type RedriveJobOutcome =
  | (RedriveAnswer & { readonly outcome: 'redriven'; readonly job: JobRecord })
  | Exclude<RedriveDecision, Redriven>
  | { readonly outcome: 'not_found' | 'queue_full' | 'session_lost' }

/** Each round sees a newer state of the job, so a race is lost a few times at most. */
const maxRounds = 3

export const redriveJob = async (
  deps: RedriveJobDeps,
  input: RedriveJobInput,
): Promise<RedriveJobOutcome> => {
  const { tenantId, jobId } = input
  for (let round = 0; round < maxRounds; round += 1) {
    const record = await deps.redrives.find(tenantId, jobId)
    if (record === null) return { outcome: 'not_found' }
    const decision = decide(deps, record, input)
    if (record.isSessionLost && needsSession(decision)) return { outcome: 'session_lost' }
    if (decision.outcome !== 'redriven') return decision
    if (await deps.queue.isFull(tenantId, input.queueBound)) return { outcome: 'queue_full' }
    const { fromStage, reused, rerun, estimatedCredits } = decision
    await input.beforeRestart?.(record.job.attempt + 1, { fromStage, reused, rerun, estimatedCredits })
    if (!(await restart(deps, record, decision))) continue
    deps.queue.add(tenantId)
    deps.wakeDispatcher()
    const job = await deps.jobs.find(tenantId, jobId)
    return job === null ? { outcome: 'not_found' } : { ...decision, job }
  }
  throw new Error(`job ${jobId} changed too often to be redriven`)
}

/** A render that was asked for no longer needs the session that it was made from. */
const needsSession = (decision: RedriveDecision): boolean =>
  'fromStage' in decision && rankOf(decision.fromStage) <= rankOf('export')

const decide = (
  { estimates }: RedriveJobDeps,
  { job, accountId, skill: skillName, purpose, messageCount, hasInputs, permits, goneUploads }: RedriveRecord,
  { tenantId, fromStage, isCostAccepted }: RedriveJobInput,
): RedriveDecision => {
  const skill = findSkill(skillName)
  if (skill === null) throw new Error(`job ${job.id} names a skill that is not in the catalog`)
  const { generation, edit } = estimates.of({ tenantId, accountId }, skill)
  return decideRedrive({
    job,
    plan: planFor({ messageCount, hasInputs, purpose }),
    permits,
    goneUploads,
    fromStage,
    isCostAccepted,
    estimatedCredits: (messageNo) => (messageNo === 0 ? generation : edit),
    newRenderId: `render_${randomUUID()}`,
  })
}

/** False when the job was changed, or an upload of it deleted, meanwhile. */
const restart = async (
  { writer }: RedriveJobDeps,
  { job, uploadIds }: RedriveRecord,
  { patch, events }: Redriven,
): Promise<boolean> => {
  const { outcome } = await writer.transitionJob({
    verb: 'redrive',
    jobId: job.id,
    seq: job.seq,
    uploadIds,
    patch,
    events,
    dueInMs: 0,
  })
  return outcome === 'applied'
}
