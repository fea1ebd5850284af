/** The API role: accepts, shows and streams. Accepting touches Postgres alone. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createSourceUrlCheck } from './actions/check-source-url.ts'
import type { CreditsReading } from './actions/credits-reading.ts'
import { createDiskGauge } from './actions/disk-gauge.ts'
import { createIdempotencyGate } from './actions/idempotency.ts'
import { createLoopGauge } from './actions/loop-gauge.ts'
import { toAccountAway, toProviderAway } from './actions/provider-away.ts'
import { createQueueGauge } from './actions/queue-gauge.ts'
import { readDraft, readTimeline } from './actions/read-timeline.ts'
import { attributionOf } from './actions/stage-context.ts'
import { watchWriter } from './actions/watch-writer.ts'
import type { ApiDeps } from './api/deps.ts'
import { buildServer } from './api/server.ts'
import { allowListOf, type Foundation, readinessChecks } from './app-foundation.ts'
import type { AppSettings } from './app-settings.ts'
import { createSystemLookup } from './egress/lookup.ts'
import { type Mapper, openMapper } from './intakes/mapper.ts'
import { readFolderSpace } from './media/folder-space.ts'
import type { StorageSpace } from './media/storage.ts'
import { ProviderError } from './providers/provider.ts'
import { defaultSkillName, skills } from './skills/index.ts'
import { createApiKeyStore } from './store/api-keys.ts'
import { createArtifactStore } from './store/artifacts.ts'
import { createAttemptStore } from './store/attempts.ts'
import { createBatchLineStore } from './store/batch-lines.ts'
import { createJobCreator } from './store/create-jobs.ts'
import { createDraftStore } from './store/drafts.ts'
import { createErasureStore } from './store/erasures.ts'
import { createExplanationStore } from './store/explanations.ts'
import { createIdempotencyStore } from './store/idempotency.ts'
import { createEventStore } from './store/job-events.ts'
import { createJobStore } from './store/jobs.ts'
import { createLineStreamStore } from './store/line-streams.ts'
import { createManagementStores } from './store/management.ts'
import { createRedriveStore } from './store/redrives.ts'
import { createResumableUploadStore } from './store/resumable-uploads.ts'
import { createUploadStore } from './store/uploads.ts'
import { createWriter } from './store/writer.ts'
import { version } from './version.ts'

export interface ApiRole {
  readonly publicUrl: string
  stop(): Promise<void>
}

const maxUploadBytes = 500 * 1024 * 1024
const uploadTtlMs = 24 * 3_600_000
/** A client waits for an answer: a database that stays away longer than this is a 503. */
const patienceMs = 2_000
const creditsTimeoutMs = 10_000
const maxBatchLines = 1_000_000

export const startApiRole = async (foundation: Foundation): Promise<ApiRole> => {
  const { settings } = foundation
  const port = settings.port === 0 ? await findFreePort(settings.host) : settings.port
  const publicUrl = settings.publicUrl ?? toPublicUrl(settings, port)
  const mapper = openMapper(foundation)
  const queueBoard = await foundation.queue.createBoard()
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  const server = await buildServer({
    ...toApiDeps(foundation, publicUrl, mapper),
    loop: createLoopGauge({ delays, mostDelayMs: settings.mostLoopDelayMs, clock: foundation.clock }),
    queueBoard,
  })
  await server.listen({ host: settings.host, port })
  return {
    publicUrl,
    async stop() {
      await server.close()
      delays.disable()
      await mapper.close()
    },
  }
}

