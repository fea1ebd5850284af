import { type RunStageDeps, runStages } from '../../src/actions/run-stage.ts'
import { createTrafficDesk } from '../../src/actions/traffic-desk.ts'
import { type LeaseBook, LeaseLost } from '../../src/job/leases.ts'
import { ProviderError } from '../../src/providers/provider.ts'
import type { StageTimings } from '../../src/stages/stage.ts'
import { databaseErrorKind, StoreUnavailable } from '../../src/store/database-error.ts'
import { createJobInputStore } from '../../src/store/job-inputs.ts'
import { createPermitStore } from '../../src/store/permits.ts'
import { createWriter } from '../../src/store/writer.ts'
import { startHeartbeat } from '../../src/worker/heartbeat.ts'
import { createStageGate } from '../../src/worker/stage-gate.ts'
import { skillEstimates } from '../support/skill-estimates.ts'
import { createCallbackWorker } from './callback-worker.ts'
import { plantInDeps } from './plant.ts'
import { askDatabase, createPool, type DatabaseServer } from './pool.ts'
import { createProcess, type Process } from './process.ts'
import { createProviderClient, type ProviderClientDeps } from './provider-client.ts'
import type { ProviderServer } from './provider-server.ts'
import type { Receiver } from './receiver.ts'
import { createTrafficStore } from './traffic-store.ts'
import type { World } from './world.ts'

export const leaseMs = 30_000

const timings: StageTimings = {
  renderPollMs: 30_000,
  renderTimeoutMs: 600_000,
  messageMaxMs: 900_000,
  recoveryFirstMs: 30_000,
  recoveryEveryMs: 60_000,
  recoveryChecks: 5,
  rateLimitWaitMs: 5_000,
  confirmLooksMs: [0, 2_000, 5_000, 15_000],
}

export interface WorkerDeps {
  readonly world: World
  readonly databaseServer: DatabaseServer
  readonly providerServer: ProviderServer
  readonly downloads: ProviderClientDeps['downloads']
  readonly watch: ProviderClientDeps['watch']
  readonly receiver: Receiver
  readonly wakeDispatcher: () => void
}

/** One worker process: the real runner, stages, stores and heartbeat over simulated ports. */
export interface Worker {
  readonly process: Process
  readonly isStopping: boolean
  /** A wake-up: somebody knows of a cancel. */
  beat(): void
  /** A bell of the job arrives. */
  ring(jobId: string): void
  /** A bell of the delivery arrives. */
  ringDelivery(deliveryId: string): void
  /** SIGTERM: lets go of everything but a running generation. `done` is called when the process ends. */
  stop(done: () => void): void
}

export const startWorker = (deps: WorkerDeps, name: string): Worker => {
  const { world, databaseServer, wakeDispatcher } = deps
  const process = createProcess(world, name)
  const { clock } = process
  const pool = createPool(world, databaseServer, process)
  const writer = createWriter({
    pool,
    leasePool: pool,
    clock,
    owner: name,
    leaseMs,
    patienceMs: leaseMs * 0.8,
  })
  const telemetry: RunStageDeps['telemetry'] = {
    state: (fact, details) => {
      if (fact === 'attempt.crashed' && 'error' in details && !isExpected(details.error))
        surprise(world, details.error)
    },
  }
  const heartbeat = startHeartbeat({ writer, clock, telemetry, leaseMs })
  const run = plantInDeps(
    deps,
    process,
    toRunDeps(deps, process, { writer, telemetry, leases: heartbeat, pool }),
  )
  const deliver = createCallbackWorker(deps, process)
  const busy = new Set<string>()
  let isStopping = false
  let whenIdle: () => void = () => undefined

  const work = (jobId: string): void => {
    if (isStopping) return
    busy.add(jobId)
    runStages(run, jobId)
      .catch((error: unknown) => {
        if (!isExpected(error)) surprise(world, error)
      })
      .finally(() => {
        busy.delete(jobId)
        wakeDispatcher()
        if (busy.size === 0) whenIdle()
      })
  }

  const answer = (deliveryId: string): void => {
    if (isStopping) return
    deliver(deliveryId).catch((error: unknown) => {
      if (!isExpected(error)) surprise(world, error)
    })
  }

  return {
    process,
    get isStopping() {
      return isStopping
    },
    beat: () => process.deliver(() => void heartbeat.beat()),
    ring: (jobId) => process.deliver(() => work(jobId)),
    ringDelivery: (deliveryId) => process.deliver(() => answer(deliveryId)),
    stop(done) {
      process.deliver(() => {
        if (isStopping) return
        isStopping = true
        world.trace(`${name} is asked to stop`)
        whenIdle = () => {
          heartbeat.stop()
          world.scheduler.at(0, done)
        }
        heartbeat.stopHolders(world.bug === 'stream_cut_at_stop' ? [] : ['generate'])
        if (busy.size === 0) whenIdle()
      })
    },
  }
}

