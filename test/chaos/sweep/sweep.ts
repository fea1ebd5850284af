/**
 * One job at a time, and its worker broken at each crash point by its name, and then at the first operation, at the
 * second, and so on, until a job comes through unbroken. After each break a fresh worker has to finish the job.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { audit } from '../../../src/cli/prove/audit.ts'
import { tally } from '../../../src/cli/prove/dossier.ts'
import type { DrillReport } from '../../../src/cli/prove/drill.ts'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { Disturbance, Evidence, Submit } from '../../../src/cli/prove/evidence.ts'
import { startLoad } from '../../../src/cli/prove/load.ts'
import { openProvingGround, type ProvingGround } from '../../../src/cli/prove/proving-ground.ts'
import type { Queryable } from '../../../src/cli/prove/read-rows.ts'
import type { ServiceProcess } from '../../../src/cli/prove/service-process.ts'
import { png } from '../../integration/api/media.ts'
import type { RunSetting, Watching } from '../chaos-run.ts'
import { verifyWithLibrary } from '../verify.ts'
import { type BreakPlan, breakPlanVariable } from './break-plan.ts'
import { type CrashPoint, crashPoints } from './crash-points.ts'

const leaseMs = 1_000
const pollMs = 20
/** How long a job may take, its rescue included. */
const jobTimeoutMs = 60_000

const settings = {
  ...scaledSettings,
  LEASE_MS: String(leaseMs),
  NEMO_RENDER_POLL_MS: '50',
  NEMO_RECOVERY_FIRST_MS: '150',
  NEMO_RECOVERY_EVERY_MS: '200',
  CALLBACK_TIMEOUT_MS: '1000',
}

export interface SweepOptions {
  readonly signal: BreakPlan['signal']
  /** Every how many operations one is broken at; the seed decides which. */
  readonly stride: number
}

export const sweep = async (
  { seed, jobs, dataDir, redis }: RunSetting,
  { signal: stopSignal, onStage, onStrike }: Watching,
  { signal, stride }: SweepOptions,
): Promise<DrillReport> => {
  onStage?.('starting')
  const planFile = join(dataDir, 'break-plan.json')
  const ground = await openProvingGround({
    dataDir,
    workers: 1,
    timeFactor: 1 / 1_000,
    settings: { ...settings, [breakPlanVariable]: planFile },
    workerNodeArgs: ['--import', fileURLToPath(new URL('break-at.ts', import.meta.url))],
    verify: verifyWithLibrary,
    answer: () => 204,
    ...(redis !== null && { redisUrl: redis.url }),
  })
  try {
    onStage?.('running')
    const startedMs = performance.now()
    const breaker = createBreaker(ground, {
      planFile,
      journal: join(dataDir, 'breaks'),
      breakWith: signal,
      stopSignal,
    })
    const submits: Submit[] = []
    const uploadId = await upload(ground)
    const submitNamed = (name: string) => submitOne(ground, { name, uploadId }, submits)
    const faults: string[] = []
    const broken = new Map<CrashPoint, string>()
    for (const point of crashPoints) {
      if (stopSignal.aborted) break
      const disturbance = await breaker.breakAt(point, async () => {
        const jobId = await submitNamed(point.name.replaceAll(/\W+/g, '-'))
        broken.set(point, jobId)
        return jobId
      })
      if (disturbance === null) faults.push(`no worker came to the point “${point.name}”`)
      else onStrike?.(disturbance)
    }
    let unbroken = 0
    for (let no = 0; no < jobs && unbroken < 3 && !stopSignal.aborted; no += 1) {
      const at = 1 + (seed % stride) + no * stride
      const point = { name: `operation ${at}`, path: at }
      const disturbance = await breaker.breakAt(point, () => submitNamed(`sweep-${at}`))
      if (disturbance === null) unbroken += 1
      else onStrike?.(disturbance)
    }
    if (unbroken === 0) faults.push('no job came through unbroken: there are more operations than were tried')
    onStage?.('settling')
    await ground.settle(submits, { timeoutMs: jobTimeoutMs, signal: stopSignal })
    const evidence = await ground.collect(submits, breaker.disturbances)
    return {
      evidence,
      verdict: audit(evidence),
      faults: [...faults, ...findNeedlesslyUnknown(broken, evidence), ...findDoubledUploads(evidence)],
      accidents: [],
      loadMs: performance.now() - startedMs,
      settleMs: 0,
    }
  } finally {
    await ground.stop()
  }
}

/** A message is of unknown fate only where its worker is lost while it leaves. */
const findNeedlesslyUnknown = (
  broken: ReadonlyMap<CrashPoint, string>,
  { jobs }: Evidence,
): readonly string[] => {
  const unknown = new Set(
    jobs.filter(({ failureCode }) => failureCode === 'generation_outcome_unknown').map(({ id }) => id),
  )
  return [...broken].flatMap(([{ name, isUnknowable }, jobId]) =>
    unknown.has(jobId) && isUnknowable !== true
      ? [`the outcome of ${jobId} is unknown, whose worker was lost at “${name}”`]
      : [],
  )
}

