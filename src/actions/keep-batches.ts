/**
 * Does what closed batches have left to do: lets go of their jobs, cancels them, runs failed ones again, and ends the
 * batch once nothing is left. Every step is small, fenced, and goes on where it was cut off (architecture.md §6).
 */
import { renderCallbackBody } from '../callbacks/body.ts'
import { batchCompletedEvent } from '../callbacks/endpoint-events.ts'
import type { Clock } from '../clock.ts'
import { batchEndingOf } from '../job/batch-ending.ts'
import { cancelJob as decideCancel } from '../job/decide.ts'
import { newId } from '../job/ids.ts'
import type { ActiveBatch, BatchWorkStore, OpenJob } from '../store/batch-work.ts'
import type { BatchRecord, BatchRedrive, BatchStore } from '../store/batches.ts'
import { databaseErrorKind, StoreUnavailable } from '../store/database-error.ts'
import type { BatchFigures, TallyStore } from '../store/tallies.ts'
import type { Telemetry } from '../telemetry.ts'
import { type CancelJobDeps, cancelJob } from './cancel-job.ts'
import { type RedriveJobDeps, redriveJob } from './redrive-job.ts'

export interface KeepBatchesDeps extends CancelJobDeps, RedriveJobDeps {
  readonly jobs: CancelJobDeps['jobs'] & RedriveJobDeps['jobs']
  readonly batches: Pick<BatchStore, 'find'>
  readonly batchWork: BatchWorkStore
  readonly tallies: Pick<TallyStore, 'readBatches'>
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Of a tenant that has no bound of its own. */
  readonly queueBound: number
  /** The batch as the API shows it. */
  readonly showBatch: (batch: BatchRecord, figures: BatchFigures) => object
}

const releasedAtATime = 1_000
const canceledAtATime = 500
const redrivenAtATime = 50
/** Steps of each batch in one round; what is left comes with the next. */
const stepsPerRound = 20

/** One round for all batches, a step of each in turn. True when there is more to do at once. */
export const keepBatches = async (deps: KeepBatchesDeps, signal: AbortSignal): Promise<boolean> => {
  let hasMore = false
  if ((await deps.batchWork.listActive()).length === 0) return false
  await deps.batchWork.lead(async () => {
    for (let step = 0; step < stepsPerRound && !signal.aborted; step += 1) {
      hasMore = await takeSteps(deps, signal)
      if (!hasMore) break
    }
    await endDone(deps, signal)
  })
  return hasMore && !signal.aborted
}

/** True when some batch got on. */
const takeSteps = async (deps: KeepBatchesDeps, signal: AbortSignal): Promise<boolean> => {
  let isProgress = false
  for (const batch of await deps.batchWork.listActive()) {
    if (signal.aborted) return false
    if (await takeStepOrTell(deps, batch, signal)) isProgress = true
  }
  return isProgress
}

/** What is wrong with one batch holds up no other. */
const takeStepOrTell = async (
  deps: KeepBatchesDeps,
  batch: ActiveBatch,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    return await takeStep(deps, batch, signal)
  } catch (error) {
    deps.telemetry.state('batches.failed', { batchId: batch.id, error })
    return false
  }
}

const takeStep = async (deps: KeepBatchesDeps, batch: ActiveBatch, signal: AbortSignal): Promise<boolean> => {
  if (batch.state === 'canceling') return cancelSome(deps, batch, signal)
  if (!batch.isReleased) return releaseSome(deps, batch)
  if (batch.redrive !== null && !batch.redrive.is_done) return redriveSome(deps, batch, batch.redrive)
  return false
}

const releaseSome = async (deps: KeepBatchesDeps, batch: ActiveBatch): Promise<boolean> => {
  const { batchWork, queue } = deps
  const room = await queue.roomFor(batch.tenantId, batch.queueBound ?? deps.queueBound)
  if (room === 0) return false
  const { released, isProgress } = await batchWork.release(batch.id, Math.min(room, releasedAtATime))
  queue.add(batch.tenantId, released)
  if (released > 0) deps.wakeDispatcher()
  return isProgress
}

/** Those that were asked to end already are left to their holders. */
const cancelSome = async (
  deps: KeepBatchesDeps,
  { id, tenantId }: ActiveBatch,
  signal: AbortSignal,
): Promise<boolean> => {
  let after = ''
  while (!signal.aborted) {
    const open = await deps.batchWork.listOpen(id, { after, most: canceledAtATime })
    const unasked = open.filter((job) => !job.isCancelRequested)
    await Promise.all(unasked.map((job) => cancelOpen(deps, tenantId, job)))
    const last = open.at(-1)
    if (unasked.length > 0) return true
    if (last === undefined || open.length < canceledAtATime) return false
    after = last.id
  }
  return false
}

