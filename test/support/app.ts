import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type App, type Role, startApp } from '../../src/app.ts'
import { createLog } from '../../src/app-foundation.ts'
import { type AppSettings, resolveSettings } from '../../src/app-settings.ts'
import { type CliplineClient, createClient } from '../../src/client/index.ts'
import type { Config } from '../../src/config.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { watchAnswers } from './watched-fetch.ts'

export const testApiKey = `clk_${'t'.repeat(43)}`
export const testCallbackSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
export const testToken = 'nmv_usr_test'

/** A secret with enough different bytes to be taken for one. */
const testSecret = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7)).toString('hex')

/** Of a service in a process of its own, as its environment tells: where it listens, and its secrets. */
export const testEnvironment = {
  HOST: '127.0.0.1',
  PORT: '0',
  CLIPLINE_SECRET: testSecret,
  CLIPLINE_API_KEY: testApiKey,
  CLIPLINE_CALLBACK_SECRET: testCallbackSecret,
  LOG_LEVEL: 'warn',
} as const

/** The whole service with its sandbox, on a database of its own. */
export interface TestBed {
  readonly url: string
  readonly sandboxUrl: string
  readonly database: TestDatabase
  readonly dataDir: string
  readonly settings: AppSettings
  readonly client: CliplineClient
  /** Calls the API with the test's key. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** The sandbox's ledger, oldest first. */
  ledger(kind?: string): Promise<LedgerRow[]>
  setFault(fault: object): Promise<void>
  stop(): Promise<void>
}

export type LedgerRow = { readonly seq: number; readonly kind: string } & Readonly<Record<string, unknown>>

export interface TestBedOptions {
  readonly redisUrl?: string
  readonly config?: Config
  readonly sandbox?: Partial<SandboxOptions>
  readonly roles?: readonly Role[]
  /** Somebody else works too, so that bells go through the queue. */
  readonly hasCompany?: boolean
}

let redisDatabase = 0

/** Beds that share a Redis would answer each other's bells. */
const withOwnRedisDatabase = (redisUrl: string): string => {
  redisDatabase += 1
  return new URL(`/${redisDatabase % 16}`, redisUrl).href
}

export const startTestBed = async (options: TestBedOptions = {}): Promise<TestBed> => {
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const stopPart of stops.reverse()) await stopPart()
  }
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'clipline-bed-'))
    stops.push(() => rm(dataDir, { recursive: true, force: true }))
    const database = await createTestDatabase()
    stops.push(() => database.drop())
    if (options.hasCompany) await addCompany(database.url)
    const sandbox = await startTestSandbox(dataDir, options.sandbox)
    stops.push(() => sandbox.close())
    const settings = toTestSettings({ dataDir, databaseUrl: database.url, sandboxUrl: sandbox.url }, options)
    const app: App = await startApp(
      settings,
      options.roles ?? ['api', 'worker'],
      createLog(settings.logLevel),
    )
    stops.push(() => app.stop())
    const url = app.publicUrl ?? ''
    if (url !== '') stops.unshift(watchAnswers(url))
    return {
      url,
      sandboxUrl: sandbox.url,
      database,
      dataDir,
      settings,
      client: createClient({ baseUrl: url, apiKey: testApiKey }),
      fetch: (path, init = {}) => fetchWithKey(url, path, init),
      ledger: (kind) => readLedger(sandbox.url, kind),
      setFault: (fault) => setFault(sandbox.url, fault),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Another process that works, for as long as any test lasts. */
const addCompany = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    `INSERT INTO workers (id, slots, seen_at) VALUES ('elsewhere', 1, now() + interval '1 hour')`,
  )
  await client.end()
}

const startTestSandbox = (dataDir: string, options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
  startSandbox({
    dataDir: join(dataDir, 'sandbox'),
    timeFactor: 0,
    renderer: 'fixture',
    accounts: [{ token: testToken, credits: 1_000_000, plan: 'paid' }],
    ...options,
  })

const toTestSettings = (
  place: { readonly dataDir: string; readonly databaseUrl: string; readonly sandboxUrl: string },
  { redisUrl, config = {} }: TestBedOptions = {},
): AppSettings =>
  resolveSettings(
    {
      DATABASE_URL: place.databaseUrl,
      ...(redisUrl !== undefined && { REDIS_URL: withOwnRedisDatabase(redisUrl) }),
      DATA_DIR: place.dataDir,
      NEMO_API_URL: place.sandboxUrl,
      NEMO_TOKEN: testToken,
      CLIPLINE_SECRET: testSecret,
      CLIPLINE_API_KEY: testApiKey,
      CLIPLINE_CALLBACK_SECRET: testCallbackSecret,
      EGRESS_ALLOW: ['127.0.0.1/32'],
      HOST: '127.0.0.1',
      PORT: 0,
      LOG_LEVEL: (process.env['TEST_LOG_LEVEL'] as Config['LOG_LEVEL']) ?? 'silent',
      ...config,
    },
    // Test files, the sandbox, and what starts browsers share the loop of the service.
    {
      host: '127.0.0.1',
      shutdownGenerateMs: 1_000,
      timeFactor: 1 / 300,
      mostLoopDelayMs: Number.POSITIVE_INFINITY,
    },
  )

const fetchWithKey = (url: string, path: string, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', `Bearer ${testApiKey}`)
  return fetch(new URL(path, url), { ...init, headers })
}

export const readLedger = async (sandboxUrl: string, kind?: string): Promise<LedgerRow[]> => {
  const rows: LedgerRow[] = []
  let after = 0
  for (;;) {
    const query = new URLSearchParams({ after: String(after), ...(kind && { kind }) })
    const response = await fetch(`${sandboxUrl}/sandbox/ledger?${query}`)
    const page = (await response.json()) as { rows: LedgerRow[]; next_after: number; last_seq: number }
    rows.push(...page.rows)
    if (page.next_after >= page.last_seq || page.next_after === after) return rows
    after = page.next_after
  }
}

export const setFault = async (sandboxUrl: string, fault: object): Promise<void> => {
  const response = await fetch(`${sandboxUrl}/sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  })
  if (!response.ok) throw new Error(`the sandbox refused a fault: ${await response.text()}`)
}
