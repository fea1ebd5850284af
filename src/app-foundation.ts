/** What both roles stand on: stores, storage, the queue, the ways out. Built without connecting to anything. */
import { type Logger, type LoggerOptions, pino } from 'pino'
import { type CachingAccountDesk, createAccountDesk } from './actions/access-provider.ts'
import { createCreditEstimates, type KnownCreditEstimates } from './actions/credit-estimates.ts'
import { attributionOf } from './actions/stage-context.ts'
import { watchProvider } from './actions/watch-provider.ts'
import type { AppSettings } from './app-settings.ts'
import { type BatchedWrites, openTelemetry, watchStores, watchWrites } from './app-telemetry.ts'
import { type Clock, systemClock } from './clock.ts'
import { hmacSha256 } from './crypto/hmac.ts'
import { deriveKeys, parseMasterSecret } from './crypto/master-secret.ts'
import { createSealer, type Sealer } from './crypto/seal.ts'
import { parseAllowList } from './egress/allow-list.ts'
import { createEgress, type Egress } from './egress/client.ts'
import { type MediaInspector, openMediaInspector } from './media/media-inspector.ts'
import { openStorage } from './media/open-storage.ts'
import type { Storage } from './media/storage.ts'
import type { Metrics } from './metrics.ts'
import { providers } from './providers/index.ts'
import type { Provider } from './providers/provider.ts'
import { openQueue, type QueueBackend } from './queue/backend.ts'
import { openRedisWake } from './queue/wake.ts'
import { defaultSkillName, skills } from './skills/index.ts'
import { createAccountBookStore } from './store/account-books.ts'
import { checkDatabase } from './store/check-database.ts'
import { openStore, type Store } from './store/client.ts'
import { createProviderAccountStore } from './store/provider-accounts.ts'
import { openPostgresWake } from './store/wake.ts'
import type { Telemetry } from './telemetry.ts'
import type { Wake } from './wake.ts'

export interface Foundation {
  readonly settings: AppSettings
  readonly log: Logger
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly metrics: Metrics
  /** Counts what a batched writer does, under a name of its own. */
  readonly countWrites: (name: string, writes: BatchedWrites) => void
  readonly keys: ReturnType<typeof deriveKeys>
  readonly sealer: Sealer
  /** For what somebody waits for: a database that answers nothing is told of in ten seconds. */
  readonly store: Store
  /** For work that nobody waits for, whose statements may take longer. */
  readonly workStore: Store
  readonly storage: Storage
  readonly inspector: MediaInspector
  readonly egress: Egress
  readonly queue: QueueBackend
  readonly wake: Wake
  readonly provider: Provider
  readonly accounts: CachingAccountDesk
  readonly estimates: KnownCreditEstimates
  /** May hang on a database or a Redis that does not answer. */
  close(): Promise<void>
}

/** What closing gets at least, and roles leave to it, of the time that a process has to stop. */
export const closingMs = 1_000

/** Any statement that a request makes takes milliseconds; one that is cut off here may have found a slow moment. */
const requestStatementMs = 8_000

/** A setting that has the right shape and still cannot be used. */
export class UnusableSetting extends Error {
  override readonly name = 'UnusableSetting'
}

