import type { Decision, RowPatch } from '../job/decide.ts'
import type { NewJobEvent } from '../job/events.ts'
import type { Job } from '../job/job.ts'
import type { AttemptCalls, EndedAttempt } from '../store/writer.ts'
import type { Words } from './stage-voice.ts'

/** How stages ended, one or several in a row, as it is written to the job's row in one go. */
export interface Ending {
  readonly patch: RowPatch
  readonly events: readonly NewJobEvent[]
  readonly attempts: readonly TimedAttempt[]
}

export interface TimedAttempt extends Omit<EndedAttempt, 'endedMsAgo'> {
  readonly position: NonNullable<EndedAttempt['position']>
  /** On the monotonic clock. */
  readonly endedAtMs: number
}

export const silence: Words = { events: [], patch: {} }

/** The ending of the stage that the job is in. */
export const endingOf = (
  { stage, messageNo, tries }: Job,
  decision: Decision,
  words: Words,
  {
    startedMs,
    endedAtMs,
    calls,
  }: { readonly startedMs: number; readonly endedAtMs: number; readonly calls?: AttemptCalls },
): Ending => ({
  patch: { ...words.patch, ...decision.patch },
  events: [...words.events, ...decision.events],
  attempts: [
    {
      ...decision.attempt,
      position: { stage, messageNo, try: tries },
      ms: endedAtMs - startedMs,
      ...(calls && { calls }),
      endedAtMs,
    },
  ],
})

/** One ending after the other. */
export const joinEndings = (first: Ending | null, second: Ending): Ending => {
  if (first === null) return second
  const rows = [...(first.patch.rows ?? []), ...(second.patch.rows ?? [])]
  return {
    patch: { ...first.patch, ...second.patch, ...(rows.length > 0 && { rows }) },
    events: [...first.events, ...second.events],
    attempts: [...first.attempts, ...second.attempts],
  }
}

/** What a stage says before it ends, after an ending that is still owed. */
export const wordsAfter = (owed: Ending | null, { patch, events }: Omit<Ending, 'attempts'>): Ending =>
  joinEndings(owed, { patch, events, attempts: [] })

export const toAttempts = (ending: Ending, nowMs: number): readonly EndedAttempt[] =>
  ending.attempts.map(({ endedAtMs, ...attempt }) => ({ ...attempt, endedMsAgo: nowMs - endedAtMs }))
