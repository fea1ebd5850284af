import type { Readable } from 'node:stream'
import { isFinished } from '../../src/job/lifecycle.ts'
import { type Auditor, createAuditor } from './auditor.ts'
import { createClient } from './client.ts'
import { createDatabase, type Database } from './database.ts'
import { createDeliveryBells } from './delivery-bells.ts'
import { createDeliveryTable } from './delivery-table.ts'
import { createDispatcher, type DispatcherModel } from './dispatcher.ts'
import { createPermitTable } from './permit-table.ts'
import type { DatabaseServer } from './pool.ts'
import type { DownloadTruth } from './provider-client.ts'
import { createProviderServer, type ProviderServer } from './provider-server.ts'
import { createReceiver, type Receiver } from './receiver.ts'
import type { JobRow } from './rows.ts'
import { conversationSessionId, drawJobs } from './scenario.ts'
import { startWorker, type Worker, type WorkerDeps } from './worker.ts'
import type { World } from './world.ts'

export interface Fleet {
  readonly database: Database
  readonly auditor: Auditor
  readonly receiver: Receiver
}

/** At once, or when others of its conversation have had their turn. */
const redriveDelaysMs = [1_000, 150_000] as const

/** Puts a world together: database, provider, workers that are replaced when they die, clients, and what befalls them. */
export const startFleet = (world: World): Fleet => {
  const { scheduler } = world
  let dispatchers: readonly DispatcherModel[] = []
  const wakeDispatcher = () => {
    for (const dispatcher of dispatchers) dispatcher.wake()
  }
  const provider = createProviderServer(world)
  const auditor = createAuditor(world, () => ({ database, provider }))
  const database: Database = createDatabase(world, (row, verb) => {
    auditor.changed(row, verb)
    scheduler.at(0, wakeDispatcher)
    if (verb === 'fail') scheduler.at(world.random.pick(redriveDelaysMs), () => considerRedrive(row))
  })
  const away = { until: 0 }
  const databaseServer: DatabaseServer = {
    database,
    permits: createPermitTable(world, database),
    deliveries: createDeliveryTable(world, database, () => scheduler.at(0, wakeDispatcher)),
    get isAway() {
      return scheduler.nowMs < away.until
    },
  }
  const receiver = createReceiver(world, () => database)
  const workers = startWorkers({
    world,
    databaseServer,
    providerServer: provider,
    downloads: new WeakMap<Readable, DownloadTruth>(),
    watch: auditor,
    receiver,
    wakeDispatcher,
  })
  const client = createClient({
    world,
    databaseServer,
    wakeDispatcher,
    wakeHolders: () => {
      for (const worker of workers) worker.beat()
    },
  })
  dispatchers = [
    createDispatcher(world, database, { workers: () => workers, expire: client.expire }),
    createDeliveryBells(world, database, () => workers),
  ]
  const considerRedrive = ({ id, attempt }: JobRow): void => {
    if (attempt < 3 && world.random.chance(world.faults.redrive)) client.redrive(id)
  }
  submitJobs(world, database, provider, client.cancel)
  planMishaps(world, { away, provider, workers })
  return { database, auditor, receiver }
}

const startWorkers = (deps: WorkerDeps): Worker[] => {
  const { world } = deps
  const workers: Worker[] = []
  let started = 0
  const start = (): void => {
    started += 1
    const worker = startWorker(deps, `worker-${started}`)
    workers.push(worker)
    worker.process.onDeath(() => {
      workers.splice(workers.indexOf(worker), 1)
      world.scheduler.at(world.random.between(0, 5_000), start)
    })
  }
  for (let no = world.random.between(2, 3); no > 0; no -= 1) start()
  return workers
}

const submitJobs = (
  { scheduler, random, faults }: World,
  database: Database,
  provider: ProviderServer,
  cancel: (jobId: string) => void,
): void => {
  for (const row of drawJobs(random)) {
    if (row.provider_session_id !== null) adoptConversation(database, provider, row)
    scheduler.at(row.created_at, () => database.insertJob(row))
    if (!random.chance(faults.cancel)) continue
    // Some in the very moment in which the job is taken.
    const atMs = row.created_at + random.between(0, random.pick([300, 240_000]))
    scheduler.at(atMs, () => cancel(row.id))
    if (random.chance(0.2)) scheduler.at(atMs + random.between(0, 2_000), () => cancel(row.id))
  }
}

const adoptConversation = (database: Database, { sessions }: ProviderServer, { id }: JobRow): void => {
  const session = { id: conversationSessionId, jobId: id, media: [], isLost: false, isKept: true }
  if (!sessions.has(session.id)) sessions.set(session.id, session)
  database.sessions.push({ job_id: id, external_id: session.id })
}

const planMishaps = (
  world: World,
  {
    away,
    provider,
    workers,
  }: { away: { until: number }; provider: ProviderServer; workers: readonly Worker[] },
): void => {
  const { scheduler, random, faults } = world
  const sometime = () => random.between(0, faults.untilMs)
  for (let no = faults.database.outages; no > 0; no -= 1)
    scheduler.at(sometime(), () => {
      away.until = scheduler.nowMs + random.pick([500, 5_000, 20_000, 60_000])
      world.trace(`the database is away until ${away.until}`)
    })
  if (faults.provider.refuseToken > 0)
    scheduler.at(sometime(), () => {
      provider.token = 'token-2'
      world.trace('the token has expired')
    })
  for (let no = faults.stops; no > 0; no -= 1)
    scheduler.at(sometime(), () => {
      const [worker] = workers
      worker?.stop(() => worker.process.kill())
    })
}

/** Jobs or deliveries that have not come to their end. */
export const hasOpenWork = ({ jobs, deliveries }: Database): boolean =>
  [...jobs.values()].some(({ state }) => !isFinished(state)) ||
  deliveries.some(({ state }) => state === 'waiting')