/** A session is handed its input once, whatever happens; a job may need more than one session. */
const findDoubledUploads = ({ ledger }: Evidence): readonly string[] => {
  const accepted = ledger.flatMap((row) =>
    row.kind === 'upload' && row.verdict === 'accepted' ? row.session_id : [],
  )
  return [...tally(accepted, (id) => id)].flatMap(([id, times]) =>
    times > 1 ? [`session ${id} was handed its input ${times} times`] : [],
  )
}

const upload = async ({ apiUrl, apiKey }: ProvingGround): Promise<string> => {
  const response = await fetch(`${apiUrl}/v1/uploads`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/octet-stream',
      'x-filename': 'fox.png',
    },
    body: new Uint8Array(png),
  })
  if (!response.ok) throw new Error(`the upload was answered ${response.status}`)
  const { id } = (await response.json()) as { readonly id: string }
  return id
}

const submitOne = async (
  ground: ProvingGround,
  { name, uploadId }: { readonly name: string; readonly uploadId: string },
  submits: Submit[],
): Promise<string> => {
  const load = startLoad({
    url: ground.apiUrl,
    apiKey: ground.apiKey,
    name,
    wants: (no) => no < 1,
    window: 1,
    ended: () => 0,
    bodyOf: () => ({
      prompt: `a lighthouse, ${name}`,
      inputs: [{ upload_id: uploadId }],
      callback: { url: ground.receiver.url },
    }),
    patienceMs: jobTimeoutMs,
  })
  await load.done
  submits.push(...load.submits)
  const jobId = load.submits[0]?.jobId
  if (typeof jobId !== 'string') throw new Error('the job was not accepted')
  return jobId
}

interface BreakerOptions {
  readonly planFile: string
  readonly journal: string
  readonly breakWith: BreakPlan['signal']
  readonly stopSignal: AbortSignal
}

/** Breaks the only worker at an operation of the job that is submitted, and sees to it that the job ends. */
const createBreaker = (
  ground: ProvingGround,
  { planFile, journal, breakWith, stopSignal }: BreakerOptions,
) => {
  const disturbances: Disturbance[] = []
  const { workers, rows } = ground

  /** Resolves with the first answer that is not null. Rejects when the sweep is stopped, or nothing comes. */
  const until = async <T>(what: string, ask: () => Promise<T | null> | T | null): Promise<T> => {
    const giveUpAtMs = performance.now() + jobTimeoutMs
    while (performance.now() < giveUpAtMs) {
      const answer = await ask()
      if (answer !== null) return answer
      await pause(pollMs, undefined, { signal: stopSignal })
    }
    throw new Error(`${what} takes too long`)
  }

  /** The worker has read its plan when the file is gone. */
  const arm = async (worker: ServiceProcess, at: BreakPlan['at']): Promise<void> => {
    await writeFile(planFile, JSON.stringify({ at, signal: breakWith, journal } satisfies BreakPlan))
    worker.signal('SIGUSR2')
    await until('reading the plan', async () => ((await isThere(planFile)) ? null : true))
  }

  /** Another worker takes over; the frozen one wakes up when its lease has long run out, and then goes home. */
  const wakeAsZombie = async (zombie: ServiceProcess): Promise<void> => {
    await workers.add()
    await pause(2 * leaseMs)
    zombie.signal('SIGCONT')
    await pause(leaseMs)
    await workers.retire(zombie)
  }

  return {
    disturbances,
    /** What the operation was; null when the job came through without coming to it. */
    async breakAt(
      { name, path }: { readonly name: string; readonly path: BreakPlan['at'] },
      submit: () => Promise<string>,
    ): Promise<Disturbance | null> {
      const worker = await until('a worker', () => workers.members[0] ?? null)
      await arm(worker, path)
      const fromMs = Date.now()
      const jobId = await submit()
      const ending = await until('the job', async () =>
        (await isBroken(worker)) ? 'broken' : (await isQuiet(rows, jobId)) ? 'quiet' : null,
      )
      if (ending === 'quiet') {
        // It has counted, or was broken behind the end: the next one begins anew.
        await workers.add()
        worker.signal('SIGCONT')
        await workers.retire(worker)
        return null
      }
      if (breakWith === 'SIGSTOP') await wakeAsZombie(worker)
      // A dead one stays a member until its end is noticed, and must not be given the next plan.
      else await worker.ended
      await until(`the end of ${jobId}`, async () => ((await isQuiet(rows, jobId)) ? true : null))
      const operation = (await readFile(journal, 'utf8')).trimEnd().split('\n').at(-1) ?? ''
      const detail = `${name}: ${operation}`
      const disturbance = { name: 'worker broken', detail, fromMs, untilMs: Date.now() }
      disturbances.push(disturbance)
      return disturbance
    },
  }
}

const isThere = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  )

/** Gone, or stopped. */
const isBroken = async ({ pid }: ServiceProcess): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, state = 'gone'] = /^\d+ \(.*\) (\S)/s.exec(stat) ?? []
  return state === 'gone' || state === 'T' || state === 'Z'
}

/** The job has ended and its callback was taken. */
const isQuiet = async (rows: Queryable, jobId: string): Promise<boolean> => {
  const { rows: found } = await rows.query(
    `SELECT 1 FROM jobs j WHERE j.id = '${jobId}' AND j.finished_at IS NOT NULL AND NOT EXISTS (
       SELECT 1 FROM callback_deliveries d WHERE d.job_id = j.id AND d.state = 'waiting')`,
  )
  return found.length > 0
}
