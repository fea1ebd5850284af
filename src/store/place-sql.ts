/**
 * The line of a tenant: its queued jobs in the order of (order_at, id), where `order_at` is the time at which a job is due
 * less the head start of its priority (architecture.md §4).
 *
 * The index of the line holds the priorities apart. Only within one do all that are due stand before those for later: a
 * job of high priority that is due in four minutes has its place before a normal one that is due now.
 */
import { headStartSeconds, priorities } from '../job/job.ts'

/** All priorities, for a FROM: `p.priority`, `p.head_start`. */
export const eachPriority = `(VALUES ${priorities
  .map((priority) => `('${priority}', interval '${headStartSeconds[priority]} seconds')`)
  .join(', ')}) AS p(priority, head_start)`

/** The head start of `job`, an alias of `jobs`. */
export const headStartOf = (job: string): string =>
  `CASE ${job}.priority ${priorities
    .map((priority) => `WHEN '${priority}' THEN interval '${headStartSeconds[priority]} seconds'`)
    .join(' ')} END`

/** True of every job; with it, a part of each priority's line is found by the index. */
export const hasAnyPriority = (job: string): string =>
  `${job}.priority = ANY (ARRAY[${priorities.map((priority) => `'${priority}'`).join(', ')}])`
