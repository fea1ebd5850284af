import type {
  EventFact,
  Evidence,
  JobFact,
  PermitFact,
  ReceiverCall,
} from '../../../src/cli/prove/evidence.ts'
import type { LedgerEntry, LedgerRow } from '../../../src/sandbox/ledger-entry.ts'

export const jobId = 'job_1'
export const digest = 'd'.repeat(64)

const at = '2026-01-01T00:00:00.000Z'
const atMs = Date.parse(at)

export const jobFact = (changes: Partial<JobFact> = {}): JobFact => ({
  id: jobId,
  key: 'drill-1-0',
  state: 'succeeded',
  stage: 'deliver',
  messageNo: 0,
  seq: 3,
  attempt: 1,
  progress: 1,
  failureCode: null,
  failureMessage: null,
  creditsSpent: 100,
  creditsAtRisk: 0,
  renderId: 'render_1',
  artifactId: 'art_1',
  callbackEvents: ['job.succeeded'],
  ...changes,
})

export const eventsOf = (...told: readonly (readonly [epoch: number, ...Told])[]): EventFact[] =>
  told.map(
    ([epoch, type, data], index) =>
      ({ jobId, seq: index + 1, id: `evt_${index + 1}`, epoch, atMs: atMs + index, type, data }) as EventFact,
  )

type Told = readonly [type: EventFact['type'], data: EventFact['data']]

export const permitFact = (changes: Partial<PermitFact> = {}): PermitFact => ({
  jobId,
  messageNo: 0,
  try: 1,
  epoch: 1,
  state: 'settled',
  messageDigest: digest,
  creditsSettled: 100,
  isEstimated: false,
  createdAtMs: atMs,
  ...changes,
})

export const call = (changes: Partial<ReceiverCall> = {}): ReceiverCall => ({
  webhookId: 'evt_3',
  jobId,
  type: 'job.succeeded',
  atMs,
  skewMs: 300,
  bodySha256: 'body',
  isVerified: true,
  status: 204,
  ...changes,
})

/** Rows as the provider numbers them. */
export const ledgerOf = (...entries: readonly LedgerEntry[]): LedgerRow[] =>
  entries.map((entry, index) => ({ ...entry, seq: index + 1, at }))

export const session: LedgerEntry = {
  kind: 'session',
  verdict: 'accepted',
  session_id: 's1',
  task_name: jobId,
}

export const message = (changes: Partial<Extract<LedgerEntry, { kind: 'message' }>> = {}): LedgerEntry => ({
  kind: 'message',
  verdict: 'accepted',
  session_id: 's1',
  text_sha256: digest,
  turn_id: 't1',
  ...changes,
})

export const charge = (changes: Partial<Extract<LedgerEntry, { kind: 'charge' }>> = {}): LedgerEntry => ({
  kind: 'charge',
  action: 'settle',
  user_id: 'u1',
  session_id: 's1',
  turn_id: 't1',
  credits: 100,
  available: 0,
  frozen: 0,
  ...changes,
})

export const render = (renderId: string): LedgerEntry => ({
  kind: 'render',
  verdict: 'accepted',
  session_id: 's1',
  render_id: renderId,
})

export const renderEnd = (renderId: string, status = 'completed', sha256 = 'bytes'): LedgerEntry => ({
  kind: 'render_end',
  user_id: 'u1',
  session_id: 's1',
  render_id: renderId,
  status,
  sha256,
})

/** One job that went as it should, told from every side; `changes` replace whole sides. */
export const evidenceOf = (changes: Partial<Evidence> = {}): Evidence => ({
  submits: [{ key: 'drill-1-0', jobId, tries: 1, statuses: [202] }],
  jobs: [jobFact()],
  events: eventsOf(
    [0, 'job.queued', { skill: 'x' }],
    [1, 'job.stage_started', { stage: 'deliver', message_no: 0, progress: 0.9 }],
    [1, 'job.succeeded', { artifact_id: 'art_1' }],
  ),
  permits: [permitFact()],
  attempts: [],
  deliveries: [{ jobId, eventId: 'evt_3', eventType: 'job.succeeded', state: 'delivered', tries: 1 }],
  artifacts: [{ id: 'art_1', jobId, sha256: 'bytes', storedSha256: 'bytes' }],
  ledger: ledgerOf(session, message(), charge(), render('render_1'), renderEnd('render_1')),
  calls: [call()],
  disturbances: [],
  areMarksKept: true,
  ...changes,
})
