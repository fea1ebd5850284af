/** From where a failed job can run again, and from where that is best: pure (api.md §1 "redrive"). */
import type { FailureCode } from './failure.ts'
import type { Job } from './job.ts'
import type { PermitState } from './outcome.ts'
import { type Position, type StageName, stageNames } from './plan.ts'

/** What is recorded of a message that was, perhaps, sent. */
export interface RecordedPermit {
  readonly id: string
  readonly messageNo: number
  readonly state: PermitState
  readonly providerSessionId: string
  /** Of the session before the message. */
  readonly fingerprint: string
  readonly creditsReserved: number
  readonly creditsSettled: number | null
  /** The job ended before anybody could tell what became of the message. */
  readonly isInterrupted: boolean
}

/** An input that is an upload which was deleted or has expired. */
export interface GoneUpload {
  /** Its place among the inputs. */
  readonly index: number
  readonly uploadId: string
  /** The session of the job has it. A text was never handed over: it is part of the first message. */
  readonly isHandedOver: boolean
}

export interface Redrivable {
  readonly job: Pick<
    Job,
    | 'state'
    | 'stage'
    | 'messageNo'
    | 'attempt'
    | 'sessionId'
    | 'providerSessionId'
    | 'renderId'
    | 'failureCode'
    | 'warnings'
  >
  readonly plan: readonly Position[]
  /** Of all attempts, newest first. */
  readonly permits: readonly RecordedPermit[]
  readonly goneUploads: readonly GoneUpload[]
  /** As the client wants it; null where that is left to us. */
  readonly fromStage: StageName | null
  readonly isCostAccepted: boolean
  readonly estimatedCredits: (messageNo: number) => number
  readonly newRenderId: string
}

export const rankOf = (stage: StageName): number => stageNames.indexOf(stage)

/** Proofs that the message had no effect, and so no cost. */
export const withoutEffect: readonly PermitState[] = ['not_sent', 'rejected', 'not_accepted']

/** The permit of the present message of which nobody knows what came of it; null when that is known. */
export const findUndecided = ({ job, permits }: Redrivable): RecordedPermit | null => {
  const newest = permits.find(({ messageNo }) => messageNo === job.messageNo)
  if (newest === undefined || newest.providerSessionId !== job.providerSessionId) return null
  if (withoutEffect.includes(newest.state)) return null
  return newest.state !== 'settled' || newest.isInterrupted ? newest : null
}

/** A job can go back to what it has reached, as far as that stage finds what it stands on. */
export const possibleStages = (input: Redrivable): readonly StageName[] => {
  const { job, plan } = input
  const isPossible: Record<StageName, boolean> = {
    auth: true,
    session: true,
    upload: job.providerSessionId !== null,
    generate: job.providerSessionId !== null,
    confirm: findUndecided(input) !== null,
    export: job.providerSessionId !== null,
    render: job.renderId !== null,
    deliver: job.renderId !== null,
  }
  // A message whose fate is open may have been cut off in `generate`: it can be looked for.
  const reached = job.stage === 'generate' ? 'confirm' : job.stage
  return stageNames.filter(
    (name) => rankOf(name) <= rankOf(reached) && isPossible[name] && plan.some(({ stage }) => stage === name),
  )
}

/** What the provider had begun of the render is over: it needs another id. */
export const endedRenders: readonly (FailureCode | null)[] = [
  'render_failed',
  'artifact_invalid',
  'deadline_exceeded',
]

/** Where a failure of that kind is best taken up again. */
export const usualStage = (input: Redrivable): StageName => {
  const { job, plan } = input
  if (job.failureCode === 'provider_session_lost' && job.sessionId === null) return 'session'
  const canGenerate = plan.some(({ stage }) => stage === 'generate')
  switch (job.stage) {
    case 'auth':
    case 'session':
      return job.failureCode === 'provider_auth_failed' ? 'auth' : job.stage
    case 'upload':
      return 'upload'
    case 'generate':
    case 'confirm':
      return findUndecided(input) === null ? 'generate' : 'confirm'
    case 'export':
      return job.failureCode === 'draft_not_exportable' && canGenerate ? 'generate' : 'export'
    case 'render':
      return endedRenders.includes(job.failureCode) ? 'export' : 'render'
    case 'deliver':
      return job.failureCode === 'artifact_invalid' ? 'export' : 'deliver'
  }
}

/** `generate` and `confirm` go on with the message that the job stands at; what is before them begins with the first. */
export const startAt = ({ job, plan }: Redrivable, stage: StageName): Position => {
  const isOfMessage = stage === 'generate' || stage === 'confirm'
  const start = plan.find(
    (position) => position.stage === stage && (!isOfMessage || position.messageNo === job.messageNo),
  )
  if (start === undefined) throw new Error(`message ${job.messageNo} is not in the plan of the job`)
  return start
}