export const openFoundation = async (settings: AppSettings, log: Logger): Promise<Foundation> => {
  const clock = systemClock
  const { telemetry, metrics, traces } = openTelemetry(settings, clock, log)
  const keys = deriveKeys(masterSecretOf(settings))
  const sealer = createSealer(keys.seal)
  const egress = createEgress({ allow: allowListOf(settings), clock })
  const { databaseUrl } = settings
  const store = openStore({ databaseUrl, log, statementTimeoutMs: requestStatementMs })
  const workStore = openStore({ databaseUrl, log })
  const storage = await openStorage(settings.storageUrl, { clock })
  const inspector = openMediaInspector({ clock })
  const queue = openQueue({ redisUrl: settings.redisUrl, databaseUrl, clock, log })
  const wake =
    settings.redisUrl === undefined
      ? openPostgresWake({ databaseUrl, pool: store.pool, clock, log })
      : openRedisWake({ redisUrl: settings.redisUrl, clock, log })
  const nemo = providers.nemo({
    apiUrl: settings.nemoApiUrl,
    clock,
    timings: { sseIdleMs: settings.sseIdleMs, sseMaxMs: settings.timings.messageMaxMs },
    fetchForeign: (url, { signal }) => fetchForeign(egress, url, signal),
    note: (note) => log.warn(note, 'the provider sent something unreadable'),
  })
  const provider = watchProvider(nemo, { clock, telemetry })
  watchStores(metrics, [store, workStore])
  const accounts = createAccountDesk({
    accounts: createProviderAccountStore({ pool: store.pool }),
    provider,
    sealer,
    clock,
    telemetry,
    attribution: attributionOf(skills[defaultSkillName], settings.platform),
    configuredToken: settings.nemoToken,
    configuredClientId: settings.nemoClientId,
    fingerprint: (secret) => hmacSha256(keys.pepper, secret).toString('hex'),
  })
  const estimates = createCreditEstimates({
    books: createAccountBookStore({ pool: store.pool }),
    sharedAccountId: () => accounts.sharedAccountId(),
    clock,
    telemetry,
  })
  return {
    settings,
    log,
    clock,
    telemetry,
    metrics,
    countWrites: watchWrites(metrics),
    keys,
    sealer,
    store,
    workStore,
    storage,
    inspector,
    egress,
    queue,
    wake,
    provider,
    accounts,
    estimates,
    async close() {
      // A token that is being asked for still needs its provider and its row.
      await accounts.close(settings.shutdownMs)
      const ways = [queue, wake, provider, egress, inspector, storage]
      await Promise.all(ways.map((way) => way.close()))
      await Promise.all([store.close(), workStore.close()])
      await traces?.close()
      metrics.close()
    },
  }
}

const fetchTimeoutMs = 15 * 60_000
const fetchIdleMs = 60_000
const maxArtifactBytes = 4 * 1024 ** 3

/** Files that the provider keeps elsewhere are fetched like any stranger's URL: guarded. */
const fetchForeign = async (egress: Egress, url: string, signal: AbortSignal) => {
  const limits = { timeoutMs: fetchTimeoutMs, idleTimeoutMs: fetchIdleMs, maxResponseBytes: maxArtifactBytes }
  const response = await egress.download({ url, ...limits, maxRedirects: 3, signal })
  if (response.outcome !== 'response') throw new Error(`the file could not be fetched: ${response.outcome}`)
  return response
}

const masterSecretOf = ({ secret }: AppSettings): Buffer => {
  const parsed = parseMasterSecret(secret)
  if (!parsed.ok) throw new UnusableSetting(`CLIPLINE_SECRET ${parsed.detail}`)
  return parsed.secret
}

export const allowListOf = ({ egressAllow }: AppSettings) => {
  const parsed = parseAllowList(egressAllow.join(','))
  if (!parsed.ok) throw new UnusableSetting(`EGRESS_ALLOW: ${parsed.details.join('; ')}`)
  return parsed.allow
}

/** Each writes something, reads it back and rejects when that does not work. */
export const readinessChecks = ({ store, queue, storage }: Foundation) => ({
  database: () => checkDatabase(store.pool),
  queue: async () => {
    const { ok, detail } = await queue.check()
    if (!ok) throw new Error(detail ?? 'the queue cannot be written to')
  },
  storage: () => storage.check(),
})

/** Logs as JSON lines. Whatever carries a secret by name is cut out, wherever it stands at the first two levels. */
export const createLog = (level: string, destination?: { write(line: string): void }): Logger => {
  const secrets = ['authorization', 'token', 'secret', 'apiKey', 'password', 'body', 'prompt', 'headers']
  const options: LoggerOptions = {
    level,
    base: null,
    redact: { paths: [...secrets, ...secrets.map((name) => `*.${name}`)], censor: '[redacted]' },
  }
  return destination ? pino(options, destination) : pino(options)
}
