/** Where a process is to end or freeze. */
export interface BreakPlan {
  /** The number of the operation, from 1. */
  readonly at: number
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  /** A file to which it writes what the operation was. */
  readonly journal: string
}

/** Names the file that a worker reads its plan from. */
export const breakPlanVariable = 'CHAOS_BREAK_PLAN'