/** Links in answers need the port before the server has one. */
const findFreePort = async (host: string): Promise<number> => {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** An address that means "every interface" is no address to link to. */
const toPublicUrl = ({ host }: AppSettings, port: number): string => {
  const isEvery = host === '0.0.0.0' || host === '::'
  const name = isEvery ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

const toApiDeps = (foundation: Foundation, publicUrl: string, mapper: Mapper): Omit<ApiDeps, 'loop'> => {
  const { settings, store, clock, egress, wake, storage, sealer, keys, log, telemetry, metrics } = foundation
  const { pool, jobPool, leasePool, prisma } = store
  const management = createManagementStores({ pool, prisma })
  const creator = createJobCreator({ pool: jobPool, clock, patienceMs })
  const writer = createWriter({
    pool: jobPool,
    leasePool,
    clock,
    owner: 'api',
    leaseMs: settings.leaseMs,
    patienceMs,
  })
  foundation.countWrites('new_jobs', creator)
  foundation.countWrites('jobs_by_api', writer)
  return {
    ...management,
    clock,
    log,
    keys,
    sealer,
    storage,
    egress,
    mapper,
    inspector: foundation.inspector,
    apiKeys: createApiKeyStore({ pool }),
    artifacts: createArtifactStore({ prisma, nowMs: clock.nowMs }),
    attempts: createAttemptStore({ prisma }),
    events: createEventStore({ pool }),
    jobs: createJobStore({ pool }),
    redrives: createRedriveStore({ pool }),
    erasures: createErasureStore({ pool }),
    explanations: createExplanationStore({
      pool,
      sharedAccountId: () => foundation.accounts.sharedAccountId(),
    }),
    resumables: createResumableUploadStore({ pool, prisma }),
    estimates: foundation.estimates,
    disk: createDiskGauge({ clock, readSpaces: () => readSpaces(foundation) }),
    uploads: createUploadStore({ prisma, nowMs: clock.nowMs }),
    idempotency: createIdempotencyStore({ prisma, nowMs: clock.nowMs }),
    gate: createIdempotencyGate(),
    queue: createQueueGauge(management.tenants.countQueued, clock),
    creator,
    writer: watchWriter(writer, telemetry),
    telemetry,
    metrics,
    checkCallbackUrl: (url) => egress.check(url),
    checkSourceUrl: createSourceUrlCheck({
      allow: allowListOf(settings),
      lookup: createSystemLookup(),
      clock,
    }),
    wakeDispatcher: () => wake.notify('dispatch'),
    wakeHolders: () => wake.notify('cancel'),
    batchLines: createBatchLineStore({ pool, clock, patienceMs, maxLines: maxBatchLines }),
    lineStreams: createLineStreamStore({ pool, clock }),
    wakeBatchKeeper: () => wake.notify('batches'),
    readCredits: (tenantId) => readCredits(foundation, tenantId),
    readTimeline: (job) =>
      readTimeline({ ...foundation, drafts: createDraftStore({ pool }), platform: settings.platform }, job),
    readDraft: (tenantId, place) =>
      readDraft({ ...foundation, platform: settings.platform }, tenantId, place),
    routeMessage: (text) => foundation.provider.routeMessage(text),
    forgetProviderAccess: () => foundation.accounts.forget(),
    checks: readinessChecks(foundation),
    maxUploadBytes,
    uploadTtlMs,
    settings: {
      publicUrl,
      version,
      rateLimitPerMinute: settings.ratePerMinute,
      failedKeysPerMinute: settings.failedKeysPerMinute,
      trustedProxies: settings.trustedProxies,
      queueBound: settings.queueBound,
      sseMaxPerKey: settings.sseMaxPerKey,
      sseMax: settings.sseMax,
      shutdownMs: settings.shutdownMs,
    },
  }
}

/** The disks of the files and of DATA_DIR, where the embedded database is; those that are on this machine. */
const readSpaces = async ({ storage, settings }: Foundation): Promise<readonly StorageSpace[]> => {
  const spaces = await Promise.all([storage.readSpace(), readFolderSpace(settings.dataDir)])
  return spaces.filter((space) => space !== null)
}

const readCredits = async (
  { accounts, provider, settings }: Foundation,
  tenantId: string,
): Promise<CreditsReading> => {
  const found = await accounts.find({ tenantId, accountId: null })
  if (found.outcome !== 'ready') return toAccountAway(found)
  const access = {
    token: found.token,
    attribution: attributionOf(skills[defaultSkillName], settings.platform),
  }
  try {
    const credits = await provider.readCredits(access, AbortSignal.timeout(creditsTimeoutMs))
    return { outcome: 'read', credits, tokenExpiresAt: found.expiresAt }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return toProviderAway(error, found)
  }
}
