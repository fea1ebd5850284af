/** A drill: so many jobs, while things go wrong by plan; then quiet, and the audit. */
import type { IncomingHttpHeaders } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { JobRequest } from '../../client/index.ts'
import { systemClock } from '../../clock.ts'
import { audit, type Verdict } from './audit.ts'
import type { Disturbance, Evidence, ReceiverCall } from './evidence.ts'
import { type Load, type LoadOptions, startLoad } from './load.ts'
import { type Disaster, type Nemesis, startNemesis } from './nemesis.ts'
import { addFaults, clearFaults, type SandboxFault } from './provider-ledger.ts'
import { type Detour, openProvingGround, type ProvingGround } from './proving-ground.ts'
import { createSeededRandom, type SeededRandom } from './seeded-random.ts'

/** What is done to whom, without how much of it. */
export interface Drill {
  readonly workers: number
  /** How much faster than the provider the sandbox is. */
  readonly timeFactor: number
  /** Settings of the service. */
  readonly settings: Readonly<Record<string, string>>
  /** Jobs that may be unfinished at a time. */
  readonly window: number
  readonly bodyOf: (no: number, random: SeededRandom) => JobRequest
  readonly faults: readonly SandboxFault[]
  /** The share of callbacks that the receiver answers with an error. */
  readonly receiverFails: number
  readonly disasters: (ground: ProvingGround) => readonly Disaster[]
  /** Made ready before the first job. */
  readonly prepare?: (ground: ProvingGround) => Promise<void>
  /** Looked at when all is quiet: what is not as it should be, in words. */
  readonly inspect?: (ground: ProvingGround) => Promise<readonly string[]>
  /** What the workers reach in place of the real thing. */
  readonly detour?: Detour
  /** How the load differs from a careful client's. */
  readonly load?: Pick<LoadOptions, 'hands' | 'perSecond' | 'onResponse'> & { readonly patienceMs?: number }
  /** Calls that other receivers than the ground's have caught. */
  readonly moreCalls?: () => readonly ReceiverCall[]
  /** How long the rest may take once nothing is disturbed any more. */
  readonly settleMs: number
  readonly workerNodeArgs?: readonly string[]
}

/** So many jobs, or as many as fit in the time; with both, whatever is reached first. */
export interface Amount {
  readonly jobs?: number
  readonly minutes?: number
}

export interface DrillOptions {
  readonly seed: number
  readonly dataDir: string
  readonly redisUrl?: string
  readonly amount: Amount
  readonly verify: (secret: string, headers: IncomingHttpHeaders, body: Buffer) => boolean
  /** Ends the drill early; everything that it started is stopped, and it rejects. */
  readonly signal: AbortSignal
  readonly onStage?: (stage: 'starting' | 'running' | 'settling' | 'auditing') => void
  readonly onProgress?: (progress: { readonly accepted: number; readonly ended: number }) => void
  readonly onStrike?: (disturbance: Disturbance) => void
}

export interface DrillReport {
  readonly verdict: Verdict
  readonly evidence: Evidence
  /** What `inspect` found. */
  readonly faults: readonly string[]
  readonly accidents: readonly string[]
  readonly loadMs: number
  readonly settleMs: number
}

/** Disturbing goes on until this share of what was accepted has ended, or the laggards have had their time. */
const calmShare = 0.95
const laggardMs = 45_000
const submitPatienceMs = 120_000
const progressEveryMs = 250

export const runDrill = async (drill: Drill, options: DrillOptions): Promise<DrillReport> => {
  options.onStage?.('starting')
  const answers = createSeededRandom(options.seed + 1)
  const ground = await openProvingGround({
    ...drill,
    dataDir: options.dataDir,
    ...(options.redisUrl !== undefined && { redisUrl: options.redisUrl }),
    verify: options.verify,
    answer: () => (answers.next() < drill.receiverFails ? 503 : 204),
  })
  try {
    return await disturbAndAudit(ground, drill, options)
  } finally {
    await ground.stop()
  }
}

