import { Readable } from 'node:stream'
import type { Job } from '../../src/job/job.ts'
import type { StageOutcome } from '../../src/job/outcome.ts'
import { planFor } from '../../src/job/plan.ts'
import { stages } from '../../src/stages/index.ts'
import type {
  InputState,
  OpenedInput,
  OpenedPermit,
  Permit,
  PermitRequest,
  StageContext,
  StageTimings,
  StoredArtifact,
  StrayMessage,
} from '../../src/stages/stage.ts'
import { makeJob } from './job.ts'
import { createScriptedProvider, type ProviderScript } from './scripted-provider.ts'

export const stageTimings: StageTimings = {
  renderPollMs: 30_000,
  renderTimeoutMs: 600_000,
  messageMaxMs: 900_000,
  recoveryFirstMs: 30_000,
  recoveryEveryMs: 60_000,
  recoveryChecks: 5,
  rateLimitWaitMs: 30_000,
  confirmLooksMs: [0, 2_000, 5_000, 15_000],
}

export const permitOf = (permit: Partial<Permit> = {}): Permit => ({
  id: 'prm_1',
  try: 1,
  state: 'open',
  baseline: { fingerprint: 'empty', available: 1_000, frozen: 0 },
  creditsReserved: 100,
  ...permit,
})

export interface StageScript {
  readonly job?: Parameters<typeof makeJob>[0]
  readonly provider?: ProviderScript
  readonly stageMs?: number
  /** What is found when a permit is asked for; by default a new one is opened. */
  readonly permit?: OpenedPermit
  readonly openPermit?: Permit
  readonly wasAlone?: readonly boolean[]
  readonly sessionsMade?: number
  readonly isSessionUnused?: boolean
  readonly earlierInputs?: number
  readonly stray?: StrayMessage
  readonly hasMovedOn?: boolean
  /** How often the lease, when it is asked for, is still held. */
  readonly leaseIsHeldFor?: number
  /** What the mark of the permit says; that the message may leave, when left out. */
  readonly mayLeave?: boolean
  readonly isWithoutEffect?: boolean
  readonly tries?: { readonly notAccepted?: number; readonly notSent?: number }
  readonly signal?: AbortSignal
  /** Where to write what happens, for a run that may be rejected. */
  readonly journal?: string[]
  readonly inputStates?: readonly InputState[]
  readonly openedInput?: OpenedInput
  readonly stored?: StoredArtifact
  readonly scratch?: StageContext['scratch']
}

export interface StageRun {
  readonly outcome: StageOutcome
  /** Every call to the provider and to the desks, in order. */
  readonly journal: readonly string[]
  readonly asked: readonly PermitRequest[]
  readonly scratch: StageContext['scratch']
}

/** Runs the job's present stage once, with everything around it scripted. */
export const runStage = async (script: StageScript): Promise<StageRun> => {
  const journal = script.journal ?? []
  const asked: PermitRequest[] = []
  const job = makeJob(script.job)
  const scratch = script.scratch ?? {}
  const context = toContext(script, job, { journal, asked, scratch })
  const outcome = await stages[job.stage].run(context)
  return { outcome, journal, asked, scratch }
}

const toContext = (
  script: StageScript,
  job: Job,
  kept: { journal: string[]; asked: PermitRequest[]; scratch: StageContext['scratch'] },
): StageContext => {
  const { journal, asked, scratch } = kept
  const tell = (words: string): void => void journal.push(words)
  let asks = 0
  const alone = [...(script.wasAlone ?? [true])]
  const inputStates = [...(script.inputStates ?? [])]
  return {
    job,
    plan: planFor({
      messageCount: 1 + job.request.steps.length,
      hasInputs: job.request.inputs.length > 0,
      purpose: job.request.purpose,
    }),
    provider: createScriptedProvider(script.provider ?? {}, journal),
    accountId: 'acc_1',
    access: { token: 'token', attribution: { source: 's', version: '1', platform: 'p' } },
    timings: stageTimings,
    signal: script.signal ?? new AbortController().signal,
    stageMs: script.stageMs ?? 0,
    scratch,
    newSessionRowId: () => 'ses_new',
    messageText: (no) => Promise.resolve(`message ${no}`),
    estimatedCredits: (no) => (no === 0 ? 100 : 50),
    tell: {
      progress: (fraction) => tell(`progress ${fraction.toFixed(2)}`),
      message: (text) => tell(`message ${JSON.stringify(text)}`),
    },
    permits: {
      open: (request) => {
        asked.push(request)
        tell('permit: open')
        return Promise.resolve(
          script.permit ?? { outcome: 'opened', permit: permitOf({ baseline: request.baseline }) },
        )
      },
      mayLeave: () => script.mayLeave ?? true,
      accept: (id) => {
        tell(`permit: accept ${id}`)
        return Promise.resolve()
      },
      disclaim: (id, { state, detail }) =>
        tell(`permit: disclaim ${id} as ${state} ${JSON.stringify(detail)}`),
      countTries: () => Promise.resolve({ notAccepted: 0, notSent: 0, ...script.tries }),
      giveUp: () => Promise.resolve(script.isWithoutEffect ?? false),
      findOpen: () => Promise.resolve(script.openPermit ?? null),
      wasAlone: () => {
        tell('permit: was it alone?')
        return Promise.resolve((alone.length > 1 ? alone.shift() : alone[0]) ?? true)
      },
    },
    inputs: {
      start: (no, _session, { filename, hash }) => {
        tell(`input ${no}: start ${filename} ${hash}`)
        return Promise.resolve(inputStates.shift() ?? 'fresh')
      },
      acknowledge: ({ no, provider_url }) => {
        tell(`input ${no}: acknowledge ${provider_url}`)
        return Promise.resolve()
      },
      countEarlier: () => Promise.resolve(script.earlierInputs ?? 0),
      openUpload: () => Promise.resolve(script.openedInput ?? openedFile(journal)),
      fetchUrl: () => Promise.resolve(script.openedInput ?? openedFile(journal)),
    },
    artifacts: {
      store: ({ body }) => {
        body.destroy()
        if (script.stored === undefined) throw new Error('the test does not script "stored"')
        return Promise.resolve(script.stored)
      },
    },
    sessions: {
      countMade: () => Promise.resolve(script.sessionsMade ?? 1),
      isUnused: () => Promise.resolve(script.isSessionUnused ?? true),
      findStray: () => Promise.resolve(script.stray ?? null),
      hasMovedOn: () => Promise.resolve(script.hasMovedOn ?? false),
    },
    lease: {
      isHeld: () => {
        tell('lease: is held')
        asks += 1
        return asks <= (script.leaseIsHeldFor ?? Number.POSITIVE_INFINITY)
      },
    },
  }
}

const openedFile = (journal: string[]): OpenedInput => ({
  outcome: 'file',
  file: {
    filename: 'fox.png',
    contentType: 'image/png',
    sizeBytes: 3,
    open: () => Promise.resolve(Readable.from(['fox'])),
  },
  sha256: 'abc',
  discard: () => {
    journal.push('input: discard')
    return Promise.resolve()
  },
})
