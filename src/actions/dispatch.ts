/** One round of the dispatcher: expire what came too late, mark what is due, ring its bells (architecture.md §4). */
import { failJob } from '../job/decide.ts'
import { failureCatalog } from '../job/failure.ts'
import type { DispatchStore, RungBell } from '../store/dispatch.ts'
import type { Writer } from '../store/writer.ts'
import type { Telemetry } from '../telemetry.ts'

export interface DispatchDeps {
  readonly dispatch: DispatchStore
  readonly writer: Writer
  /** The account of tenants without one of their own. */
  readonly sharedAccountId: () => Promise<string>
  readonly ring: (queue: 'jobs' | 'deliveries', bells: readonly RungBell[]) => Promise<void>
  readonly telemetry: Telemetry
}

/** What is rung at most in one round; what is left comes with the next. */
const mostPerRound = 1_000

/** Deliveries whose bells are out at a time: more than are claimed until the next round, and heard within a second or so. */
const mostDeliveriesRung = 2_000

/** A bell that nobody answered in this time is rung again. */
const againAfterMs = 5_000

export interface DispatchRound {
  readonly jobs: number
  /** There may be more than one round could take. */
  readonly hasMore: boolean
}

/** Rings everything that is due and has room. */
export const dispatchDue = async ({
  dispatch,
  sharedAccountId,
  ring,
  telemetry,
}: DispatchDeps): Promise<DispatchRound> => {
  const jobLimits = { most: mostPerRound, againAfterMs, sharedAccountId: await sharedAccountId() }
  // The marks are committed with each answer: a bell that is lost from there on is rung again.
  const jobs = await dispatch.ringJobs(jobLimits)
  const [deliveries] = await Promise.all([
    dispatch.ringDeliveries({ most: mostDeliveriesRung, againAfterMs }),
    jobs.length > 0 ? ring('jobs', jobs) : null,
  ])
  if (deliveries.length > 0) await ring('deliveries', deliveries)
  if (jobs.length + deliveries.length > 0)
    telemetry.state('dispatch.rang', { jobs: jobs.length, deliveries: deliveries.length })
  return {
    jobs: jobs.length,
    hasMore: jobs.length === mostPerRound || deliveries.length === mostDeliveriesRung,
  }
}

/** Ends the jobs whose deadline passed before anybody began them, unless somebody has begun them since the listing. */
export const expireOverdue = async ({ dispatch, writer }: DispatchDeps): Promise<void> => {
  const overdue = await dispatch.listExpired(mostPerRound)
  await Promise.all(
    overdue.map(({ id, seq, code }) => {
      const { attempt: _, verb: __, ...decision } = failJob('auth', code, failureCatalog[code].title)
      return writer.transitionJob({ ...decision, verb: 'expire', jobId: id, seq })
    }),
  )
}