/** A queued job is withdrawn as it was seen; if it was claimed meanwhile, the next step sees it at work. */
const cancelOpen = (deps: KeepBatchesDeps, tenantId: string, job: OpenJob): Promise<unknown> => {
  if (job.state !== 'queued') return cancelJob(deps, { tenantId, jobId: job.id })
  const { patch, events } = decideCancel(job.stage)
  return deps.writer.transitionJob({ verb: 'withdraw', jobId: job.id, seq: job.seq, patch, events })
}

const redriveSome = async (
  deps: KeepBatchesDeps,
  batch: ActiveBatch,
  redrive: BatchRedrive,
): Promise<boolean> => {
  const { batchWork, queue } = deps
  const queueBound = batch.queueBound ?? deps.queueBound
  const room = await queue.roomFor(batch.tenantId, queueBound)
  if (room === 0) return false
  const most = Math.min(room, redrivenAtATime)
  const { ids, lookedTo, isLast } = await batchWork.listFailed(batch.id, redrive, most)
  const redrives = await Promise.all(
    // There was room for all of these a moment ago.
    ids.map((jobId) => redriveOne(deps, batch, { jobId, redrive, queueBound: queueBound + redrivenAtATime })),
  )
  const firstLeft = redrives.indexOf('queue_full')
  const done = firstLeft === -1 ? redrives : redrives.slice(0, firstLeft)
  const redriven = done.filter((outcome) => outcome === 'redriven').length
  await batchWork.advanceRedrive(batch.id, redrive, {
    ...redrive,
    redriven_to: firstLeft === -1 ? lookedTo : (ids[firstLeft - 1] ?? redrive.redriven_to),
    redriven: redrive.redriven + redriven,
    skipped: redrive.skipped + done.length - redriven,
    is_done: firstLeft === -1 && isLast,
  })
  return firstLeft === -1
}

/** How it went; a job that cannot be redriven for a reason of its own is skipped. */
const redriveOne = async (
  deps: KeepBatchesDeps,
  { id: batchId, tenantId }: ActiveBatch,
  job: { readonly jobId: string; readonly redrive: BatchRedrive; readonly queueBound: number },
): Promise<'redriven' | 'queue_full' | 'skipped'> => {
  try {
    const { jobId, queueBound, redrive } = job
    const input = { tenantId, jobId, queueBound, fromStage: null, isCostAccepted: redrive.accept_cost }
    const { outcome } = await redriveJob(deps, input)
    return outcome === 'redriven' || outcome === 'queue_full' ? outcome : 'skipped'
  } catch (error) {
    if (isDatabaseAway(error)) throw error
    deps.telemetry.state('batches.failed', { batchId, error })
    return 'skipped'
  }
}

const isDatabaseAway = (error: unknown): boolean =>
  error instanceof StoreUnavailable || databaseErrorKind(error) !== 'other'

const endDone = async (deps: KeepBatchesDeps, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return
  const done = await deps.batchWork.listDone()
  if (done.length === 0) return
  const figures = await deps.tallies.readBatches(done.map(({ id }) => id))
  for (const { id, tenantId } of done) {
    if (signal.aborted) return
    const batch = await deps.batches.find(tenantId, id)
    const counted = figures.get(id)
    if (batch !== null && counted !== undefined) await end(deps, batch, counted)
  }
}

const end = async (deps: KeepBatchesDeps, batch: BatchRecord, figures: BatchFigures): Promise<void> => {
  const { clock, batchWork, telemetry, showBatch } = deps
  const state = batchEndingOf({ ...batch, succeeded: figures.jobs.succeeded })
  const at = new Date(clock.nowMs())
  const shown = showBatch({ ...batch, state, finishedAt: at }, figures)
  const body = renderCallbackBody({
    type: batchCompletedEvent,
    at,
    sequence: batch.seq + 1,
    about: { batch: shown },
  })
  const isEnded = await batchWork.end({
    batchId: batch.id,
    state,
    seq: batch.seq,
    at,
    event: {
      id: newId('event', clock.nowMs()),
      type: batchCompletedEvent,
      data: {
        batch_id: batch.id,
        state,
        accepted: batch.accepted,
        rejected: batch.rejected,
        jobs: figures.jobs,
      },
      body: body.toString('utf8'),
    },
  })
  if (!isEnded) return
  telemetry.state('batch.ended', { batchId: batch.id, state })
  deps.wakeDispatcher()
}
