/**
 * One job at a time, and its worker broken at the first operation, at the second, and so on, until a job comes through
 * unbroken. After each break a fresh worker has to finish the job.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { audit } from '../../../src/cli/prove/audit.ts'
import type { DrillReport } from '../../../src/cli/prove/drill.ts'
import { scaledSettings } from '../../../src/cli/prove/drill-settings.ts'
import type { Disturbance, Submit } from '../../../src/cli/prove/evidence.ts'
import { startLoad } from '../../../src/cli/prove/load.ts'
import { openProvingGround, type ProvingGround } from '../../../src/cli/prove/proving-ground.ts'
import type { ServiceProcess } from '../../../src/cli/prove/service-process.ts'
import type { RunSetting, Watching } from '../chaos-run.ts'
import { verifyWithLibrary } from '../verify.ts'
import { type BreakPlan, breakPlanVariable } from './break-plan.ts'

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
    const broken = createBreaker(ground, { planFile, journal: join(dataDir, 'breaks'), signal })
    const submits: Submit[] = []
    let unbroken = 0
    for (let no = 0; no < jobs && unbroken < 3 && !stopSignal.aborted; no += 1) {
      const at = 1 + (seed % stride) + no * stride
      const disturbance = await broken(at, () => submitOne(ground, `sweep-${at}`, submits))
      if (disturbance === null) unbroken += 1
      else onStrike?.(disturbance)
    }
    onStage?.('settling')
    await ground.settle(submits, { timeoutMs: jobTimeoutMs, signal: stopSignal })
    const evidence = await ground.collect(submits, broken.disturbances)
    return {
      evidence,
      verdict: audit(evidence),
      faults: unbroken > 0 ? [] : ['no job came through unbroken: there are more operations than were tried'],
      accidents: [],
      loadMs: performance.now() - startedMs,
      settleMs: 0,
    }
  } finally {
    await ground.stop()
  }
}

const submitOne = async (ground: ProvingGround, name: string, submits: Submit[]): Promise<string> => {
  const load = startLoad({
    url: ground.apiUrl,
    apiKey: ground.apiKey,
    name,
    wants: (no) => no < 1,
    window: 1,
    ended: () => 0,
    bodyOf: () => ({ prompt: `a lighthouse, ${name}`, callback: { url: ground.receiver.url } }),
    patienceMs: jobTimeoutMs,
  })
  await load.done
  submits.push(...load.submits)
  const jobId = load.submits[0]?.jobId
  if (typeof jobId !== 'string') throw new Error('the job was not accepted')
  return jobId
}

/** Breaks the only worker at an operation of the job that is submitted, and sees to it that the job ends. */
const createBreaker = (
  ground: ProvingGround,
  given: { readonly planFile: string; readonly journal: string; readonly signal: BreakPlan['signal'] },
) => {
  const disturbances: Disturbance[] = []

  const breakAt = async (at: number, submit: () => Promise<string>): Promise<Disturbance | null> => {
    const worker = await untilReady(ground)
    await arm(worker, { at, signal: given.signal, journal: given.journal }, given.planFile)
    const jobId = await submit()
    const fromMs = Date.now()
    const ending = await Promise.race([untilQuiet(ground, jobId), untilBroken(worker)])
    if (ending === 'quiet') {
      await untilOther(ground, worker)
      return null
    }
    if (given.signal === 'SIGSTOP') await wakeAsZombie(ground, worker)
    if ((await untilQuiet(ground, jobId)) === 'late') throw new Error(`${jobId} has not ended`)
    const last = (await readFile(given.journal, 'utf8')).trimEnd().split('\n').at(-1) ?? ''
    const disturbance = { name: `worker broken`, detail: last, fromMs, untilMs: Date.now() }
    disturbances.push(disturbance)
    return disturbance
  }
  return Object.assign(breakAt, { disturbances })
}

const untilReady = async ({ workers }: ProvingGround): Promise<ServiceProcess> => {
  for (;;) {
    const [worker] = workers.members
    if (worker !== undefined) return worker
    await pause(pollMs)
  }
}

/** The worker has read its plan when the file is gone. */
const arm = async (worker: ServiceProcess, plan: BreakPlan, planFile: string): Promise<void> => {
  await writeFile(planFile, JSON.stringify(plan))
  worker.signal('SIGUSR2')
  while (await isThere(planFile)) await pause(pollMs)
}

const isThere = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  )

/** A worker that has counted past its plan is replaced, so that the next one counts from the beginning. */
const untilOther = async ({ workers }: ProvingGround, worker: ServiceProcess): Promise<void> => {
  await workers.add()
  await workers.retire(worker)
}

const untilBroken = async (worker: ServiceProcess): Promise<'broken'> => {
  let hasEnded = false
  void worker.ended.then(() => {
    hasEnded = true
  })
  while (!hasEnded && (await readState(worker.pid)) !== 'T') await pause(pollMs)
  return 'broken'
}

const readState = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^\d+ \(.*\) (\S)/s.exec(stat)?.[1] ?? 'gone'
}

/** Another worker takes over; the frozen one wakes up when its lease has long run out, and then goes home. */
const wakeAsZombie = async ({ workers }: ProvingGround, zombie: ServiceProcess): Promise<void> => {
  await workers.add()
  await pause(2 * leaseMs)
  zombie.signal('SIGCONT')
  await pause(leaseMs)
  await workers.retire(zombie)
}

/** Resolves when the job has ended and its callback was taken, or when it is too late. */
const untilQuiet = async ({ rows }: ProvingGround, jobId: string): Promise<'quiet' | 'late'> => {
  const giveUpAtMs = performance.now() + jobTimeoutMs
  while (performance.now() < giveUpAtMs) {
    const { rows: found } = await rows.query(
      `SELECT 1 FROM jobs j WHERE j.id = '${jobId}' AND j.finished_at IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM callback_deliveries d WHERE d.job_id = j.id AND d.state = 'waiting')`,
    )
    if (found.length > 0) return 'quiet'
    await pause(pollMs)
  }
  return 'late'
}
