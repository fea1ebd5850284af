/** The worker role: dispatches, works on jobs, delivers callbacks. */
import { randomUUID } from 'node:crypto'
import { createMediaDesk } from './actions/media-desk.ts'
import { createQueueGauge } from './actions/queue-gauge.ts'
import type { RunStageDeps } from './actions/run-stage.ts'
import { createTrafficDesk } from './actions/traffic-desk.ts'
import { watchWriter } from './actions/watch-writer.ts'
import { toBatchOut } from './api/schemas/batch-out.ts'
import { toEndpointOut } from './api/schemas/endpoint-out.ts'
import { toJobOut } from './api/to-job-out.ts'
import { closingMs, type Foundation, readinessChecks } from './app-foundation.ts'
import { signingKeyFromSeed } from './callbacks/signing-key.ts'
import { createAccountBookStore } from './store/account-books.ts'
import { createAccountTrafficStore } from './store/account-traffic.ts'
import { createBatchWorkStore } from './store/batch-work.ts'
import { createBatchStore } from './store/batches.ts'
import { createEndpointStore } from './store/callback-endpoints.ts'
import { createDeliveryStore } from './store/deliveries.ts'
import { createDispatchStore, dispatchLeadLock } from './store/dispatch.ts'
import { createJobInputStore } from './store/job-inputs.ts'
import { createJobStore } from './store/jobs.ts'
import { createLead } from './store/leadership.ts'
import { hasSessionMovedOn } from './store/moved-sessions.ts'
import { createPermitStore } from './store/permits.ts'
import {
  countEarlierInputs,
  countProviderSessions,
  isProviderSessionUnused,
} from './store/provider-sessions.ts'
import { createQueueDepthStore } from './store/queue-depths.ts'
import { createRedriveStore } from './store/redrives.ts'
import { createRetentionStore } from './store/retention.ts'
import { findStrayMessage } from './store/stray-messages.ts'
import { createTallyStore } from './store/tallies.ts'
import { createTenantStore } from './store/tenants.ts'
import { openUnsentMarks } from './store/unsent-marks.ts'
import { createUploadStore } from './store/uploads.ts'
import { createWriter } from './store/writer.ts'
import { within } from './within.ts'
import { startBatchKeeper } from './worker/batch-keeper.ts'
import { startBookkeeper } from './worker/bookkeeper.ts'
import { startCallbackWorker } from './worker/callback-worker.ts'
import { type Dispatcher, startDispatcher } from './worker/dispatcher.ts'
import { type HealthServer, startHealthServer } from './worker/health-server.ts'
import { startHeartbeat } from './worker/heartbeat.ts'
import { createOriginGate } from './worker/origin-gate.ts'
import { createStageGate } from './worker/stage-gate.ts'
import { startStageWorker } from './worker/stage-worker.ts'
import { startSweeper } from './worker/sweeper.ts'

export interface WorkerRole {
  stop(): Promise<void>
}

/** A dispatcher that says nothing for so many ticks leads no more. */
const ticksOfSilence = 4
const leastSilenceMs = 1_000

/** Files of up to 4 GiB: more of them at a time would only share the same line and the same disk. */
const artifactsAtATime = 32
const deliveriesAtATime = 256
const deliveriesPerOrigin = 4
/** How long a write waits for a database that is away: not beyond the lease that it is fenced by. */
const patienceShare = 0.8

/** How long a listener may take to hang up, when the process stops. */
const hangUpMs = 1_000
/** For what a generation or a delivery that is cut off still has to write. */
const lastWordsMs = 2_000

