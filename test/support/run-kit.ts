import type { AccessResult } from '../../src/actions/access-provider.ts'
import { type RunStageDeps, runStages } from '../../src/actions/run-stage.ts'
import type { Hold } from '../../src/actions/traffic-desk.ts'
import type { Job } from '../../src/job/job.ts'
import type { Lease, StopReason } from '../../src/job/leases.ts'
import type { OpenPermitResult, PermitRow } from '../../src/store/permits.ts'
import type { Claim, TransitionInput, TransitionResult } from '../../src/store/writer.ts'
import type { FactName } from '../../src/telemetry.ts'
import { createManualClock, type ManualClock } from './clock.ts'
import { makeJob } from './job.ts'
import { createScriptedProvider, type ProviderScript } from './scripted-provider.ts'
import { skillEstimates } from './skill-estimates.ts'
import { permitOf, stageTimings } from './stage-kit.ts'

export interface RunScript {
  readonly job?: Parameters<typeof makeJob>[0]
  readonly claim?: Partial<Omit<Claim, 'job'>> | null
  readonly provider?: ProviderScript
  /** Answers to transitions, in order; after the last one all are applied. An error is thrown. */
  readonly transitions?: readonly ((
    input: TransitionInput,
  ) => TransitionResult | Promise<TransitionResult> | Error)[]
  readonly access?: readonly AccessResult[]
  readonly isRenounced?: boolean
  readonly hold?: Hold
  readonly openPermits?: readonly PermitRow[]
  readonly permit?: OpenPermitResult
  readonly wasAlone?: boolean
  /** Called with each call to the provider and each transition, before it is answered. */
  readonly onStep?: (words: string, kit: RunKit) => void
  readonly deps?: Partial<RunStageDeps>
}

/** A lease that the test takes away, and that remembers whether it was let go. */
export interface HandLease extends Lease {
  stop(reason: StopReason): void
  /** The reason to stop, without a signal: how a spared stage is treated. */
  spare(): void
  readonly stages: readonly string[]
  readonly isEnded: boolean
  readonly sinceMs: number
}

export interface RunKit {
  readonly clock: ManualClock
  readonly transitions: TransitionInput[]
  readonly journal: string[]
  readonly facts: { readonly fact: FactName; readonly details: Readonly<Record<string, unknown>> }[]
  readonly answered: string[]
  readonly traffic: string[]
  lease: HandLease
  run(): Promise<void>
}

export const readyAccess: AccessResult = {
  outcome: 'ready',
  accountId: 'acc_1',
  token: 'token_1',
  userId: null,
  isAnonymous: false,
  expiresAt: null,
}

/** Everything around `runStages`: stores as fakes at their interfaces, the provider scripted, the time by hand. */
export const createRunKit = (script: RunScript = {}): RunKit => {
  const clock = createManualClock()
  let job = makeJob(script.job)
  const kit: RunKit = {
    clock,
    transitions: [],
    journal: [],
    facts: [],
    answered: [],
    traffic: [],
    lease: createHandLease(0),
    run: () =>
      runStages(
        toDeps(
          script,
          kit,
          () => job,
          (next) => {
            job = next
          },
        ),
        job.id,
      ),
  }
  return kit
}

