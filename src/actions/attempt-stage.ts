import type { Clock } from '../clock.ts'
import type { Job } from '../job/job.ts'
import { type Lease, LeaseLost } from '../job/leases.ts'
import { fail, hold, type StageOutcome } from '../job/outcome.ts'
import type { Position, StageName } from '../job/plan.ts'
import { ProviderError } from '../providers/provider.ts'
import { stages } from '../stages/index.ts'
import type { Stage, StageContext, StageScratch, StageVoice } from '../stages/stage.ts'
import type { Telemetry } from '../telemetry.ts'
import type { AccountDesk } from './access-provider.ts'
import { type StageContextDeps, toStageContext } from './stage-context.ts'
import type { TrafficDesk } from './traffic-desk.ts'

export interface AttemptStageDeps extends StageContextDeps {
  readonly accounts: AccountDesk
  readonly traffic: TrafficDesk
  readonly telemetry: Telemetry
  readonly clock: Clock
  /**
   * Waits for a place in a stage of which only so many may run at a time; returns how to leave it. Rejects when the
   * signal fires before that.
   */
  readonly enterStage: (stage: StageName, signal: AbortSignal) => Promise<() => void>
}

/** The stage that a holder is about to try. */
export interface Trial {
  readonly job: Job
  readonly plan: readonly Position[]
  readonly lease: Lease
  readonly scratch: StageScratch
  /** When the job entered the stage, on the monotonic clock. */
  readonly stageEnteredMs: number
  readonly awaitWritten: () => Promise<void>
}

/** One try of the stage. Null when it was interrupted and said nothing that could be recorded. */
export const attemptStage = async (
  deps: AttemptStageDeps,
  trial: Trial,
  voice: StageVoice,
): Promise<StageOutcome | null> => {
  const { job, lease } = trial
  const stage = stages[job.stage]
  lease.enterStage(job.stage)
  const overtime = new AbortController()
  try {
    const found = await unlessAborted(deps.accounts.find(job), lease.signal)
    if (found.outcome === 'busy') return hold(found.retryInMs, 'token', { notes: job.notes })
    if (found.outcome === 'failed') return toFailure(deps, found.error)
    const signal = AbortSignal.any([lease.signal, overtime.signal])
    const context = toContext(deps, trial, { ...found, voice, signal })
    const held = deps.traffic.hold(found.accountId, job.stage, () => probe(context))
    if (held !== null) return hold(held.forMs, held.reason, { notes: job.notes })
    const first = await runInItsPlace(deps, stage, context, overtime).catch((error: unknown) =>
      toOutcome(deps, lease, error),
    )
    const outcome = await doubtLoss(context, first)
    recordTraffic(deps, found.accountId, job, outcome)
    return await renewTokenOnce(deps, job, found, outcome)
  } catch (error) {
    if (lease.signal.aborted || error instanceof LeaseLost) return null
    if (overtime.signal.aborted) return fail('provider_unavailable', `stage ${job.stage} ran over its time`)
    deps.telemetry.state('attempt.crashed', { jobId: job.id, stage: job.stage, error })
    return fail('internal', 'an unexpected error; its details are in the log')
  }
}

/** What others wait for, too, goes on without a holder that has to let go of its job. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}

/** The stage's time begins when it has its place: standing in line is not its fault. */
const runInItsPlace = async (
  deps: AttemptStageDeps,
  stage: Stage,
  context: StageContext,
  overtime: AbortController,
): Promise<StageOutcome> => {
  const leave = await deps.enterStage(stage.name, context.signal)
  const cancelTimer = deps.clock.after(stage.timeoutMs(deps.timings), () => overtime.abort())
  try {
    context.signal.throwIfAborted()
    return await stage.run(context)
  } finally {
    cancelTimer()
    leave()
  }
}

const toContext = (
  deps: AttemptStageDeps,
  { job, plan, lease, scratch, stageEnteredMs, awaitWritten }: Trial,
  found: {
    readonly accountId: string
    readonly token: string
    readonly userId: string | null
    readonly voice: StageVoice
    readonly signal: AbortSignal
  },
): StageContext =>
  toStageContext(deps, {
    job,
    plan,
    accountId: found.accountId,
    token: found.token,
    userId: found.userId ?? job.providerUserId,
    stageMs: deps.clock.monotonicMs() - stageEnteredMs,
    scratch,
    voice: found.voice,
    signal: found.signal,
    lease,
    awaitWritten,
  })

const probeTimeoutMs = 10_000

const probe = async ({ provider, access }: StageContext): Promise<void> => {
  await provider.readCredits(access, AbortSignal.timeout(probeTimeoutMs))
}

/** A failed call is an ending of the stage, unless we cut it ourselves; anything else that is thrown is a surprise. */
const toOutcome = (deps: AttemptStageDeps, lease: Lease, error: unknown): StageOutcome => {
  if (error instanceof ProviderError && !lease.signal.aborted) return toFailure(deps, error)
  throw error
}

const toFailure = ({ timings }: AttemptStageDeps, error: ProviderError): StageOutcome =>
  fail(error.code, error.message, {
    retryAfterMs:
      error.retryAfterMs ?? (error.code === 'provider_rate_limited' ? timings.rateLimitWaitMs : null),
  })

/**
 * A session that the provider disowns may hold what was paid for, and a conversation ends with it: it is given up only
 * when it is not found by itself either.
 */
const doubtLoss = async (
  { job, provider, access, signal }: StageContext,
  outcome: StageOutcome,
): Promise<StageOutcome> => {
  const { providerSessionId } = job
  if (outcome.kind !== 'fail' || outcome.code !== 'provider_session_lost' || providerSessionId === null)
    return outcome
  try {
    await provider.readSession(access, providerSessionId, signal)
  } catch (error) {
    if (error instanceof ProviderError && error.code === 'provider_session_lost') return outcome
    if (!(error instanceof ProviderError)) throw error
  }
  return fail('provider_unavailable', `${outcome.message}; that is in doubt`, { patch: outcome.patch })
}

/** A 429 holds the whole account; what cannot be reached counts against its operation. */
const recordTraffic = (
  { traffic }: AttemptStageDeps,
  accountId: string,
  job: Job,
  outcome: StageOutcome,
): void => {
  const code = outcome.kind === 'fail' ? outcome.code : null
  if (code === 'provider_rate_limited' && outcome.kind === 'fail')
    traffic.pause(accountId, outcome.retryAfterMs ?? 0)
  else traffic.record(accountId, job.stage, code === 'provider_unavailable' ? 'unavailable' : 'answered')
}

/** A refused token is renewed once per stage, where the account can get another one. */
const renewTokenOnce = async (
  { accounts }: AttemptStageDeps,
  job: Job,
  { accountId, token }: { readonly accountId: string; readonly token: string },
  outcome: StageOutcome,
): Promise<StageOutcome> => {
  if (outcome.kind !== 'fail' || outcome.code !== 'provider_auth_failed') return outcome
  if (job.notes['token_renewed'] === true || !(await accounts.renounce(accountId, token))) return outcome
  return hold(0, 'token', { ...outcome.patch, notes: { ...job.notes, token_renewed: true } })
}
