/** Builds the service from its settings and runs the roles that were asked for; stops them in reverse. */
import type { Logger } from 'pino'
import { ensureBootstrapKey } from './actions/ensure-bootstrap-key.ts'
import { ensureBootstrapSecret } from './actions/ensure-bootstrap-secret.ts'
import type { ApiRole } from './app-api.ts'
import { closingMs, type Foundation, openFoundation } from './app-foundation.ts'
import type { AppSettings } from './app-settings.ts'
import type { WorkerRole } from './app-worker.ts'
import { newId } from './job/ids.ts'
import { isQueueMigrated } from './queue/migrate.ts'
import { createApiKeyStore } from './store/api-keys.ts'
import { MigrationNeeded } from './store/migration-needed.ts'
import { readMigrationState } from './store/migration-state.ts'
import { createTenantStore } from './store/tenants.ts'
import { within } from './within.ts'

export type Role = 'api' | 'worker'

export interface App {
  /** Where the API answers, as clients reach it; null without that role. */
  readonly publicUrl: string | null
  /** Drains: no new work, everything under way ends or is handed back, in time whatever else is away. */
  stop(): Promise<void>
}

/** Rejects with `MigrationNeeded` where the database is older than this version. */
export const startApp = async (settings: AppSettings, roles: readonly Role[], log: Logger): Promise<App> => {
  const foundation = await openFoundation(settings, log)
  let api: ApiRole | null = null
  let worker: WorkerRole | null = null
  const { clock } = foundation
  const stop = async () => {
    const untilMs = clock.monotonicMs() + settings.shutdownMs
    await Promise.all([api?.stop(), worker?.stop()])
    const leftMs = Math.max(closingMs, untilMs - clock.monotonicMs())
    const isClosed = await within(clock, leftMs, foundation.close())
    if (!isClosed) log.warn('what was not closed in time ends with the process')
  }
  try {
    await assertMigrated(foundation)
    await bootstrap(foundation)
    await foundation.estimates.refresh()
    // Each role is loaded when it is wanted: most of what one needs, the other can do without.
    if (roles.includes('api')) api = await (await import('./app-api.ts')).startApiRole(foundation)
    const publicUrl = api?.publicUrl ?? settings.publicUrl ?? `http://${settings.host}:${settings.port}`
    if (roles.includes('worker'))
      worker = await (await import('./app-worker.ts')).startWorkerRole(foundation, { publicUrl })
    return { publicUrl: api?.publicUrl ?? null, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A database that a newer version has migrated will do: while versions are mixed, it goes first. */
const assertMigrated = async ({ store, queue }: Foundation): Promise<void> => {
  const { pending, hasRecords } = await readMigrationState(store.pool)
  if (!hasRecords) throw new MigrationNeeded('the database was never migrated')
  const [first, ...others] = pending
  if (first !== undefined)
    throw new MigrationNeeded(
      `the database misses the migration ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`,
    )
  if (queue.kind === 'postgres' && !(await isQueueMigrated(store.pool)))
    throw new MigrationNeeded('the database misses the schema of the queue, or has an older one')
}

/** The tenant “default”, its first key and the secret of its callbacks. Any number of processes may do this at once. */
const bootstrap = async ({ settings, store, clock, keys, sealer }: Foundation): Promise<void> => {
  const tenants = createTenantStore({ pool: store.pool })
  const apiKeys = createApiKeyStore({ pool: store.pool })
  const tenantId =
    settings.apiKey === null
      ? await tenants.ensure({ id: newId('tenant', clock.nowMs()), name: 'default' })
      : (await ensureBootstrapKey({ tenants, apiKeys, clock, pepper: keys.pepper }, settings.apiKey)).tenantId
  await ensureBootstrapSecret({ tenants, sealer }, { tenantId, secret: settings.callbackSecret })
}