const toDeps = (
  script: RunScript,
  kit: RunKit,
  current: () => Job,
  advance: (job: Job) => void,
): RunStageDeps => {
  const { clock, journal } = kit
  const step = (words: string): void => {
    journal.push(words)
    script.onStep?.(words, kit)
  }
  const telling = new Proxy(journal, {
    get: (target, key) => (key === 'push' ? (words: string) => step(words) : Reflect.get(target, key)),
  })
  const answers = [...(script.transitions ?? [])]
  const access = [...(script.access ?? [readyAccess])]
  return {
    clock,
    random: () => 0.5,
    timings: stageTimings,
    platform: 'test',
    estimates: skillEstimates,
    provider: createScriptedProvider(script.provider ?? {}, telling),
    writer: {
      claimJob: () =>
        Promise.resolve(
          script.claim === null
            ? null
            : { job: current(), isCancelRequested: false, stageMs: 0, deadlineInMs: null, ...script.claim },
        ),
      transitionJob: (input) => {
        kit.transitions.push(input)
        step(`transition: ${input.verb}`)
        const seq = current().seq + (input.events?.length ?? 0)
        const applied: TransitionResult = {
          outcome: 'applied',
          seq,
          epoch: current().epoch,
          isCancelRequested: false,
          deliveries: [],
        }
        const result = answers.shift()?.(input) ?? applied
        if (result instanceof Error) return Promise.reject(result)
        advance({ ...current(), seq })
        return Promise.resolve(result)
      },
      renewLeases: () => Promise.resolve({ lost: [], canceled: [] }),
      idle: () => Promise.resolve(),
      stats: { statements: 0, operations: 0 },
    },
    leases: {
      take: (_jobId, _epoch, sinceMs) => {
        kit.lease = createHandLease(sinceMs)
        step('lease: taken')
        return kit.lease
      },
    },
    accounts: {
      find: () => Promise.resolve((access.length > 1 ? access.shift() : access[0]) ?? readyAccess),
      renounce: (accountId, token) => {
        step(`renounce ${token} of ${accountId}`)
        return Promise.resolve(script.isRenounced ?? false)
      },
    },
    traffic: {
      hold: () => script.hold ?? null,
      record: (_accountId, stage, ending) => void kit.traffic.push(`${stage} ${ending}`),
      pause: (accountId, forMs) => void kit.traffic.push(`pause ${accountId} ${forMs}`),
    },
    telemetry: { state: (fact, details) => void kit.facts.push({ fact, details: { ...details } }) },
    permits: {
      open: ({ baseline }) => {
        step('permit: open')
        return Promise.resolve(script.permit ?? { outcome: 'opened', permit: permitOf({ baseline }) })
      },
      mayLeave: () => true,
      accept: () => Promise.resolve(true),
      wasAlone: () => Promise.resolve(script.wasAlone ?? true),
      disclaim: (id, { state }) => {
        step(`disclaim ${id} as ${state}`)
        return Promise.resolve(true)
      },
      countTries: () => Promise.resolve({ notAccepted: 0, notSent: 0 }),
      giveUp: () => Promise.resolve(false),
      listOpen: () => Promise.resolve(script.openPermits ?? []),
      stats: { statements: 0, operations: 0 },
    },
    jobInputs: { start: () => Promise.resolve('fresh'), acknowledge: () => Promise.resolve() },
    media: {
      openUpload: () => Promise.resolve({ outcome: 'text', text: 'from a file' }),
      readText: () => Promise.resolve('from a file'),
      readFetchedText: () => Promise.resolve(null),
      fetchUrl: () => Promise.resolve({ outcome: 'refused', code: 'invalid_input', detail: 'no' }),
      storeArtifact: (_job, { body }) => {
        body.destroy()
        return Promise.resolve({ outcome: 'invalid', reason: 'no video' })
      },
    },
    countSessions: () => Promise.resolve(1),
    isSessionUnused: () => Promise.resolve(true),
    findStrayMessage: () => Promise.resolve(null),
    hasSessionMovedOn: () => Promise.resolve(false),
    countEarlierInputs: () => Promise.resolve(0),
    enterStage: (stage) => {
      step(`enter ${stage}`)
      return Promise.resolve(() => step(`leave ${stage}`))
    },
    answerDeliveries: (deliveryIds) => {
      kit.answered.push(...deliveryIds)
    },
    ...script.deps,
  }
}

const createHandLease = (sinceMs: number): HandLease => {
  const controller = new AbortController()
  const stages: string[] = []
  let stopReason: StopReason | null = null
  let isEnded = false
  return {
    sinceMs,
    stages,
    signal: controller.signal,
    get stopReason() {
      return stopReason
    },
    get isEnded() {
      return isEnded
    },
    stop(reason) {
      stopReason = reason
      controller.abort(reason)
    },
    spare() {
      stopReason = 'stopping'
    },
    isHeld: () => stopReason !== 'lost',
    enterStage: (stage) => void stages.push(stage),
    end() {
      isEnded = true
    },
  }
}
