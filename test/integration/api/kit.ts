/** A real API over a database, a storage and a clock of its own, for one test file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, FastifyListenOptions, InjectOptions, LightMyRequestResponse } from 'fastify'
import { createSourceUrlCheck } from '../../../src/actions/check-source-url.ts'
import { createCreditEstimates, type KnownCreditEstimates } from '../../../src/actions/credit-estimates.ts'
import { ensureBootstrapKey } from '../../../src/actions/ensure-bootstrap-key.ts'
import { createIdempotencyGate } from '../../../src/actions/idempotency.ts'
import { createQueueGauge } from '../../../src/actions/queue-gauge.ts'
import { readDraft, readTimeline } from '../../../src/actions/read-timeline.ts'
import type { Scope } from '../../../src/actions/scopes.ts'
import type { ApiDeps, ApiSettings } from '../../../src/api/deps.ts'
import { buildServer } from '../../../src/api/server.ts'
import { systemClock } from '../../../src/clock.ts'
import { hashApiKey, newApiKey } from '../../../src/crypto/api-key.ts'
import { deriveKeys } from '../../../src/crypto/master-secret.ts'
import { createSealer } from '../../../src/crypto/seal.ts'
import { parseAllowList } from '../../../src/egress/allow-list.ts'
import { createEgress } from '../../../src/egress/client.ts'
import { openMapper } from '../../../src/intakes/mapper.ts'
import { newId } from '../../../src/job/ids.ts'
import { openMediaInspector } from '../../../src/media/media-inspector.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { routeMessage } from '../../../src/providers/nemo/intents.ts'
import { createAccountBookStore } from '../../../src/store/account-books.ts'
import { createApiKeyStore } from '../../../src/store/api-keys.ts'
import { createArtifactStore } from '../../../src/store/artifacts.ts'
import { createAttemptStore } from '../../../src/store/attempts.ts'
import { createBatchLineStore } from '../../../src/store/batch-lines.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { createJobCreator } from '../../../src/store/create-jobs.ts'
import { createDraftStore } from '../../../src/store/drafts.ts'
import { createErasureStore } from '../../../src/store/erasures.ts'
import { createExplanationStore } from '../../../src/store/explanations.ts'
import { createIdempotencyStore } from '../../../src/store/idempotency.ts'
import { createEventStore } from '../../../src/store/job-events.ts'
import { createJobStore } from '../../../src/store/jobs.ts'
import { createLineStreamStore } from '../../../src/store/line-streams.ts'
import { createManagementStores } from '../../../src/store/management.ts'
import { createRedriveStore } from '../../../src/store/redrives.ts'
import { createResumableUploadStore } from '../../../src/store/resumable-uploads.ts'
import { createUploadStore } from '../../../src/store/uploads.ts'
import { createWriter, type Writer } from '../../../src/store/writer.ts'
import { checkAnswer } from '../../support/answer-check.ts'
import { createTestDatabase } from '../../support/database.ts'
import { readyAccess } from '../../support/run-kit.ts'
import { createScriptedProvider, type ProviderScript } from '../../support/scripted-provider.ts'
import { watchAnswers } from '../../support/watched-fetch.ts'

export const publicUrl = 'https://clipline.test'
const secret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7 + 3))

export interface ApiKit {
  readonly app: FastifyInstance
  readonly deps: ApiDeps
  readonly store: Store
  readonly writer: Writer
  readonly estimates: KnownCreditEstimates
  readonly storageDir: string
  readonly apiKey: string
  readonly tenantId: string
  /** What was woken since it was last emptied. */
  readonly wakes: string[]
  /** Sends a request with the kit's key unless headers say otherwise. */
  send(options: InjectOptions): Promise<LightMyRequestResponse>
  /** Another tenant's key, or a key with fewer scopes. */
  newKey(options?: KeyOptions): Promise<string>
  newTenant(name: string, columns?: Readonly<Record<string, unknown>>): Promise<string>
  /** Every file in the storage. */
  listFiles(): Promise<string[]>
  close(): Promise<void>
}

