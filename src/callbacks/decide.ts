import { nextAttempt } from './schedule.ts'
import type { CallbackEnding } from './send.ts'

const day = 24 * 60 * 60 * 1_000
const longestFailureMs = 5 * day
const fewestFailures = 10

/** What becomes of a delivery after an attempt. */
export type DeliveryDecision =
  | { readonly state: 'delivered' }
  /** `attempt` is the number that the next one has; an interrupted attempt has not used its own up. */
  | { readonly state: 'waiting'; readonly dueInMs: number; readonly attempt: number }
  /** Trying again would change nothing. `gone` also disables the endpoint. */
  | { readonly state: 'failed'; readonly reason: 'gone' | 'refused' }
  /** Every attempt of the schedule was made. It stays replayable. */
  | { readonly state: 'exhausted' }

/** Decides after attempt number `attempt` (from 1). Pure: time and chance are arguments. */
export const decideDelivery = (options: {
  ending: CallbackEnding
  attempt: number
  scheduleMs: readonly number[]
  random: number
}): DeliveryDecision => {
  const { ending, attempt, scheduleMs, random } = options
  switch (ending.outcome) {
    case 'delivered':
      return { state: 'delivered' }
    case 'gone':
    case 'refused':
      return { state: 'failed', reason: ending.outcome }
    case 'interrupted':
      return { state: 'waiting', dueInMs: 0, attempt }
    case 'retry': {
      const { retryAfterMs } = ending
      const dueInMs = nextAttempt({ scheduleMs, attemptsMade: attempt, retryAfterMs, random })
      return dueInMs === null ? { state: 'exhausted' } : { state: 'waiting', dueInMs, attempt: attempt + 1 }
    }
  }
}

/** Is an endpoint to be disabled that has done nothing but fail: for five days, and at least ten times (guarantees.md §1)? */
export const isEndpointGivenUp = (streak: { failingForMs: number; failures: number }): boolean =>
  streak.failingForMs >= longestFailureMs && streak.failures >= fewestFailures
