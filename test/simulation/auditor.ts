import { foldEvents, isTerminalEvent } from '../../src/job/events.ts'
import { isFinished, type JobState, lifecycle, type Verb } from '../../src/job/lifecycle.ts'
import type { Database } from './database.ts'
import type { MessageName } from './message-channel.ts'
import type { Process } from './process.ts'
import type { Generation, ProviderServer } from './provider-server.ts'
import type { EventRow, JobRow, PermitModelRow } from './rows.ts'
import type { World } from './world.ts'

/** Holds the invariants of guarantees.md §0 against what happens, step by step; it trusts no fence and no verdict. */
export interface Auditor {
  changed(row: JobRow, verb: string): void
  messageLeaves(
    process: Process,
    message: MessageName & { readonly sessionId: string; readonly baselineReadAtMs: number | null },
  ): { readonly attempt: number }
  messageAccepted(generation: Generation): void
  renderArrives(renderId: string, sessionId: string): void
  mediaAdded(sessionId: string): void
  /** At the end, when nothing is under way any more. */
  atRest(): void
}

export interface Evidence {
  readonly database: Database
  readonly provider: ProviderServer
}

/** How long after it shows an effect may be missed by a look that was taken before. */
const blindMs = 61_000
/** Within this time a holder learns of a cancel or loses its lease. */
const cancelReachesMs = 31_000

export const createAuditor = (world: World, evidence: () => Evidence): Auditor => {
  const { scheduler } = world
  const seen = new Map<string, { state: JobState; epoch: number; eventEpoch: number; attempt: number }>()

  const generationsOf = (of: Pick<PermitModelRow, 'job_id' | 'message_no' | 'attempt'>): Generation[] =>
    evidence().provider.ledger.filter(
      ({ jobId, messageNo, attempt }) =>
        jobId === of.job_id && messageNo === of.message_no && attempt === of.attempt,
    )

  return {
    changed(row, verb) {
      const { database } = evidence()
      const events = database.events.get(row.id) ?? []
      const before = seen.get(row.id)
      checkStep(world, row, verb, before?.state ?? null)
      if (before !== undefined && row.epoch < before.epoch) world.violate('I7', 'an epoch went down')
      checkEvents(world, row, events, before?.eventEpoch ?? 0)
      seen.set(row.id, {
        state: row.state,
        epoch: row.epoch,
        eventEpoch: events.at(-1)?.epoch ?? 0,
        attempt: row.attempt,
      })
      const permits = database.permits.filter(({ job_id }) => job_id === row.id)
      for (const permit of permits)
        if (permit.closed_at === scheduler.nowMs) checkVerdict(world, row, permit, generationsOf(permit))
      world.count(verb === 'claim' && before?.state === 'running' ? 'rescue' : verb)
      if (isFinished(row.state)) checkEnd(world, row, permits)
      world.trace(
        `${row.id} ${verb} → ${row.state} ${row.stage}/${row.message_no} seq ${row.seq} epoch ${row.epoch}`,
      )
    },

    messageLeaves(process, { jobId, messageNo, sessionId, baselineReadAtMs }) {
      const { database } = evidence()
      const row = database.jobs.get(jobId)
      if (row === undefined) throw new Error(`a message of the unknown job ${jobId} leaves`)
      world.count('messages')
      const permit = database.permits.find(
        (one) =>
          one.job_id === jobId &&
          one.message_no === messageNo &&
          one.provider_session_id === sessionId &&
          one.writtenBy === process.name &&
          one.state === 'open' &&
          one.sends === 0,
      )
      if (permit === undefined) {
        world.violate('I2', `message ${messageNo} of ${jobId} leaves without a permit of its own`)
        return { attempt: row.attempt }
      }
      permit.sends += 1
      if (baselineReadAtMs === null || baselineReadAtMs > permit.created_at)
        world.violate('I2', 'the baseline was not read before the permit was opened')
      if (row.epoch !== permit.epoch || (row.lease_until ?? 0) <= scheduler.nowMs)
        world.violate('I7', `message ${messageNo} of ${jobId} leaves without a lease`)
      if (row.cancel_requested_at !== null && permit.created_at > row.cancel_requested_at)
        world.violate('cancel', `message ${messageNo} of ${jobId} was begun after its cancel`)
      if (row.cancel_requested_at !== null && scheduler.nowMs - row.cancel_requested_at > cancelReachesMs)
        world.violate('cancel', `${jobId} still sends messages long after it was to be canceled`)
      if (!database.sessions.some(({ external_id }) => external_id === sessionId))
        world.violate('I6', `a message goes to the session ${sessionId}, which no job knows`)
      return { attempt: permit.attempt }
    },

    messageAccepted({ jobId, messageNo, attempt }) {
      const counted = generationsOf({ job_id: jobId, message_no: messageNo, attempt }).filter(
        ({ isCanceled, charged }) => !isCanceled || charged > 0,
      )
      if (counted.length > 1)
        world.violate('I2', `message ${messageNo} of ${jobId} was accepted ${counted.length} times`)
    },

    renderArrives(renderId, sessionId) {
      const { database, provider } = evidence()
      const owner = database.renderIds.get(renderId)
      if (owner === undefined || owner !== provider.sessions.get(sessionId)?.jobId)
        world.violate('I6', `the render ${renderId} was asked for before its id was recorded`)
    },

    mediaAdded(sessionId) {
      const { database, provider } = evidence()
      const session = provider.sessions.get(sessionId)
      const inputs = database.jobs.get(String(session?.jobId))?.request.inputs.length ?? 0
      if (session !== undefined && session.media.length > inputs)
        world.violate(
          'I6',
          `${session.jobId} has ${inputs} inputs, and its session ${session.media.join(', ')}`,
        )
    },

    atRest() {
      const { database, provider } = evidence()
      for (const row of database.jobs.values()) {
        if (!isFinished(row.state))
          world.violate('I1', `${row.id} never ended: it is ${row.state} in ${row.stage}`)
        checkFile(world, row, database, provider, generationsOf)
      }
      for (const { jobId, messageNo, attempt, charged } of provider.ledger) {
        const isCounted = database.permits.some(
          (permit) =>
            permit.job_id === jobId &&
            permit.message_no === messageNo &&
            permit.attempt === attempt &&
            (permit.state === 'settled' || permit.state === 'unknown'),
        )
        if (charged > 0 && !isCounted)
          world.violate(
            'I3',
            `${charged} credits of ${jobId}, message ${messageNo}, are nowhere in our books`,
          )
      }
    },
  }
}

