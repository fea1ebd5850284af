import { type CancelJobDeps, cancelJob } from '../../src/actions/cancel-job.ts'
import { expireOverdue } from '../../src/actions/dispatch.ts'
import type { NewJobEvent } from '../../src/job/events.ts'
import { createWriter } from '../../src/store/writer.ts'
import { askDatabase, createPool, type DatabaseServer } from './pool.ts'
import { createProcess } from './process.ts'
import type { JobRow } from './rows.ts'
import { leaseMs } from './worker.ts'
import type { World } from './world.ts'

export interface ClientDeps {
  readonly world: World
  readonly databaseServer: DatabaseServer
  readonly wakeDispatcher: () => void
  readonly wakeHolders: () => void
}

/** What clients do to their jobs from outside, each time through a process of its own. */
export interface Client {
  cancel(jobId: string): void
  redrive(jobId: string): void
  /** Not a client's: what the leading dispatcher does about deadlines, by the real action. */
  expire(): void
}

export const createClient = (deps: ClientDeps): Client => ({
  cancel: (jobId) => cancel(deps, jobId),
  redrive: (jobId) => redrive(deps, jobId),
  expire: () => expire(deps),
})

const expire = (deps: ClientDeps): void => {
  const { world, databaseServer } = deps
  const { database } = databaseServer
  const process = createProcess(world, 'dispatcher')
  const overdue = [...database.jobs.values()].filter(
    ({ state, deadline_at }) =>
      state === 'queued' && (deadline_at ?? Number.POSITIVE_INFINITY) <= world.scheduler.nowMs,
  )
  const nothing = () => Promise.resolve([])
  expireOverdue({
    writer: openWriter(deps, process),
    ring: () => Promise.resolve(),
    telemetry: { state: () => undefined },
    dispatch: {
      ringJobs: nothing,
      ringDeliveries: nothing,
      listExpired: () => Promise.resolve(overdue.map(({ id }) => ({ id, code: 'deadline_exceeded' }))),
      recordWorker: () => Promise.resolve(),
      removeWorker: () => Promise.resolve(),
    },
  }).catch(() => world.trace('the dispatcher could not expire what is overdue'))
}

const openWriter = ({ world, databaseServer }: ClientDeps, process: ReturnType<typeof createProcess>) => {
  const pool = createPool(world, databaseServer, process)
  return createWriter({
    pool,
    leasePool: pool,
    clock: process.clock,
    owner: process.name,
    leaseMs,
    patienceMs: 5_000,
  })
}

/** The real action, over the same database. */
const cancel = (deps: ClientDeps, jobId: string): void => {
  const { world, databaseServer, wakeDispatcher, wakeHolders } = deps
  const { database } = databaseServer
  const api = createProcess(world, `api canceling ${jobId}`)
  const ask = <T>(name: string, act: () => T) => askDatabase(world, databaseServer, api, name, act)
  const actionDeps: CancelJobDeps = {
    writer: openWriter(deps, api),
    wakeDispatcher,
    wakeHolders,
    jobs: {
      // The action reads four columns, whose names are the same in the record.
      find: () => ask('find job', () => ({ ...database.jobs.get(jobId) }) as never),
      hasOpenWork: () => ask('has open work', () => hasOpenWork(databaseServer, jobId)),
      requestCancel: () => ask('request cancel', () => requestCancel(world, database.jobs.get(jobId))),
    },
  }
  cancelJob(actionDeps, { tenantId: 'ten_1', jobId }).then(
    ({ outcome }) => world.trace(`the client cancels ${jobId}: ${outcome}`),
    () => world.trace(`the client could not cancel ${jobId}`),
  )
}

const hasOpenWork = ({ database }: DatabaseServer, jobId: string): boolean => {
  const row = database.jobs.get(jobId)
  const hasPermit = database.permits.some(
    ({ job_id, state }) => job_id === jobId && ['open', 'accepted', 'unknown'].includes(state),
  )
  return hasPermit || (row?.render_id != null && ['export', 'render'].includes(row.stage))
}

const requestCancel = ({ scheduler }: World, row: JobRow | undefined): boolean => {
  if (row === undefined || row.finished_at !== null) return false
  row.cancel_requested_at ??= scheduler.nowMs
  if (row.state === 'waiting') row.due_at = Math.min(row.due_at, scheduler.nowMs)
  return true
}

/**
 * Puts a failed job back in the line where it failed; what has to be generated again begins at `generate`, what cannot
 * be found any more begins with a new session.
 */
const redrive = (deps: ClientDeps, jobId: string): void => {
  const { world, databaseServer, wakeDispatcher } = deps
  const row = databaseServer.database.jobs.get(jobId)
  if (row === undefined || row.state !== 'failed') return
  const api = createProcess(world, `api redriving ${jobId}`)
  const isLost = row.failure_code === 'provider_session_lost'
  const stage = isLost ? 'session' : row.stage === 'confirm' ? 'generate' : row.stage
  const messageNo = isLost ? 0 : row.message_no
  const attempt = row.attempt + 1
  const events: NewJobEvent[] = [
    { type: 'job.redriven', data: { stage, message_no: messageNo, progress: row.progress, attempt } },
  ]
  const isRendering = stage === 'render' || stage === 'deliver'
  openWriter(deps, api)
    .transitionJob({
      verb: 'redrive',
      jobId,
      seq: row.seq,
      events,
      dueInMs: 0,
      patch: {
        attempt,
        stage,
        messageNo,
        tries: 0,
        crashCount: 0,
        notes: {},
        failureCode: null,
        failureMessage: null,
        failureStage: null,
        ...(isLost ? { providerSessionId: null } : {}),
        ...(isRendering
          ? {}
          : { renderId: stage === 'export' ? `render of ${jobId}, attempt ${attempt}` : null }),
      },
    })
    .then(
      ({ outcome }) => {
        world.trace(`the client redrives ${jobId} from ${stage}: ${outcome}`)
        wakeDispatcher()
      },
      () => world.trace(`the client could not redrive ${jobId}`),
    )
}
