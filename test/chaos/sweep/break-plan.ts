/** Where a process is to end or freeze. */
export interface BreakPlan {
  /** The number of the operation, from 1; or what operations are to be met one after the other, the last of them being it. */
  readonly at: number | OperationPath
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  /** A file to which it writes what the operation was. */
  readonly journal: string
}

/** Parts of the names of operations. */
export type OperationPath = readonly [string, ...string[]]

/** Names the file that a worker reads its plan from. */
export const breakPlanVariable = 'CHAOS_BREAK_PLAN'