export interface KeyOptions {
  readonly tenantId?: string
  readonly scopes?: readonly Scope[]
  readonly expiresAt?: Date
  readonly revokedAt?: Date
}

export interface KitOptions {
  /** The way to the database, instead of the straight one. */
  readonly reachDatabase?: (url: string) => Promise<string>
  readonly statementTimeoutMs?: number
  readonly settings?: Partial<ApiSettings>
  readonly provider?: ProviderScript
  readonly deps?: Partial<ApiDeps>
}

export const openApiKit = async ({
  settings = {},
  provider = {},
  deps = {},
  reachDatabase = async (url) => url,
  statementTimeoutMs = 8_000,
}: KitOptions = {}): Promise<ApiKit> => {
  const database = await createTestDatabase()
  const store = openStore({ databaseUrl: await reachDatabase(database.url), statementTimeoutMs })
  const storageDir = await mkdtemp(join(tmpdir(), 'clipline-api-'))
  const storage = await openStorage(`file:${storageDir}`, { clock: systemClock })
  const inspector = openMediaInspector({ clock: systemClock })
  const { pool, jobPool, leasePool, prisma } = store
  const keys = deriveKeys(secret)
  const allowList = parseAllowList('127.0.0.0/8')
  if (!allowList.ok) throw new Error('the allow list is wrong')
  const rules = { allow: allowList.allow, lookup: lookUp, clock: systemClock }
  const egress = createEgress({ ...rules })
  const mapper = openMapper({ clock: systemClock })
  const writer = createWriter({
    pool: jobPool,
    leasePool,
    clock: systemClock,
    owner: 'test',
    leaseMs: 30_000,
    patienceMs: 2_000,
  })
  const management = createManagementStores({ pool, prisma })
  const { tenants } = management
  const apiKeys = createApiKeyStore({ pool })
  const estimates = createCreditEstimates({
    books: createAccountBookStore({ pool }),
    sharedAccountId: () => Promise.resolve('acc_shared'),
    clock: systemClock,
    telemetry: { state: () => undefined },
  })
  const wakes: string[] = []
  const scripted = createScriptedProvider(provider, [])
  const apiDeps: ApiDeps = {
    ...management,
    clock: systemClock,
    keys,
    sealer: createSealer(keys.seal),
    storage,
    egress,
    mapper,
    inspector,
    apiKeys,
    writer,
    artifacts: createArtifactStore({ prisma, nowMs: systemClock.nowMs }),
    attempts: createAttemptStore({ prisma }),
    events: createEventStore({ pool }),
    jobs: createJobStore({ pool }),
    redrives: createRedriveStore({ pool }),
    erasures: createErasureStore({ pool }),
    explanations: createExplanationStore({ pool, sharedAccountId: () => Promise.resolve('acc_shared') }),
    resumables: createResumableUploadStore({ pool, prisma }),
    estimates,
    disk: { isLow: async () => false },
    loop: { isBehind: () => false },
    uploads: createUploadStore({ prisma, nowMs: systemClock.nowMs }),
    idempotency: createIdempotencyStore({ prisma, nowMs: systemClock.nowMs }),
    gate: createIdempotencyGate(),
    queue: createQueueGauge(tenants.countQueued, systemClock),
    creator: createJobCreator({ pool: jobPool, clock: systemClock, patienceMs: 2_000 }),
    checkCallbackUrl: (url) => egress.check(url),
    checkSourceUrl: createSourceUrlCheck(rules),
    wakeDispatcher: () => wakes.push('dispatch'),
    wakeHolders: () => wakes.push('cancel'),
    lineStreams: createLineStreamStore({ pool, clock: systemClock }),
    batchLines: createBatchLineStore({
      pool,
      clock: systemClock,
      patienceMs: 2_000,
      maxLines: 1_000_000,
    }),
    wakeBatchKeeper: () => wakes.push('batches'),
    readDraft: (tenantId, place) =>
      readDraft(
        { accounts: { find: async () => readyAccess }, provider: scripted, platform: 'test' },
        tenantId,
        place,
      ),
    routeMessage,
    forgetProviderAccess: () => wakes.push('accounts'),
    readCredits: async () => ({
      outcome: 'read',
      credits: { available: 900, frozen: 100, total: 1000 },
      tokenExpiresAt: null,
    }),
    readTimeline: (job) =>
      readTimeline(
        {
          drafts: createDraftStore({ pool }),
          accounts: { find: async () => readyAccess },
          provider: scripted,
          platform: 'test',
        },
        job,
      ),
    checks: { database: async () => undefined, queue: async () => undefined, storage: () => storage.check() },
    maxUploadBytes: 1_000_000,
    uploadTtlMs: 86_400_000,
    telemetry: { state: () => undefined },
    metrics: { contentType: 'text/plain', render: async () => '' },
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => console.error(message, fields),
    },
    ...deps,
    settings: {
      publicUrl,
      version: '0.0.0-test',
      rateLimitPerMinute: 0,
      failedKeysPerMinute: 0,
      trustedProxies: [],
      queueBound: 1_000_000,
      sseMaxPerKey: 1_000,
      shutdownMs: 10_000,
      sseMax: 10_000,
      ...settings,
    },
  }
  const { app, endChecks } = checkAnswers(await buildServer(apiDeps))
  const apiKey = newApiKey()
  const { tenantId } = await ensureBootstrapKey(
    { tenants, apiKeys, clock: systemClock, pepper: keys.pepper },
    apiKey,
  )

  return {
    app,
    deps: apiDeps,
    store,
    writer,
    estimates,
    storageDir,
    apiKey,
    tenantId,
    wakes,
    send: (options) =>
      app.inject({ ...options, headers: { authorization: `Bearer ${apiKey}`, ...options.headers } }),
    async newKey(options = {}) {
      const key = newApiKey()
      await prisma.apiKey.create({
        data: {
          id: newId('apiKey', Date.now()),
          tenantId: options.tenantId ?? tenantId,
          name: 'test',
          hash: hashApiKey(keys.pepper, key),
          scopes: [...(options.scopes ?? ['jobs:read', 'jobs:write', 'uploads:write', 'usage:read'])],
          expiresAt: options.expiresAt ?? null,
          revokedAt: options.revokedAt ?? null,
        },
      })
      return key
    },
    async newTenant(name, columns = {}) {
      const tenant = await prisma.tenant.create({
        data: { id: newId('tenant', Date.now()), name, ...columns },
      })
      return tenant.id
    },
    async listFiles() {
      const files: string[] = []
      for await (const { key } of storage.list('')) files.push(key)
      return files.sort()
    },
    async close() {
      await app.close()
      await egress.close()
      await mapper.close()
      await inspector.close()
      await storage.close()
      await store.close()
      await database.drop()
      await rm(storageDir, { recursive: true })
      await endChecks()
    },
  }
}

