/** What the application runs with: the given settings, with every default filled in. */
import { join, resolve } from 'node:path'
import type { Config } from './config.ts'
import type { StageTimings } from './stages/stage.ts'

export interface AppSettings {
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly dataDir: string
  readonly storageUrl: string
  readonly host: string
  readonly port: number
  readonly workerPort: number
  /** Null: made from the address that the API really listens on. */
  readonly publicUrl: string | null
  readonly secret: string
  readonly apiKey: string | null
  readonly callbackSecret: string | null
  readonly ratePerMinute: number
  readonly failedKeysPerMinute: number
  readonly trustedProxies: readonly string[]
  readonly queueBound: number
  readonly mostLoopDelayMs: number
  readonly sseMaxPerKey: number
  readonly sseMax: number
  readonly workerConcurrency: number
  readonly uploadConcurrency: number
  readonly egressAllow: readonly string[]
  readonly nemoApiUrl: string
  readonly nemoToken: string | null
  readonly nemoClientId: string | null
  readonly platform: string
  readonly sseIdleMs: number
  readonly timings: StageTimings
  readonly leaseMs: number
  readonly dispatchMs: number
  readonly callbackScheduleMs: readonly number[]
  readonly callbackTimeoutMs: number
  readonly shutdownMs: number
  readonly shutdownGenerateMs: number
  readonly logLevel: string
  /** Null: no traces are sent. */
  readonly traceEndpoint: string | null
}

/** What a shape decides where the environment says nothing. */
export interface ShapeDefaults {
  readonly databaseUrl?: string
  readonly host: string
  readonly secret?: string
  readonly apiKey?: string
  readonly callbackSecret?: string
  readonly nemoApiUrl?: string
  readonly nemoToken?: string
  readonly shutdownGenerateMs: number
  /** How far its event loop may be behind before it takes nothing in; much else may share the process. */
  readonly mostLoopDelayMs?: number
  /** Multiplies the waits for the provider that were not set: a sandbox whose time runs faster is asked sooner. */
  readonly timeFactor: number
}

/** For a service whose database and provider are given. */
export const serverDefaults: ShapeDefaults = { host: '0.0.0.0', shutdownGenerateMs: 960_000, timeFactor: 1 }

export class MissingSettings extends Error {
  override readonly name = 'MissingSettings'
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    super(`these settings are needed: ${names.join(', ')}`)
    this.names = names
  }
}

/** Throws `MissingSettings` naming all that neither the environment nor the shape gives. */
export const resolveSettings = (config: Config, shape: ShapeDefaults): AppSettings => {
  const databaseUrl = config.DATABASE_URL ?? shape.databaseUrl
  const secret = config.CLIPLINE_SECRET ?? shape.secret
  const nemoApiUrl = config.NEMO_API_URL ?? shape.nemoApiUrl
  if (databaseUrl === undefined || secret === undefined || nemoApiUrl === undefined)
    throw new MissingSettings([
      ...(databaseUrl === undefined ? ['DATABASE_URL'] : []),
      ...(secret === undefined ? ['CLIPLINE_SECRET'] : []),
      ...(nemoApiUrl === undefined ? ['NEMO_API_URL'] : []),
    ])
  const dataDir = resolve(config.DATA_DIR ?? './data')
  return {
    databaseUrl,
    redisUrl: config.REDIS_URL,
    dataDir,
    storageUrl: config.STORAGE_URL ?? `file:${join(dataDir, 'media')}`,
    host: config.HOST ?? shape.host,
    port: config.PORT ?? 8080,
    workerPort: config.WORKER_PORT ?? 0,
    publicUrl: config.PUBLIC_URL ?? null,
    secret,
    apiKey: config.CLIPLINE_API_KEY ?? shape.apiKey ?? null,
    callbackSecret: config.CLIPLINE_CALLBACK_SECRET ?? shape.callbackSecret ?? null,
    ratePerMinute: config.RATE_LIMIT_PER_MINUTE ?? 6_000,
    failedKeysPerMinute: config.FAILED_KEYS_PER_MINUTE ?? 60,
    trustedProxies: config.TRUSTED_PROXIES ?? [],
    queueBound: config.QUEUE_BOUND ?? 1_000_000,
    mostLoopDelayMs: shape.mostLoopDelayMs ?? 250,
    sseMaxPerKey: config.SSE_MAX_PER_KEY ?? 1_000,
    sseMax: config.SSE_MAX ?? 10_000,
    workerConcurrency: config.WORKER_CONCURRENCY ?? 1_000,
    uploadConcurrency: config.STAGE_CONCURRENCY_UPLOAD ?? 16,
    egressAllow: config.EGRESS_ALLOW ?? [],
    nemoApiUrl,
    nemoToken: config.NEMO_TOKEN ?? (config.NEMO_API_URL === undefined ? (shape.nemoToken ?? null) : null),
    nemoClientId: config.NEMO_CLIENT_ID ?? null,
    platform: config.SKILL_SOURCE ?? 'unknown',
    sseIdleMs: config.NEMO_SSE_IDLE_MS ?? 600_000,
    timings: resolveTimings(config, shape.timeFactor),
    leaseMs: config.LEASE_MS ?? 30_000,
    dispatchMs: config.DISPATCH_MS ?? 250,
    callbackScheduleMs:
      config.CALLBACK_SCHEDULE_MS ??
      [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1_000),
    callbackTimeoutMs: config.CALLBACK_TIMEOUT_MS ?? 15_000,
    shutdownMs: config.SHUTDOWN_MS ?? 10_000,
    shutdownGenerateMs: config.SHUTDOWN_GENERATE_MS ?? shape.shutdownGenerateMs,
    traceEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    logLevel: config.LOG_LEVEL ?? 'info',
  }
}

/**
 * How long a generation or a render may take is never scaled: the sandbox's delays run faster, but the rendering is
 * real work. The looks after a clean end follow the recovery's pace.
 */
const resolveTimings = (config: Config, timeFactor: number): StageTimings => {
  const recoveryEveryMs = config.NEMO_RECOVERY_EVERY_MS ?? 60_000 * timeFactor
  const pace = recoveryEveryMs / 60_000
  return {
    renderPollMs: config.NEMO_RENDER_POLL_MS ?? 30_000 * timeFactor,
    renderTimeoutMs: config.NEMO_RENDER_TIMEOUT_MS ?? 300_000,
    messageMaxMs: config.NEMO_SSE_MAX_MS ?? 900_000,
    recoveryFirstMs: config.NEMO_RECOVERY_FIRST_MS ?? 30_000 * timeFactor,
    recoveryEveryMs,
    recoveryChecks: config.NEMO_RECOVERY_CHECKS ?? 5,
    rateLimitWaitMs: config.NEMO_RATE_LIMIT_WAIT_MS ?? 30_000 * timeFactor,
    confirmLooksMs: [0, 2_000, 5_000, 15_000].map((ms) => ms * pace),
  }
}
