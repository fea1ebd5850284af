/**
 * The whole service as it runs in earnest, on ground of its own: a durable Postgres, the API, several workers and the
 * sandbox, each a real process, and a receiver that writes everything down. Nothing of it outlives `stop()`.
 */

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import { openStore } from '../../store/client.ts'
import { openUnsentMarks } from '../../store/unsent-marks.ts'
import { type Installation, openInstallation } from '../installation.ts'
import { migrateDatabase } from '../migrate-database.ts'
import { startSandboxChild } from '../sandbox-child.ts'
import { fillCompileCache } from './compile-cache.ts'
import { type Crew, startCrew } from './crew.ts'
import type { Disturbance, Evidence, Submit } from './evidence.ts'
import { hashArtifacts } from './hash-artifacts.ts'
import { readLedger } from './provider-ledger.ts'
import { type ProvingDatabase, startProvingDatabase } from './proving-database.ts'
import { type Queryable, readRows, type Unrest } from './read-rows.ts'
import { type RecordingReceiver, startRecordingReceiver } from './recording-receiver.ts'
import { endInTime, type ServiceProcess, startServiceProcess } from './service-process.ts'
import { type Patience, settle, watchUnrest } from './unrest.ts'

export interface ProvingGround {
  readonly dataDir: string
  readonly apiUrl: string
  readonly apiKey: string
  readonly sandboxUrl: string
  readonly database: ProvingDatabase
  /** For looking into the tables. */
  readonly rows: Queryable
  readonly api: ServiceProcess
  readonly workers: Crew
  readonly receiver: RecordingReceiver
  /** What of the work has not come to rest, as of a moment ago. */
  unrest(): Unrest
  /** Resolves when nothing is under way any more, here or at the provider, or when the time is over. */
  settle(submits: readonly Submit[], until: Patience): Promise<void>
  collect(submits: readonly Submit[], disturbances: readonly Disturbance[]): Promise<Evidence>
  stop(): Promise<void>
}

/** Where things are, as a process is told. */
export interface Addresses {
  readonly databaseUrl: string
  readonly redisUrl?: string
  readonly sandboxUrl: string
}

/** Puts something between the workers and what they reach. */
export type Detour = (real: Addresses) => Promise<Addresses>

export interface ProvingGroundOptions {
  /** An empty folder for everything. */
  readonly dataDir: string
  readonly workers: number
  /** How much faster than the provider the sandbox is. */
  readonly timeFactor: number
  readonly redisUrl?: string
  /** Settings of the service beside those of the ground. */
  readonly settings: Readonly<Record<string, string>>
  readonly detour?: Detour
  /** For node in the workers. */
  readonly workerNodeArgs?: readonly string[]
  readonly verify: (secret: string, headers: IncomingHttpHeaders, body: Buffer) => boolean
  /** The status that the receiver gives to its next call. */
  readonly answer: () => number
}

export const openProvingGround = async (options: ProvingGroundOptions): Promise<ProvingGround> => {
  const { dataDir } = options
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart()
  }
  try {
    const compileCache = fillCompileCache(join(dataDir, 'compile-cache'))
    const installation = await openInstallation(dataDir)
    const database = await startProvingDatabase(dataDir)
    stops.push(() => database.stop())
    await migrateDatabase(database.url, options.redisUrl)
    const sandbox = await startSandbox(dataDir, installation, options.timeFactor)
    stops.push(() => sandbox.stop())
    const receiver = await startRecordingReceiver({
      verify: (headers, body) => options.verify(installation.callbackSecret, headers, body),
      answer: options.answer,
      nowMs: systemClock.nowMs,
    })
    stops.push(() => receiver.close())
    const real = {
      databaseUrl: database.url,
      sandboxUrl: sandbox.url,
      ...(options.redisUrl !== undefined && { redisUrl: options.redisUrl }),
    }
    const start = processStarter(options, installation, await findFreePort(), await compileCache)
    const api = await start('api', real)
    stops.push(() => endInTime(api))
    const reached = (await options.detour?.(real)) ?? real
    const workers = await startCrew(options.workers, () => start('worker', reached))
    stops.push(() => workers.stop())
    const store = openStore({ databaseUrl: database.url, poolMax: 2 })
    stops.push(() => store.close())
    const watch = watchUnrest(store.pool)
    stops.push(() => watch.stop())
    const ground = {
      dataDir,
      apiUrl: String(api.ready['url']),
      apiKey: installation.apiKey,
      sandboxUrl: sandbox.url,
      database,
      rows: store.pool,
      api,
      workers,
      receiver,
      unrest: watch.unrest,
    }
    return {
      ...ground,
      settle: (submits, until) => settle(ground, submits, until),
      collect: (submits, disturbances) => collect(ground, { dataDir, submits, disturbances }),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

const startSandbox = (dataDir: string, { sandboxToken }: Installation, timeFactor: number) =>
  startSandboxChild({
    dataDir: join(dataDir, 'sandbox'),
    token: sandboxToken,
    timeFactor,
    renderer: 'fixture',
    port: 0,
    // More than any number of jobs can spend.
    credits: 1_000_000_000,
  })

const processStarter = (
  options: ProvingGroundOptions,
  installation: Installation,
  apiPort: number,
  environment: Readonly<Record<string, string>>,
) => {
  const given = {
    ...environment,
    DATA_DIR: options.dataDir,
    NEMO_TOKEN: installation.sandboxToken,
    CLIPLINE_SECRET: installation.secret,
    CLIPLINE_API_KEY: installation.apiKey,
    CLIPLINE_CALLBACK_SECRET: installation.callbackSecret,
    EGRESS_ALLOW: '127.0.0.1/32',
    HOST: '127.0.0.1',
    PORT: String(apiPort),
    RATE_LIMIT_PER_MINUTE: '0',
    LOG_LEVEL: 'warn',
    ...options.settings,
  }
  let started = 0
  return (
    role: 'api' | 'worker',
    { databaseUrl, redisUrl, sandboxUrl }: Addresses,
  ): Promise<ServiceProcess> => {
    started += 1
    return startServiceProcess({
      args: [role],
      environment: {
        ...given,
        DATABASE_URL: databaseUrl,
        NEMO_API_URL: sandboxUrl,
        ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
      },
      logFile: join(options.dataDir, 'logs', `${role}-${started}.log`),
      ...(role === 'worker' && options.workerNodeArgs && { nodeArgs: options.workerNodeArgs }),
    })
  }
}

const findFreePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

const collect = async (
  { rows, sandboxUrl, receiver }: Pick<ProvingGround, 'rows' | 'sandboxUrl' | 'receiver'>,
  given: {
    readonly dataDir: string
    readonly submits: readonly Submit[]
    readonly disturbances: readonly Disturbance[]
  },
): Promise<Evidence> => {
  const { artifacts, ...facts } = await readRows(rows)
  return {
    ...facts,
    artifacts: await hashArtifacts(join(given.dataDir, 'media'), artifacts),
    submits: given.submits,
    disturbances: given.disturbances,
    areMarksKept: openUnsentMarks(given.dataDir).whyNot === null,
    ledger: await readLedger(sandboxUrl),
    calls: receiver.calls,
  }
}
