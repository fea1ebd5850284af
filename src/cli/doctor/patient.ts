import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { startEmbeddedPostgres } from '../../store/embedded.ts'
import { openInstallation } from '../installation.ts'
import { settingsFor } from '../settings.ts'

/** What is examined: the parts of the service that the settings name. */
export interface Patient {
  readonly isEmbedded: boolean
  readonly databaseUrl: string
  readonly redisUrl: string | undefined
  readonly storageUrl: string
  readonly dataDir: string
  /** Null: the sandbox, which is not running. */
  readonly nemoApiUrl: string | null
  readonly nemoToken: string | null
  readonly isSandbox: boolean
  readonly platform: string
  readonly nowMs: () => number
  /** Stops what was started for the examination. */
  stop(): Promise<void>
}

/** Stands in where no sandbox runs; nothing is asked there. */
const noProvider = 'http://127.0.0.1:9'

/**
 * Finds what the settings name, or, where they name no database, what `clipline up` would start: the embedded Postgres
 * is started for the time of the examination unless it runs.
 */
export const findPatient = async (config: Config, nowMs: () => number): Promise<Patient> => {
  const dataDir = resolve(config.DATA_DIR ?? './data')
  const isEmbedded = config.DATABASE_URL === undefined
  const isSandbox = config.NEMO_API_URL === undefined
  const installation = isEmbedded ? await openInstallation(dataDir) : null
  const postgres = isEmbedded ? await startEmbeddedPostgres({ dataDir }) : null
  const sandboxUrl = isSandbox ? await findSandbox(dataDir) : null
  const settings = settingsFor(config, {
    host: '127.0.0.1',
    shutdownGenerateMs: 0,
    timeFactor: 1,
    nemoApiUrl: sandboxUrl ?? noProvider,
    ...(installation !== null && { secret: installation.secret, nemoToken: installation.sandboxToken }),
    ...(postgres !== null && { databaseUrl: postgres.url }),
  })
  return {
    ...settings,
    isEmbedded,
    isSandbox,
    nemoApiUrl: isSandbox ? sandboxUrl : settings.nemoApiUrl,
    nowMs,
    stop: async () => postgres?.stop(),
  }
}

/** Where the sandbox of a running `clipline up` listens, or null. */
const findSandbox = async (dataDir: string): Promise<string | null> => {
  const port = await readFile(join(dataDir, 'sandbox-port'), 'utf8').catch(() => null)
  if (port === null) return null
  const url = `http://127.0.0.1:${port.trim()}`
  const isThere = await fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )
  return isThere ? url : null
}
