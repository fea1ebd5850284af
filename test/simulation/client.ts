import { type CancelJobDeps, cancelJob } from '../../src/actions/cancel-job.ts'
import { expireOverdue } from '../../src/actions/dispatch.ts'
import { redriveJob } from '../../src/actions/redrive-job.ts'
import type { FailureCode } from '../../src/job/failure.ts'
import { type JobPurpose, type StageName, stageNames } from '../../src/job/plan.ts'
import { createDispatchStore } from '../../src/store/dispatch.ts'
import type { RedriveRecord } from '../../src/store/redrives.ts'
import { createWriter } from '../../src/store/writer.ts'
import { skillEstimates } from '../support/skill-estimates.ts'
import type { Database } from './database.ts'
import { askDatabase, createPool, type DatabaseServer } from './pool.ts'
import { createProcess } from './process.ts'
import type { JobRow } from './rows.ts'
import { isExpected, leaseMs } from './worker.ts'
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
  const process = createProcess(world, 'dispatcher')
  expireOverdue({
    writer: openWriter(deps, process),
    sharedAccountId: () => Promise.resolve('acc_1'),
    ring: () => Promise.resolve(),
    telemetry: { state: () => undefined },
    dispatch: createDispatchStore({ pool: createPool(world, databaseServer, process) }),
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

/** The real action and the real decision; the client accepts the cost or not, as it comes. */
const redrive = (deps: ClientDeps, jobId: string): void => {
  const { world, databaseServer, wakeDispatcher } = deps
  const { database } = databaseServer
  const api = createProcess(world, `api redriving ${jobId}`)
  const ask = <T>(name: string, act: () => T) => askDatabase(world, databaseServer, api, name, act)
  redriveJob(
    {
      writer: openWriter(deps, api),
      wakeDispatcher,
      estimates: skillEstimates,
      queue: {
        isFull: () => Promise.resolve(false),
        roomFor: () => Promise.resolve(1_000_000),
        add: () => undefined,
      },
      jobs: { find: () => ask('find job', () => ({ ...database.jobs.get(jobId) }) as never) },
      redrives: { find: () => ask('find redrive', () => toRedriveRecord(database, jobId)) },
    },
    {
      tenantId: 'ten_1',
      jobId,
      queueBound: 1_000,
      fromStage: world.random.chance(0.3) ? anyStage(world) : null,
      isCostAccepted: world.random.chance(0.7),
    },
  ).then(
    (result) => {
      world.count(`redrive ${result.outcome}`)
      world.trace(
        `the client redrives ${jobId}: ${result.outcome} ${'fromStage' in result ? result.fromStage : ''}`,
      )
    },
    (error: unknown) => {
      world.trace(`the client could not redrive ${jobId}`)
      if (!isExpected(error)) world.violate('no surprises', String(error))
    },
  )
}

const anyStage = ({ random }: World): StageName | null =>
  stageNames[random.between(0, stageNames.length - 1)] ?? null

const toRedriveRecord = ({ jobs, permits }: Database, jobId: string): RedriveRecord | null => {
  const row = jobs.get(jobId)
  if (row === undefined) return null
  return {
    job: {
      id: row.id,
      state: row.state,
      stage: row.stage,
      messageNo: row.message_no,
      seq: row.seq,
      attempt: row.attempt,
      sessionId: row.session_id,
      providerSessionId: row.provider_session_id,
      renderId: row.render_id,
      failureCode: row.failure_code as FailureCode | null,
      warnings: row.warnings,
    },
    skill: row.request.skill,
    purpose: row.request.purpose as JobPurpose,
    messageCount: 1 + row.request.steps.length,
    accountId: row.account_id,
    hasInputs: row.request.inputs.length > 0,
    permits: permits
      .filter(({ job_id }) => job_id === jobId)
      .sort((a, b) => b.attempt - a.attempt || b.message_no - a.message_no || b.try - a.try)
      .map((permit) => ({
        id: permit.id,
        messageNo: permit.message_no,
        try: permit.try,
        state: permit.state,
        providerSessionId: permit.provider_session_id,
        fingerprint: permit.baseline.fingerprint,
        creditsReserved: permit.credits_reserved,
        creditsSettled: permit.credits_settled,
        isInterrupted: permit.detail['interrupted'] === true,
      })),
    goneUploads: [],
    uploadIds: [],
    isSessionLost: false,
  }
}