const checkStep = (world: World, row: JobRow, verb: string, before: JobState | null): void => {
  if (before === null) return
  const { from, to } = lifecycle[verb as Verb]
  if (!(from as readonly JobState[]).includes(before) || row.state !== to)
    world.violate('I8', `${row.id} went from ${before} to ${row.state} by ${verb}`)
}

const checkEvents = (world: World, row: JobRow, events: readonly EventRow[], lastEpoch: number): void => {
  if (events.length !== row.seq || events.at(-1)?.seq !== row.seq)
    world.violate('I8', `${row.id} has ${events.length} events and the number ${row.seq}`)
  if ((events.at(-1)?.epoch ?? 0) < lastEpoch) world.violate('I7', 'the epoch of an event went down')
  checkRepetition(world, row, events)
  const ends = events.filter(({ type, attempt }) => isTerminalEvent(type) && attempt === row.attempt)
  if (ends.length > 1) world.violate('I4', `attempt ${row.attempt} of ${row.id} ended ${ends.length} times`)
  if (row.state === 'running') return
  const folded = JSON.stringify(foldEvents(events))
  const stored = JSON.stringify({
    state: row.state,
    stage: row.stage,
    messageNo: row.message_no,
    attempt: row.attempt,
    progress: row.progress,
    failureCode: row.failure_code,
  })
  if (folded !== stored) world.violate('I8', `the events of ${row.id} say ${folded}, the row says ${stored}`)
}

/** Nothing is told twice: a stage ends where the job is, and progress only rises. */
const checkRepetition = (world: World, row: JobRow, events: readonly EventRow[]): void => {
  const [finished, last] = events.slice(-2)
  if (finished?.type === 'job.stage_finished' && last?.type === 'job.stage_started') {
    const { stage } = finished.data
    if (foldEvents(events.slice(0, -2))?.stage !== stage)
      world.violate('I8', `${row.id} ended ${stage}, which it was not in`)
  }
  if (last?.type === 'job.progress') {
    const { progress } = last.data
    if (progress <= (foldEvents(events.slice(0, -1))?.progress ?? 0))
      world.violate('I8', `${row.id} says again that its progress is ${progress}`)
  }
}

