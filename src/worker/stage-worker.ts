import { type RunStageDeps, runStages } from '../actions/run-stage.ts'
import type { QueueBackend } from '../queue/backend.ts'
import { keepListener } from './kept-listener.ts'
import { createSlots } from './slots.ts'

export interface StageWorkerDeps {
  readonly queue: QueueBackend
  readonly run: RunStageDeps
  /** Jobs held at a time. */
  readonly concurrency: number
  /** A place has come free, and no bell waits for it. */
  readonly onVacancy: () => void
}

export interface StageWorker {
  readonly isHealthy: () => boolean
  /** Takes no more bells. */
  stopListening(timeoutMs: number): Promise<void>
  /** Resolves when no job is held any more. */
  idle(): Promise<void>
}

/** Bells answered at a time: enough to claim quickly, and few enough that the rest stays fair in the queue. */
const bellsAtATime = 64

/**
 * Answers bells: waits for a free place, claims the job and works on it apart from the bell, so that the queue holds
 * no lock for a long stream.
 */
export const startStageWorker = ({ queue, run, concurrency, onVacancy }: StageWorkerDeps): StageWorker => {
  const slots = createSlots(concurrency)
  const work = async (jobId: string): Promise<void> => {
    try {
      await runStages(run, jobId)
    } catch (error) {
      // The lease runs out and the job is rescued: whoever holds it next sees what was recorded.
      run.telemetry.state('job.write_failed', { jobId, error })
    } finally {
      slots.give()
      if (slots.waiting === 0) onVacancy()
    }
  }
  const listener = keepListener(
    () =>
      queue.listen('jobs', { concurrency: bellsAtATime }, async ({ id }) => {
        await slots.take()
        void work(id)
      }),
    { clock: run.clock, telemetry: run.telemetry, queue: 'jobs', canary: queue.openCanary('jobs') },
  )
  return {
    isHealthy: () => listener.isHealthy(),
    stopListening: (timeoutMs) => listener.close(timeoutMs),
    idle: () => slots.idle(),
  }
}
