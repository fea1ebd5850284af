/** Judges the evidence: pure, so that `clipline prove` and the chaos runs share it and every check can be tested. */
import { findWrongArtifacts } from './check-artifacts.ts'
import {
  countGivenUp,
  countRepeats,
  findUndelivered,
  findUnsteadyIdentity,
  findUnverified,
} from './check-callbacks.ts'
import { findDoubledEnds, findGaps, findStaleWrites, findUnfaithfulHistory } from './check-history.ts'
import { findDoubledSubmits, findLost } from './check-promises.ts'
import {
  countSpareSessions,
  findChargeMismatch,
  findDoubleCharges,
  findDoubledGenerations,
  findDoubledRenders,
  findOpenPermits,
  findOrphanRenders,
  findUnpermittedSends,
} from './check-spending.ts'
import { areMarksMute, type Circumstances, findUnexplained, hasUnknownOutcome } from './check-unknown.ts'
import { type Dossier, hasEnded, openDossiers, tally } from './dossier.ts'
import type { Evidence } from './evidence.ts'

type Find = (dossier: Dossier, circumstances: Circumstances) => readonly string[]

/** What must never be found, with the invariant of guarantees.md §0 that it breaks. */
export const checks = {
  lost: { title: 'lost jobs', invariant: 'I1', find: findLost },
  doubled_generations: { title: 'doubled generations', invariant: 'I2', find: findDoubledGenerations },
  unpermitted_sends: { title: 'messages sent without a permit', invariant: 'I2', find: findUnpermittedSends },
  double_charges: { title: 'double charges', invariant: 'I3', find: findDoubleCharges },
  charge_mismatches: { title: 'charges that do not agree', invariant: 'I3', find: findChargeMismatch },
  open_permits: { title: 'permits left open', invariant: 'I3', find: findOpenPermits },
  orphan_renders: { title: 'orphan renders', invariant: 'I6', find: findOrphanRenders },
  doubled_renders: { title: 'doubled renders', invariant: 'I6', find: findDoubledRenders },
  undelivered: { title: 'undelivered callbacks', invariant: 'I5', find: findUndelivered },
  unverified: { title: 'callbacks not verified', invariant: 'I5', find: findUnverified },
  unsteady_identities: {
    title: 'callbacks under several identities',
    invariant: 'I4',
    find: findUnsteadyIdentity,
  },
  stale_writes: { title: 'stale writes', invariant: 'I7', find: findStaleWrites },
  event_gaps: { title: 'gaps in event numbers', invariant: 'I8', find: findGaps },
  doubled_ends: { title: 'doubled ends', invariant: 'I8', find: findDoubledEnds },
  unfaithful_histories: {
    title: 'histories unlike their rows',
    invariant: 'I8',
    find: findUnfaithfulHistory,
  },
  doubled_submits: { title: 'doubled submits', invariant: 'I10', find: findDoubledSubmits },
  wrong_files: { title: 'wrong or missing files', invariant: 'files', find: findWrongArtifacts },
  unexplained: { title: 'unknown outcomes without a cause', invariant: 'I3', find: findUnexplained },
} as const satisfies Record<string, { title: string; invariant: string; find: Find }>

export type CheckName = keyof typeof checks

export interface Violation {
  readonly check: CheckName
  readonly jobId: string
  readonly detail: string
}

/** What happened, without judgment. */
export interface Tallies {
  readonly accepted: number
  readonly succeeded: number
  readonly canceled: number
  readonly failed: number
  readonly failures: Readonly<Record<string, number>>
  readonly outcomeUnknown: number
  readonly messagesAccepted: number
  readonly callbacksTaken: number
  readonly callbacksRepeated: number
  readonly callbacksGivenUp: number
  readonly spareSessions: number
  readonly submitsUnanswered: number
}

export interface Verdict {
  readonly violations: readonly Violation[]
  readonly tallies: Tallies
  readonly dossiers: readonly Dossier[]
}

/** `only` names the checks for which there is evidence; all of them where it is left out. */
export const audit = (evidence: Evidence, only?: readonly CheckName[]): Verdict => {
  const dossiers = openDossiers(evidence)
  const names = only ?? (Object.keys(checks) as CheckName[])
  const circumstances = { ...evidence, areMarksMute: areMarksMute(dossiers, evidence) }
  const violations = names.flatMap((check) => {
    const find: Find = checks[check].find
    return dossiers.flatMap((dossier) =>
      find(dossier, circumstances).map((detail) => ({ check, jobId: dossier.jobId, detail })),
    )
  })
  return { violations, tallies: tallyUp(evidence, dossiers), dossiers }
}

/** How often each check found something. */
export const countViolations = ({ violations }: Verdict, check: CheckName): number =>
  violations.filter((violation) => violation.check === check).length

/** Jobs that were promised and have not come to an end. */
export const countUnfinished = (evidence: Pick<Evidence, 'submits' | 'jobs'>): number => {
  const ended = new Set(evidence.jobs.filter(hasEnded).map(({ id }) => id))
  return evidence.submits.filter(({ jobId }) => jobId !== null && !ended.has(jobId)).length
}

const tallyUp = ({ submits, jobs, ledger }: Evidence, dossiers: readonly Dossier[]): Tallies => {
  const inState = (state: string) => jobs.filter((job) => job.state === state).length
  const total = (count: (dossier: Dossier) => number) =>
    dossiers.reduce((sum, dossier) => sum + count(dossier), 0)
  const failures = tally(
    jobs.filter(({ failureCode }) => failureCode !== null),
    ({ failureCode }) => String(failureCode),
  )
  return {
    accepted: submits.filter(({ jobId }) => jobId !== null).length,
    succeeded: inState('succeeded'),
    canceled: inState('canceled'),
    failed: inState('failed'),
    failures: Object.fromEntries(failures),
    outcomeUnknown: dossiers.filter(hasUnknownOutcome).length,
    messagesAccepted: ledger.filter((row) => row.kind === 'message' && row.verdict === 'accepted').length,
    callbacksTaken: total(
      ({ calls }) => new Set(calls.filter(isTaken).map(({ webhookId }) => webhookId)).size,
    ),
    callbacksRepeated: total(countRepeats),
    callbacksGivenUp: total(countGivenUp),
    spareSessions: total(countSpareSessions),
    submitsUnanswered: submits.filter(({ jobId }) => jobId === null).length,
  }
}

const isTaken = ({ status }: { readonly status: number }): boolean => status >= 200 && status < 300
