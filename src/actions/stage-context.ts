/** Builds what a stage sees from what the application has: the desks through which it reaches rows and files. */
import type { Clock } from '../clock.ts'
import { newId } from '../job/ids.ts'
import { type Job, messagesOf } from '../job/job.ts'
import type { Position } from '../job/plan.ts'
import type { Attribution, Provider } from '../providers/provider.ts'
import { composeMessage, findSkill, type Skill } from '../skills/index.ts'
import type {
  ArtifactDesk,
  InputDesk,
  PermitDesk,
  SessionDesk,
  StageContext,
  StageScratch,
  StageTimings,
  StageVoice,
  StrayMessage,
} from '../stages/stage.ts'
import type { JobInputStore } from '../store/job-inputs.ts'
import type { PermitStore } from '../store/permits.ts'
import type { CreditEstimates } from './credit-estimates.ts'
import { onceWritten, orderlyProvider } from './once-written.ts'

export interface StageContextDeps {
  readonly estimates: CreditEstimates
  readonly provider: Provider
  readonly clock: Clock
  readonly timings: StageTimings
  /** Where the service says it was installed from; sent with every call. */
  readonly platform: string
  readonly permits: PermitStore
  readonly jobInputs: JobInputStore
  readonly media: MediaDesk
  readonly countSessions: (jobId: string) => Promise<number>
  readonly isSessionUnused: (job: Job) => Promise<boolean>
  readonly findStrayMessage: (job: Job) => Promise<StrayMessage | null>
  readonly hasSessionMovedOn: (job: Job, permitId: string) => Promise<boolean>
  readonly countEarlierInputs: (job: Job, filename: string) => Promise<number>
}

/** Files of a job: what it gives in and what comes out. */
export interface MediaDesk {
  openUpload(job: Job, uploadId: string): ReturnType<InputDesk['openUpload']>
  /** The words of a text upload; null for any other file, and for a text that is no prompt. */
  readText(job: Job, uploadId: string): Promise<string | null>
  fetchUrl(job: Job, url: string, signal: AbortSignal): ReturnType<InputDesk['fetchUrl']>
  /** The words of a text that `fetchUrl` has fetched; null for any other file. */
  readFetchedText(job: Job, url: string): Promise<string | null>
  storeArtifact(job: Job, ...args: Parameters<ArtifactDesk['store']>): ReturnType<ArtifactDesk['store']>
}

export interface StageSituation {
  readonly job: Job
  readonly plan: readonly Position[]
  readonly accountId: string
  readonly token: string
  readonly userId: string | null
  readonly stageMs: number
  readonly scratch: StageScratch
  readonly voice: StageVoice
  readonly signal: AbortSignal
  readonly lease: StageContext['lease']
  /** Resolves when what came before the stage is written. Throws `LeaseLost` when it is not, or when the job must stop. */
  readonly awaitWritten: () => Promise<void>
}

export const toStageContext = (deps: StageContextDeps, situation: StageSituation): StageContext => {
  const { job, plan, accountId, token, userId, stageMs, scratch, voice, signal } = situation
  const skill = getSkill(job)
  const { generation, edit } = deps.estimates.of({ tenantId: job.tenantId, accountId }, skill)
  return {
    job,
    plan,
    provider: orderlyProvider(deps.provider, situation.awaitWritten),
    accountId,
    access: { token, attribution: attributionOf(skill, deps.platform), userId },
    timings: deps.timings,
    signal,
    stageMs,
    scratch,
    newSessionRowId: () => newId('session', deps.clock.nowMs()),
    messageText: (no) => composeText(deps.media, job, no),
    estimatedCredits: (no) => (no === 0 ? generation : edit),
    tell: voice,
    permits: permitDesk(deps, situation),
    inputs: inputDesk(deps, situation),
    artifacts: { store: (download, abort) => deps.media.storeArtifact(job, download, abort) },
    sessions: sessionDesk(deps, situation),
    lease: situation.lease,
  }
}

export const getSkill = ({ id, request }: Job): Skill => {
  const skill = findSkill(request.skill)
  if (skill === null) throw new Error(`job ${id} names a skill that is not in the catalog`)
  return skill
}

export const attributionOf = ({ attribution }: Skill, platform: string): Attribution => ({
  ...attribution,
  platform,
})

/** Text inputs and the wishes for the output go with the first message; a step is sent as it was written. */
const composeText = async (media: MediaDesk, job: Job, messageNo: number): Promise<string> => {
  const text = messagesOf(job.request)[messageNo]
  if (text === undefined) throw new Error(`job ${job.id} has no message ${messageNo}`)
  if (messageNo > 0) return text
  const texts = await Promise.all(
    job.request.inputs.map((input) => {
      if ('upload_id' in input) return media.readText(job, input.upload_id)
      return input.fetch === 'clipline' ? media.readFetchedText(job, input.url) : null
    }),
  )
  const inputTexts = texts.filter((inputText) => inputText !== null)
  return composeMessage(text, { inputTexts, output: job.request.output, language: job.request.language })
}

const permitDesk = ({ permits }: StageContextDeps, situation: StageSituation): PermitDesk => {
  const { job, accountId } = situation
  return {
    open: onceWritten(situation.awaitWritten, (request) =>
      permits.open({ ...request, jobId: job.id, epoch: job.epoch, attempt: job.attempt, accountId }),
    ),
    mayLeave: permits.mayLeave,
    accept: (permitId) => void permits.accept(permitId),
    disclaim: (permitId, disclaimer) => void permits.disclaim(permitId, disclaimer),
    giveUp: onceWritten(situation.awaitWritten, permits.giveUp),
    countTries: onceWritten(situation.awaitWritten, permits.countTries),
    findOpen: onceWritten(situation.awaitWritten, async () => (await permits.listOpen(job.id))[0] ?? null),
    wasAlone: onceWritten(situation.awaitWritten, permits.wasAlone),
  }
}

/** The intent to hand over an input may be written beside the ending before it: it says nothing of what was done. */
const inputDesk = (
  { jobInputs, media, countEarlierInputs }: StageContextDeps,
  situation: StageSituation,
): InputDesk => {
  const { job } = situation
  return {
    start: (no, providerSessionId, input) => jobInputs.start({ jobId: job.id, no, providerSessionId }, input),
    acknowledge: (input) =>
      jobInputs.acknowledge(
        { jobId: job.id, no: input.no, providerSessionId: input.provider_session_id },
        input.provider_url,
      ),
    countEarlier: onceWritten(situation.awaitWritten, (filename) => countEarlierInputs(job, filename)),
    openUpload: (uploadId) => media.openUpload(job, uploadId),
    fetchUrl: (url, signal) => media.fetchUrl(job, url, signal),
  }
}

const sessionDesk = (deps: StageContextDeps, situation: StageSituation): SessionDesk => ({
  countMade: onceWritten(situation.awaitWritten, () => deps.countSessions(situation.job.id)),
  isUnused: onceWritten(situation.awaitWritten, () => deps.isSessionUnused(situation.job)),
  findStray: onceWritten(situation.awaitWritten, () => deps.findStrayMessage(situation.job)),
  hasMovedOn: onceWritten(situation.awaitWritten, (permitId) =>
    deps.hasSessionMovedOn(situation.job, permitId),
  ),
})
