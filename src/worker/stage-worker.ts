import { type RunStageDeps, runStages } from '../actions/run-stage.ts'
import type { Bell, QueueBackend } from '../queue/backend.ts'
import { keepListener } from './kept-listener.ts'
import { createSlots } from './slots.ts'

export interface StageWorkerDeps {
  readonly queue: QueueBackend
  readonly run: RunStageDeps
  /** Jobs held at a time. */
  readonly concurrency: number
  /** A place has come free, and no bell waits for it. */
  readonly onVacancy: () => void
  /** Their bells were heard and will not be answered here: they may be rung elsewhere at once. */
  readonly giveBack: (jobIds: readonly string[]) => Promise<void>
}

export interface StageWorker {
  readonly isHealthy: () => boolean
  /** Answers bells that did not come through the queue. One whose job waits for a place already says nothing new. */
  answer(bells: readonly Bell[]): void
  /** How many more jobs could be worked on. */
  readonly vacancies: number
  /** Takes no more bells, and gives those back that wait for a place. Never rejects. */
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
export const startStageWorker = (deps: StageWorkerDeps): StageWorker => {
  const { queue, run, concurrency, onVacancy } = deps
  const slots = createSlots(concurrency)
  const stopping = new AbortController()
  const unanswered: string[] = []
  const inLine = new Set<string>()
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
  const hear = ({ id, isUrgent }: Bell): Promise<void> =>
    slots.take(stopping.signal, isUrgent).then(
      () => void work(id),
      () => void unanswered.push(id),
    )
  const listener = keepListener(() => queue.listen('jobs', { concurrency: bellsAtATime }, hear), {
    clock: run.clock,
    telemetry: run.telemetry,
    queue: 'jobs',
    canary: queue.openCanary('jobs'),
  })
  return {
    isHealthy: () => listener.isHealthy(),
    answer(bells) {
      for (const bell of bells) {
        if (inLine.has(bell.id)) continue
        inLine.add(bell.id)
        void hear(bell).finally(() => inLine.delete(bell.id))
      }
    },
    get vacancies() {
      return Math.max(0, concurrency - slots.taken - slots.waiting)
    },
    async stopListening(timeoutMs) {
      stopping.abort()
      await listener.close(timeoutMs)
      if (unanswered.length === 0) return
      // Where that fails they are rung again all the same, a little later.
      await deps
        .giveBack(unanswered)
        .catch((error: unknown) => run.telemetry.state('dispatch.failed', { error }))
    },
    idle: () => slots.idle(),
  }
}
