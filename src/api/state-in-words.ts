import type { JobState } from '../job/lifecycle.ts'
import type { BatchState } from '../store/batches.ts'

/** How it is with a job or a batch, as the rest of a sentence: "The job was canceled." */
export const stateInWords: Readonly<Record<JobState | BatchState, string>> = {
  open: 'is open',
  queued: 'is queued',
  running: 'is running',
  waiting: 'is waiting',
  canceling: 'is being canceled',
  succeeded: 'has succeeded',
  failed: 'has failed',
  canceled: 'was canceled',
  completed: 'has completed',
  completed_with_errors: 'has completed with errors',
}
