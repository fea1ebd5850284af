/** The proof on this machine: the whole service in a folder of its own, and everything that may befall it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyCallback } from '../../callbacks/signature.ts'
import { systemClock } from '../../clock.ts'
import { exitCodes } from '../exit.ts'
import { abortOnSignals } from '../signals.ts'
import { killWorkers, restartDatabase } from './disasters.ts'
import { type Drill, type DrillOptions, runDrill } from './drill.ts'
import { toDrillJob } from './drill-jobs.ts'
import { scaledSettings, scaledTimeFactor } from './drill-settings.ts'
import { createProofView, type ProofView } from './proof-view.ts'
import type { SandboxFault } from './provider-ledger.ts'
import { tellVerdict } from './tell-verdict.ts'

export interface ProofOptions {
  readonly amount: DrillOptions['amount']
  readonly seed: number
  readonly isJson: boolean
}

const failsNow = (endpoint: string, set: SandboxFault['set'], probability: number): SandboxFault => ({
  endpoint,
  set,
  probability,
})

const safeEndpoints = ['create_session', 'balance', 'state', 'render_submit', 'render_poll', 'cdn_render']

const drill: Drill = {
  workers: 3,
  timeFactor: scaledTimeFactor,
  settings: { ...scaledSettings, LEASE_MS: '2000' },
  window: 60,
  bodyOf: toDrillJob(0.2),
  faults: [
    ...safeEndpoints.flatMap((endpoint) => [
      failsNow(endpoint, { 'http.status': 503 }, 0.05),
      failsNow(endpoint, { 'http.reset': 'after' }, 0.05),
    ]),
    failsNow('run_sse', { 'http.status': 503 }, 0.05),
    failsNow('run_sse', { 'http.statusAfter': 500 }, 0.03),
    failsNow('run_sse', { 'stream.cutAfterFrames': 2 }, 0.05),
  ],
  receiverFails: 0.3,
  disasters: (ground) => [
    killWorkers(ground, 3_000),
    restartDatabase(ground, [0.3, 0.6, 0.9], ['fast', 'immediate', 'kill']),
  ],
  settleMs: 180_000,
}

export const proveHere = async ({ amount, seed, isJson }: ProofOptions): Promise<number> => {
  const view = createProofView(process.stdout, { isJson })
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-prove-'))
  let isProven = false
  try {
    view.begin(
      'Proving Clipline on this machine: its processes are killed, its provider and receivers fail.\n',
    )
    const report = await runDrill(drill, { ...observed(view), amount, seed, dataDir })
    const { isGood, text, summary } = tellVerdict(report)
    view.end(text, { proven: isGood, seed, ...summary })
    isProven = isGood
  } finally {
    view.close()
    if (isProven) await rm(dataDir, { recursive: true, force: true })
    else process.stderr.write(`clipline: logs and data are kept in ${dataDir}\n`)
  }
  return isProven ? exitCodes.ok : exitCodes.failed
}

const observed = (view: ProofView): Omit<DrillOptions, 'amount' | 'seed' | 'dataDir'> => ({
  verify: (secret, headers, body) =>
    verifyCallback({ headers, body, keys: [secret], nowMs: systemClock.nowMs() }).outcome === 'verified',
  signal: abortOnSignals(),
  onStage: (stage) => view.stage(stage),
  onStrike: (disturbance) => view.strike(disturbance),
  onProgress: (progress) => view.progress(progress),
})