/** Was the verdict over a message the truth, as far as anyone could have known? */
const checkVerdict = (
  world: World,
  row: JobRow,
  permit: PermitModelRow,
  generations: readonly Generation[],
): void => {
  const { scheduler } = world
  const isInterrupted = permit.detail['interrupted'] === true
  const isResend = permit.state === 'not_accepted' && permit.detail['evidence'] === 'unknown'
  world.count(`permit ${isInterrupted ? 'interrupted' : isResend ? 'proven absent' : permit.state}`)
  const traced = generations.filter(({ isCanceled, charged }) => !isCanceled || charged > 0)
  const effective = traced.filter(({ effect, isCanceled }) => effect !== null && !isCanceled)
  const name = `message ${permit.message_no} of ${row.id}`
  if (['not_accepted', 'not_sent', 'rejected'].includes(permit.state) && traced.length > 0)
    world.violate('I2', `${name} counts as ${permit.state}, and it was accepted`)
  if (isInterrupted) return
  if (permit.state === 'settled' && generations.length === 0)
    world.violate('honesty', `${name} counts as carried out, and it was never accepted`)
  const isShown = effective.some(({ showsAtMs }) => showsAtMs < scheduler.nowMs - blindMs)
  if (permit.state === 'unknown' && isShown)
    world.violate('honesty', `${name} counts as unknown, and its effect shows`)
  const saysNothingMade =
    row.failure_code === 'awaiting_input' ||
    (row.failure_code === 'generation_failed' && permit.state === 'settled') ||
    row.warnings.some(({ message }) => message.startsWith(`step ${permit.message_no} `))
  if (row.failure_code === 'draft_not_exportable' && effective.length > 0)
    world.violate('honesty', `${row.id} was given up while the provider was at it`)
  if (saysNothingMade && effective.length > 0)
    world.violate('honesty', `${name} counts as without effect, and it made something`)
  const charged = generations.reduce((sum, generation) => sum + generation.charged, 0)
  if (permit.state === 'settled' && !permit.is_estimated && permit.credits_settled !== charged)
    world.violate(
      'I3',
      `${name} was settled with exactly ${permit.credits_settled} credits, and cost ${charged}`,
    )
}

const checkEnd = (world: World, row: JobRow, permits: readonly PermitModelRow[]): void => {
  const sum = (some: readonly PermitModelRow[]) =>
    some.reduce((total, { credits_settled }) => total + (credits_settled ?? 0), 0)
  if (permits.some(({ state }) => state === 'open' || state === 'accepted'))
    world.violate('I3', `${row.id} has ended and left a permit open`)
  if (row.credits_spent !== sum(permits))
    world.violate('I3', `${row.id} says ${row.credits_spent} credits, its permits say ${sum(permits)}`)
  const atRisk = sum(permits.filter(({ state }) => state === 'unknown'))
  if (row.credits_at_risk !== atRisk)
    world.violate('I3', `${row.id} says ${row.credits_at_risk} at risk, its permits say ${atRisk}`)
}

/** A job that succeeded has the file of its last render, and that shows everything that was made. */
const checkFile = (
  world: World,
  row: JobRow,
  { artifacts, permits }: Database,
  { renders }: ProviderServer,
  generationsOf: (permit: PermitModelRow) => readonly Generation[],
): void => {
  if (row.state !== 'succeeded' || row.request.purpose === 'message') return
  const artifact = artifacts.find(({ id }) => id === row.artifact_id)
  if (artifact?.sha256 !== `movie of ${row.render_id}`)
    world.violate('file', `${row.id} has succeeded with the file ${artifact?.sha256}`)
  const shown = renders.get(String(row.render_id))?.effects ?? []
  const made = permits
    .filter(({ job_id, state }) => job_id === row.id && state === 'settled')
    .flatMap(generationsOf)
    .filter(({ sessionId }) => sessionId === row.provider_session_id)
    .filter(({ effect, isCanceled }) => effect !== null && !isCanceled)
  for (const { effect } of made)
    if (!shown.includes(String(effect))) world.violate('file', `the file of ${row.id} misses ${effect}`)
}