const disturbAndAudit = async (
  ground: ProvingGround,
  drill: Drill,
  options: DrillOptions,
): Promise<DrillReport> => {
  const { signal } = options
  signal.throwIfAborted()
  await drill.prepare?.(ground)
  await addFaults(ground.sandboxUrl, drill.faults)
  const startedMs = performance.now()
  options.onStage?.('running')
  const { submits, disturbances } = await loadAndDisturb(ground, drill, options)
  await clearFaults(ground.sandboxUrl)
  const calmMs = performance.now()
  options.onStage?.('settling')
  await ground.settle(submits, { timeoutMs: drill.settleMs, signal })
  const quietMs = performance.now()
  options.onStage?.('auditing')
  const collected = await ground.collect(submits, disturbances)
  const evidence = { ...collected, calls: [...collected.calls, ...(drill.moreCalls?.() ?? [])] }
  return {
    evidence,
    verdict: audit(evidence),
    faults: [
      ...ground.workers.crashes,
      ...(await findIdleTransactions(ground)),
      ...((await drill.inspect?.(ground)) ?? []),
    ],
    accidents: ground.workers.accidents,
    loadMs: calmMs - startedMs,
    settleMs: quietMs - calmMs,
  }
}

/** Rejects with the first thing that the nemesis could not do: a run without its faults proves nothing. */
const loadAndDisturb = async (ground: ProvingGround, drill: Drill, options: DrillOptions) => {
  const load = submitJobs(ground, drill, options)
  const nemesis = disturb(ground, drill, options, load)
  try {
    await untilMostHaveEnded(ground, load, options)
  } finally {
    load.stop()
    await nemesis.stop()
  }
  return { submits: load.submits, disturbances: nemesis.log }
}

const submitJobs = (ground: ProvingGround, drill: Drill, { seed, amount }: DrillOptions): Load => {
  const { jobs = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = amount
  const endAtMs = performance.now() + minutes * 60_000
  return startLoad({
    url: ground.apiUrl,
    apiKey: ground.apiKey,
    name: `drill-${seed}`,
    wants: (no) => no < jobs && performance.now() < endAtMs,
    window: drill.window,
    ended: () => ground.unrest().ended,
    bodyOf: (no) => ({
      callback: { url: ground.receiver.url },
      ...drill.bodyOf(no, createSeededRandom(seed * 1_000_003 + no)),
    }),
    patienceMs: submitPatienceMs,
    ...drill.load,
  })
}

const disturb = (
  ground: ProvingGround,
  drill: Drill,
  { seed, amount, onStrike }: DrillOptions,
  load: Load,
): Nemesis => {
  const startedMs = performance.now()
  const { jobs = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = amount
  const shareDone = (): number =>
    Math.max(
      Math.min(ground.unrest().ended, load.submits.length) / jobs,
      (performance.now() - startedMs) / (minutes * 60_000),
    )
  return startNemesis({
    disasters: drill.disasters(ground),
    seed,
    nowMs: systemClock.nowMs,
    shareDone,
    ...(onStrike && { onStrike }),
  })
}

const untilMostHaveEnded = async (
  ground: ProvingGround,
  load: Load,
  { onProgress, signal }: DrillOptions,
): Promise<void> => {
  const tell = () => onProgress?.({ accepted: load.submits.length, ended: ground.unrest().ended })
  const telling = setInterval(tell, progressEveryMs)
  try {
    await unlessAborted(load.done, signal)
    const giveUpAtMs = performance.now() + laggardMs
    while (performance.now() < giveUpAtMs && ground.unrest().ended < load.submits.length * calmShare)
      await pause(progressEveryMs, undefined, { signal })
  } finally {
    clearInterval(telling)
    tell()
  }
}

const unlessAborted = (work: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

/** Transactions that nobody works on hold locks, and keep the database from tidying up. */
const findIdleTransactions = async ({ rows }: ProvingGround): Promise<readonly string[]> => {
  const { rows: idle } = await rows.query(
    `SELECT pid FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '5 s'`,
  )
  return idle.length === 0 ? [] : [`${idle.length} transactions were left open`]
}
