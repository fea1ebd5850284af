/** I7 and I8: a job moves forward only, one holder at a time, and its events tell the whole of it. */
import { foldEvents, isTerminalEvent } from '../../job/events.ts'
import type { Dossier } from './dossier.ts'

/** A number that is missing or comes twice. */
export const findGaps = ({ job, events }: Dossier): readonly string[] => {
  const misplaced = events.find(({ seq }, index) => seq !== index + 1)
  if (misplaced !== undefined) return [`its events are numbered ${events.map(({ seq }) => seq).join(' ')}`]
  if (job !== null && job.seq !== events.length) return [`is at event ${job.seq} and has ${events.length}`]
  return []
}

/** An event of a holder whose lease another one had already taken. */
export const findStaleWrites = ({ events }: Dossier): readonly string[] =>
  events.flatMap((event, index) => {
    const before = events[index - 1]
    return before !== undefined && event.epoch < before.epoch
      ? [`event ${event.seq} is of epoch ${event.epoch}, after one of epoch ${before.epoch}`]
      : []
  })

/** More than one end in an attempt, or anything but a redrive behind an end. */
export const findDoubledEnds = ({ events }: Dossier): readonly string[] =>
  events.flatMap((event, index) => {
    const before = events[index - 1]
    return before !== undefined && isTerminalEvent(before.type) && event.type !== 'job.redriven'
      ? [`${event.type} comes after ${before.type}`]
      : []
  })

/** Events that do not add up to the row. */
export const findUnfaithfulHistory = ({ job, events }: Dossier): readonly string[] => {
  if (job === null || events.length === 0) return []
  const folded = foldEvents(events)
  const told = folded === null ? null : describe(folded)
  const stored = describe(job)
  return told === stored ? [] : [`its events say ${told}, its row says ${stored}`]
}

const describe = (job: {
  readonly state: string
  readonly stage: string
  readonly messageNo: number
  readonly attempt: number
  readonly failureCode: string | null
}): string =>
  [
    job.state,
    job.stage,
    `message ${job.messageNo}`,
    `attempt ${job.attempt}`,
    job.failureCode ?? 'no failure',
  ].join(', ')
