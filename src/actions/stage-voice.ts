import type { Clock } from '../clock.ts'
import type { NewJobEvent } from '../job/events.ts'
import type { Job } from '../job/job.ts'
import { type Position, progressAt } from '../job/plan.ts'
import type { StageVoice } from '../stages/stage.ts'

/** What a stage has said and nobody has been told yet. */
export interface Words {
  readonly events: readonly NewJobEvent[]
  readonly patch: { readonly progress?: number; readonly message?: string }
}

export interface CoalescingVoice extends StageVoice {
  /** Ends the telling; returns what was left, to go out with the stage's own transition. */
  finish(): Promise<Words>
}

const tellEveryMs = 500

export interface StageVoiceDeps {
  readonly clock: Clock
  readonly job: Job
  readonly plan: readonly Position[]
  /** Something that came before the stage waits to be told, too. */
  readonly isOwing: boolean
  /** Some words could not be told; they are lost, and the stage goes on. */
  readonly onUntold: (error: unknown) => void
}

/**
 * Coalesces a stage's progress and messages to at most one telling in 500 ms (api.md §1). `tell` records the words and
 * is never called while an earlier call is under way.
 */
export const createStageVoice = (
  { clock, job, plan, isOwing, onUntold }: StageVoiceDeps,
  tell: (words: Words) => Promise<void>,
): CoalescingVoice => {
  let progress: number | null = null
  let message: string | null = null
  let toldProgress = job.progress
  let cancelTimer: (() => void) | null = null
  let telling: Promise<void> = Promise.resolve()
  let isFinished = false

  const take = (): Words => {
    const events: NewJobEvent[] = []
    if (message !== null) events.push({ type: 'job.message', data: { text: message, stage: job.stage } })
    if (progress !== null) events.push({ type: 'job.progress', data: { progress, stage: job.stage } })
    const patch = { ...(progress === null ? {} : { progress }), ...(message === null ? {} : { message }) }
    toldProgress = progress ?? toldProgress
    progress = null
    message = null
    return { events, patch }
  }

  const schedule = (): void => {
    if (isFinished || cancelTimer !== null) return
    cancelTimer = clock.after(tellEveryMs, () => {
      telling = telling
        .then(async () => {
          cancelTimer = null
          if (!isFinished) await tell(take())
        })
        .catch(onUntold)
    })
  }

  if (isOwing) schedule()
  return {
    progress(fraction) {
      const reached = progressAt(plan, { stage: job.stage, messageNo: job.messageNo }, fraction)
      if (reached <= Math.max(toldProgress, progress ?? 0)) return
      progress = reached
      schedule()
    },
    message(text) {
      if (text === '') return
      message = text
      schedule()
    },
    async finish() {
      isFinished = true
      cancelTimer?.()
      await telling
      return take()
    },
  }
}