/** Every answer that a test gets is one that the OpenAPI document describes. */
const checkAnswers = (app: FastifyInstance) => {
  const inject = app.inject.bind(app)
  const listen = app.listen.bind(app)
  const ends: (() => Promise<void>)[] = []
  const injectChecked = async (options: InjectOptions): Promise<LightMyRequestResponse> => {
    const response = await inject(options)
    const { method = 'GET', url = '', payloadAsStream = false } = options
    if (typeof url !== 'string' || payloadAsStream) return response
    const contentType = response.headers['content-type']?.toString() ?? null
    checkAnswer({ method, url, statusCode: response.statusCode, contentType })?.(response.body)
    return response
  }
  const listenWatched = async (options: FastifyListenOptions): Promise<string> => {
    const origin = await listen(options)
    ends.push(watchAnswers(origin))
    return origin
  }
  return {
    app: Object.assign(app, { inject: injectChecked, listen: listenWatched }),
    endChecks: async () => {
      for (const end of ends) await end()
    },
  }
}

/** Names of the tests' own world: no test asks a real resolver. */
const lookUp = async (hostname: string): Promise<readonly string[]> => {
  const addresses: Record<string, readonly string[]> = {
    'public.example': ['93.184.215.14'],
    'private.example': ['10.0.0.7'],
    'mixed.example': ['93.184.215.14', '10.0.0.7'],
  }
  const found = addresses[hostname]
  if (found === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
  return found
}
