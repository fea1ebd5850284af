import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ShapeDefaults } from '../app-settings.ts'
import type { Config } from '../config.ts'
import { startEmbeddedPostgres } from '../store/embedded.ts'
import type { StoreLog } from '../store/log.ts'
import { type Installation, openInstallation } from './installation.ts'
import { startSandboxChild } from './sandbox-child.ts'

export interface EmbeddedShape {
  readonly defaults: ShapeDefaults
  readonly installation: Installation
  /** What was started, for people. */
  readonly parts: readonly string[]
  /** Stops what was started, the database last. */
  stop(): Promise<void>
}

export interface EmbeddedShapeOptions {
  readonly config: Config
  readonly log?: StoreLog
  readonly timeFactor?: number
  readonly renderer?: 'full' | 'tiny' | 'fixture'
}

/** One minute of the provider passes in a second. */
const sandboxTimeFactor = 1 / 60

/**
 * Everything that nobody gave: a Postgres from npm unless DATABASE_URL names one, the sandbox unless NEMO_API_URL
 * names a provider, and secrets that are generated once (architecture.md §2).
 */
export const startEmbeddedShape = async ({
  config,
  log,
  timeFactor = sandboxTimeFactor,
  renderer = 'full',
}: EmbeddedShapeOptions): Promise<EmbeddedShape> => {
  const dataDir = resolve(config.DATA_DIR ?? './data')
  const installation = await openInstallation(dataDir)
  const stops: (() => Promise<void>)[] = []
  const parts: string[] = []
  const stop = async () => {
    for (const stopPart of stops.reverse()) await stopPart()
  }
  try {
    const postgres =
      config.DATABASE_URL === undefined ? await startEmbeddedPostgres({ dataDir, ...(log && { log }) }) : null
    if (postgres) {
      stops.push(() => postgres.stop())
      parts.push('Postgres')
    }
    const sandbox =
      config.NEMO_API_URL === undefined
        ? await startSandbox({ dataDir, installation, timeFactor, renderer })
        : null
    if (sandbox) {
      stops.push(() => sandbox.stop())
      parts.push('sandbox')
    }
    return {
      installation,
      parts,
      stop,
      defaults: {
        host: '127.0.0.1',
        secret: installation.secret,
        apiKey: installation.apiKey,
        callbackSecret: installation.callbackSecret,
        shutdownGenerateMs: 10_000,
        timeFactor: sandbox === null ? 1 : timeFactor,
        ...(postgres && { databaseUrl: postgres.url }),
        ...(sandbox && { nemoApiUrl: sandbox.url, nemoToken: installation.sandboxToken }),
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The port is kept, so that links to a provider's files stay the same over restarts; a taken one is replaced. */
const startSandbox = async ({
  dataDir,
  installation,
  timeFactor,
  renderer,
}: {
  readonly dataDir: string
  readonly installation: Installation
  readonly timeFactor: number
  readonly renderer: 'full' | 'tiny' | 'fixture'
}) => {
  const portFile = join(dataDir, 'sandbox-port')
  const kept = Number(await readFile(portFile, 'utf8').catch(() => '0'))
  const options = {
    dataDir: join(dataDir, 'sandbox'),
    token: installation.sandboxToken,
    timeFactor,
    renderer,
  }
  const sandbox = await startSandboxChild({ ...options, port: kept }).catch((error: unknown) => {
    if (kept === 0 || !String(error).includes('EADDRINUSE')) throw error
    return startSandboxChild({ ...options, port: 0 })
  })
  await writeFile(portFile, new URL(sandbox.url).port)
  return sandbox
}