interface RunParts {
  readonly writer: RunStageDeps['writer']
  readonly telemetry: RunStageDeps['telemetry']
  readonly leases: LeaseBook
  readonly pool: ReturnType<typeof createPool>
}

const toRunDeps = (
  deps: WorkerDeps,
  process: Process,
  { writer, telemetry, leases, pool }: RunParts,
): RunStageDeps => {
  const { world, databaseServer, providerServer, downloads, wakeDispatcher } = deps
  const { clock } = process
  const ask = <T>(name: string, act: () => T) => askDatabase(world, databaseServer, process, name, act)
  return {
    writer,
    leases,
    telemetry,
    clock,
    timings,
    random: () => world.random.next(),
    platform: 'simulation',
    estimates: skillEstimates,
    provider: createProviderClient({ ...deps, process, server: providerServer }),
    permits: createPermitStore({ pool, clock, marks: world.marks }),
    jobInputs: createJobInputStore({ pool, clock }),
    countSessions: (jobId) =>
      ask(
        'count sessions',
        () => databaseServer.database.sessions.filter(({ job_id }) => job_id === jobId).length,
      ),
    isSessionUnused: () => Promise.resolve(true),
    findStrayMessage: (job) =>
      ask('find stray', () => databaseServer.permits.findStray(job.id, job.providerSessionId)),
    hasSessionMovedOn: (job, permitId) =>
      ask('has session moved on', () => databaseServer.permits.hasMovedOn(job.id, permitId)),
    countEarlierInputs: () => Promise.resolve(0),
    accounts: {
      find: () =>
        ask('find account', () => ({
          outcome: 'ready',
          accountId: 'acc_1',
          token: databaseServer.database.account.token,
          userId: null,
          isAnonymous: true,
          expiresAt: null,
        })),
      renounce: (_id, token) =>
        ask('renounce token', () => {
          const { account } = databaseServer.database
          if (account.token === token) account.token = providerServer.token
          return true
        }),
    },
    traffic: createTrafficDesk({
      clock,
      telemetry,
      rateLimitWaitMs: timings.rateLimitWaitMs,
      traffic: createTrafficStore(world, ask, databaseServer.database.traffic),
    }),
    media: {
      openUpload: (_job, uploadId) =>
        Promise.resolve({
          outcome: 'file',
          file: {
            filename: `${uploadId}.png`,
            contentType: 'image/png',
            sizeBytes: 1,
            open: () => Promise.reject(new Error('nobody reads it')),
          },
          sha256: uploadId,
          discard: () => Promise.resolve(),
        }),
      readText: () => Promise.resolve(null),
      readFetchedText: () => Promise.resolve(null),
      fetchUrl: () => Promise.reject(new Error('the simulation fetches nothing')),
      storeArtifact: (job, { body }) => {
        const truth = downloads.get(body)
        body.destroy()
        return ask('store file', () => {
          const isWhole = truth !== undefined && !truth.isTruncated
          if (!isWhole && world.bug !== 'length_unchecked')
            return { outcome: 'invalid', reason: 'the download is too short' }
          return {
            outcome: 'stored',
            row: artifactRow(job.id, isWhole ? `movie of ${truth.renderId}` : 'torn'),
          }
        })
      },
    },
    enterStage: createStageGate({ upload: 2 }),
    answerDeliveries: () => wakeDispatcher(),
  }
}

const artifactRow = (jobId: string, sha256: string) =>
  ({
    kind: 'artifact',
    id: `art of ${jobId}`,
    storage_key: 'k',
    content_type: 'video/mp4',
    size_bytes: 1_000,
    sha256,
    width: 1_920,
    height: 1_080,
    duration_s: 5,
    video_codec: 'avc',
    audio_codec: null,
  }) as const

/** What may be thrown because something was broken on purpose. */
export const isExpected = (error: unknown): boolean =>
  error instanceof ProviderError ||
  error instanceof StoreUnavailable ||
  error instanceof LeaseLost ||
  databaseErrorKind(error) !== 'other'

const surprise = (world: World, error: unknown): void =>
  world.violate('no surprises', error instanceof Error ? (error.stack ?? error.message) : String(error))