export const startWorkerRole = async (
  foundation: Foundation,
  { publicUrl }: { readonly publicUrl: string },
): Promise<WorkerRole> => {
  const { settings, workStore, clock, telemetry, queue, wake, log } = foundation
  const { pool, jobPool, leasePool, prisma } = workStore
  const owner = `wrk_${process.pid}_${randomUUID()}`
  const batchingWriter = createWriter({
    pool: jobPool,
    leasePool,
    clock,
    owner,
    leaseMs: settings.leaseMs,
    patienceMs: settings.leaseMs * patienceShare,
  })
  const writer = watchWriter(batchingWriter, telemetry)
  const { marks, whyNot } = openUnsentMarks(settings.dataDir)
  if (whyNot !== null)
    log.warn(
      { reason: whyNot },
      'unsent messages are not marked: those of a killed worker stay of unknown fate',
    )
  const permits = createPermitStore({ pool: jobPool, clock, marks })
  const heartbeat = startHeartbeat({ writer, clock, telemetry, leaseMs: settings.leaseMs })
  foundation.countWrites('jobs', writer)
  foundation.countWrites('permits', permits)
  foundation.metrics.watch({
    name: 'clipline_leases_held',
    help: 'Jobs that this process works on.',
    kind: 'gauge',
    read: () => [{ value: heartbeat.held }],
  })
  const uploads = createUploadStore({ prisma, nowMs: clock.nowMs })
  const run: RunStageDeps = {
    writer,
    leases: heartbeat,
    accounts: foundation.accounts,
    traffic: createTrafficDesk({
      traffic: createAccountTrafficStore({ pool }),
      clock,
      telemetry,
      rateLimitWaitMs: settings.timings.rateLimitWaitMs,
    }),
    telemetry,
    clock,
    random: Math.random,
    provider: foundation.provider,
    timings: settings.timings,
    platform: settings.platform,
    estimates: foundation.estimates,
    permits,
    jobInputs: createJobInputStore({ pool: jobPool, clock }),
    media: createMediaDesk({ ...foundation, uploads }),
    countSessions: (jobId) => countProviderSessions(prisma, jobId),
    isSessionUnused: (job) => isProviderSessionUnused(pool, job),
    findStrayMessage: (job) => findStrayMessage(pool, job),
    hasSessionMovedOn: (job, permitId) => hasSessionMovedOn(pool, job, permitId),
    countEarlierInputs: (job, filename) => countEarlierInputs(pool, job, filename),
    answerDeliveries: (deliveryIds) => callbackWorker.answer(deliveryIds),
    enterStage: createStageGate({ upload: settings.uploadConcurrency, deliver: artifactsAtATime }),
  }
  const lead = createLead(jobPool, dispatchLeadLock, {
    silenceMs: Math.max(leastSilenceMs, ticksOfSilence * settings.dispatchMs),
  })
  const dispatch = createDispatchStore({ pool: jobPool, lead })
  let dispatcher: Dispatcher | null = null
  let health: HealthServer | null = null
  const stageWorker = startStageWorker({
    queue,
    run,
    concurrency: settings.workerConcurrency,
    onVacancy: () => dispatcher?.hurry(),
    async giveBack(jobIds) {
      await dispatch.unringJobs(jobIds)
      wake.notify('dispatch')
    },
  })
  const bookkeeper = startBookkeeper({
    tallies: createTallyStore({ pool }),
    depths: createQueueDepthStore({ pool }),
    books: createAccountBookStore({ pool }),
    clock,
    telemetry,
  })
  const batchKeeper = startBatchKeeper({
    jobs: createJobStore({ pool }),
    redrives: createRedriveStore({ pool }),
    batches: createBatchStore({ prisma }),
    batchWork: createBatchWorkStore({ pool }),
    tallies: createTallyStore({ pool }),
    queue: createQueueGauge(createTenantStore({ pool }).countQueued, clock),
    queueBound: settings.queueBound,
    estimates: foundation.estimates,
    writer,
    clock,
    telemetry,
    wakeDispatcher: () => wake.notify('dispatch'),
    wakeHolders: () => wake.notify('cancel'),
    showBatch: (batch, figures) => toBatchOut(batch, figures, { publicUrl, nowMs: clock.nowMs() }),
  })
  const originGate = createOriginGate({
    clock,
    placesPerOrigin: deliveriesPerOrigin,
    crowdedFrom: deliveriesAtATime / 4,
  })
  const sweeper = startSweeper({
    retention: createRetentionStore({ pool }),
    storage: foundation.storage,
    marks,
    clock,
    telemetry,
  })
  const callbackWorker = startCallbackWorker({
    queue,
    concurrency: deliveriesAtATime,
    deliver: {
      // A try that takes its whole time still has a lease's length to be recorded in.
      deliveries: createDeliveryStore({
        pool: jobPool,
        clock,
        leaseMs: settings.callbackTimeoutMs + settings.leaseMs,
      }),
      endpoints: createEndpointStore({ pool, prisma }),
      signingKeys: [signingKeyFromSeed(foundation.keys.callbacks)],
      egress: foundation.egress,
      sealer: foundation.sealer,
      clock,
      telemetry,
      random: Math.random,
      scheduleMs: settings.callbackScheduleMs,
      timeoutMs: settings.callbackTimeoutMs,
      showJob: (job) => toJobOut(job, publicUrl),
      showEndpoint: (endpoint) => toEndpointOut(endpoint, publicUrl, clock.nowMs()),
      enterOrigin: (url) => originGate.enter(url),
    },
  })
  const unlisten = [
    wake.listen('dispatch', () => dispatcher?.wake()),
    wake.listen('cancel', () => void heartbeat.beat()),
    wake.listen('batches', () => batchKeeper.wake()),
  ]

  const role: WorkerRole = {
    /**
     * Everything lets go at once, except a generation, whose stream may be paid work (§2.1-13). Nothing new is begun from
     * the first line on. What is waited for ends side by side and in one time for all, so that neither a round of a loop
     * nor a database that does not answer holds up anything else.
     */
    async stop() {
      const hungUp = [stageWorker.stopListening(hangUpMs), callbackWorker.stopListening(hangUpMs)]
      for (const end of unlisten) end()
      heartbeat.stopHolders(['generate'])
      const loopsEnded = [dispatcher?.stop(), bookkeeper.stop(), batchKeeper.stop(), sweeper.stop()]
      const jobsLeft = stageWorker.idle().then(() => callbackWorker.idle())
      const allEnded = Promise.all([...hungUp, ...loopsEnded, health?.close(), jobsLeft])
      const done = allEnded.then(() => writer.idle())
      const stopMs = settings.shutdownMs - closingMs
      await within(clock, stopMs - lastWordsMs, done)
      callbackWorker.interrupt()
      await within(clock, Math.min(lastWordsMs, stopMs), done)
      if (heartbeat.isIn('generate')) {
        await within(clock, settings.shutdownGenerateMs - stopMs, jobsLeft)
        heartbeat.stopHolders([])
        await within(clock, lastWordsMs, done)
      }
      heartbeat.stop()
      if (heartbeat.held > 0)
        log.warn({ leases: heartbeat.held }, 'jobs could not be handed back: their leases run out')
    },
  }
  try {
    dispatcher = await startDispatcher({
      dispatch,
      lead,
      writer,
      sharedAccountId: () => foundation.accounts.sharedAccountId(),
      ring: (name, bells) => queue.ring(name, bells),
      telemetry,
      clock,
      everyMs: settings.dispatchMs,
      worker: { id: owner, slots: settings.workerConcurrency },
      answerHere: (bells) => stageWorker.answer(bells),
      vacancies: () => stageWorker.vacancies,
    })
    if (settings.workerPort !== 0)
      health = await startHealthServer({
        host: settings.host,
        port: settings.workerPort,
        metrics: foundation.metrics,
        checks: {
          ...readinessChecks(foundation),
          listeners: async () => {
            if (!stageWorker.isHealthy() || !callbackWorker.isHealthy())
              throw new Error('a listener is away from its queue')
          },
        },
      })
    return role
  } catch (error) {
    // What has begun would go on hearing bells that it cannot answer.
    await role
      .stop()
      .catch((cause: unknown) => log.error({ err: cause }, 'what had begun could not be stopped'))
    throw error
  }
}
