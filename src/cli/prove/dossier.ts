import { finishedStates } from '../../job/lifecycle.ts'
import type { LedgerRow } from '../../sandbox/ledger-entry.ts'
import type {
  ArtifactFact,
  AttemptFact,
  DeliveryFact,
  EventFact,
  Evidence,
  JobFact,
  PermitFact,
  ReceiverCall,
  Submit,
} from './evidence.ts'

/** Everything that is known about one job, from every side. */
export interface Dossier {
  readonly jobId: string
  /** Promises of this job to a client. */
  readonly submits: readonly Submit[]
  /** Null when there is no such row. */
  readonly job: JobFact | null
  readonly events: readonly EventFact[]
  readonly permits: readonly PermitFact[]
  readonly attempts: readonly AttemptFact[]
  readonly deliveries: readonly DeliveryFact[]
  readonly artifacts: readonly ArtifactFact[]
  readonly calls: readonly ReceiverCall[]
  /** The provider's rows about the sessions that were made in the job's name. */
  readonly ledger: readonly LedgerRow[]
}

/** One dossier for each job that anybody speaks of; a ledger row about a session of nobody's has none. */
export const openDossiers = (evidence: Evidence): readonly Dossier[] => {
  const submits = groupBy(evidence.submits, ({ jobId }) => jobId)
  const jobs = new Map(evidence.jobs.map((job) => [job.id, job]))
  const events = groupBy(evidence.events, ({ jobId }) => jobId)
  const permits = groupBy(evidence.permits, ({ jobId }) => jobId)
  const attempts = groupBy(evidence.attempts, ({ jobId }) => jobId)
  const deliveries = groupBy(evidence.deliveries, ({ jobId }) => jobId)
  const artifacts = groupBy(evidence.artifacts, ({ jobId }) => jobId)
  const calls = groupBy(evidence.calls, ({ jobId }) => jobId)
  const ledger = groupLedger(evidence.ledger)
  const ids = new Set([...submits.keys(), ...jobs.keys(), ...calls.keys(), ...ledger.keys()])
  return [...ids].sort().map((jobId) => ({
    jobId,
    submits: submits.get(jobId) ?? [],
    job: jobs.get(jobId) ?? null,
    events: (events.get(jobId) ?? []).sort((left, right) => left.seq - right.seq),
    permits: permits.get(jobId) ?? [],
    attempts: attempts.get(jobId) ?? [],
    deliveries: deliveries.get(jobId) ?? [],
    artifacts: artifacts.get(jobId) ?? [],
    calls: calls.get(jobId) ?? [],
    ledger: ledger.get(jobId) ?? [],
  }))
}

export const hasEnded = ({ state }: JobFact): boolean => (finishedStates as readonly string[]).includes(state)

/** The rows of one kind, oldest first. */
export const ledgerOf = <K extends LedgerRow['kind']>(
  { ledger }: Dossier,
  kind: K,
): readonly Extract<LedgerRow, { kind: K }>[] =>
  ledger.filter((row): row is Extract<LedgerRow, { kind: K }> => row.kind === kind)

/** How often each key comes. */
export const tally = <T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, number> =>
  new Map([...groupBy(all, keyOf)].map(([key, some]) => [key, some.length]))

const groupBy = <T>(all: readonly T[], keyOf: (one: T) => string | null): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    if (key === null) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}

/** A session carries the name of the job that it was made for; renders and charges name their session. */
const groupLedger = (ledger: readonly LedgerRow[]): Map<string, LedgerRow[]> => {
  const jobOfSession = new Map<string, string>()
  for (const row of ledger)
    if (row.kind === 'session' && row.session_id !== undefined && row.task_name !== undefined)
      jobOfSession.set(row.session_id, row.task_name)
  return groupBy(ledger, (row) => {
    if (row.kind === 'session') return row.task_name ?? null
    const sessionId = 'session_id' in row ? (row.session_id ?? null) : null
    return sessionId === null ? null : (jobOfSession.get(sessionId) ?? null)
  })
}
