import type { Random } from './random.ts'
import type { JobRow, RequestRow } from './rows.ts'

/** Two or three jobs of one account, with steps, inputs and deadlines as it comes. */
export const drawJobs = (random: Random): readonly JobRow[] => {
  const jobs = Array.from({ length: random.between(1, 3) }, (_, no) => drawJob(random, `job-${no + 1}`))
  return random.chance(0.3) ? [...jobs, ...drawConversation(random)] : jobs
}

const drawJob = (random: Random, id: string): JobRow => {
  const steps = random.pick([0, 0, 0, 1, 2])
  // Late enough now and then for its messages to be alone in their account.
  const createdAtMs = random.between(0, random.pick([30_000, 30_000, 200_000]))
  return toRow(id, createdAtMs, {
    start_deadline_at: random.chance(0.1) ? createdAtMs + random.between(1, 1_000) : null,
    deadline_at: random.chance(0.1)
      ? createdAtMs + random.pick([random.between(1, 200), random.between(10_000, 600_000)])
      : null,
    request: toRequest(id, {
      steps: Array.from({ length: steps }, (_, no) => `do more ${nameOf(id, no + 1)}`),
      inputs: random.pick<RequestRow['inputs']>([
        [],
        [],
        [{ upload_id: 'upl-1' }],
        [
          { url: 'https://a.example/x.mp4', fetch: 'provider' },
          { url: 'https://b.example/x.mp4', fetch: 'provider' },
        ],
      ]),
      on_unknown: random.chance(0.4) ? 'resend_if_proven_absent' : 'fail',
      max_credits: random.chance(0.1) ? random.between(100, 300) : null,
    }),
  })
}

/** A client's own session, in which one message job follows the other. */
const drawConversation = (random: Random): readonly JobRow[] =>
  [1, 2].map((turn) => {
    const id = `turn-${turn}`
    return toRow(id, turn + random.between(0, 3_000) * 2, {
      session_id: 'conversation',
      account_id: 'acc_1',
      provider_session_id: conversationSessionId,
      request: toRequest(id, { purpose: 'message' }),
    })
  })

export const conversationSessionId = 'ses-conversation'

/** Written into every message, so that the provider's ledger can tell whose it is. */
const nameOf = (id: string, messageNo: number): string => `⟨${id}/${messageNo}⟩`

const toRequest = (id: string, request: Partial<RequestRow>): RequestRow => ({
  purpose: 'video',
  skill: 'free-video-generation-api',
  prompt: `a fox ${nameOf(id, 0)}`,
  steps: [],
  inputs: [],
  output: {},
  language: null,
  callback: null,
  on_unknown: 'fail',
  max_credits: null,
  metadata: {},
  tags: [],
  ...request,
})

const toRow = (id: string, createdAtMs: number, row: Partial<JobRow> & Pick<JobRow, 'request'>): JobRow => ({
  id,
  tenant_id: 'ten_1',
  state: 'queued',
  stage: 'auth',
  message_no: 0,
  seq: 0,
  epoch: 0,
  lease_owner: null,
  lease_until: null,
  due_at: createdAtMs,
  rung_at: null,
  ring_no: 0,
  attempt: 1,
  tries: 0,
  crash_count: 0,
  operation_id: null,
  cancel_requested_at: null,
  start_deadline_at: null,
  deadline_at: null,
  session_id: null,
  account_id: null,
  provider_session_id: null,
  provider_task_id: null,
  provider_user_id: null,
  render_id: null,
  render_url: null,
  artifact_id: null,
  notes: {},
  progress: 0,
  timeline: null,
  message: null,
  warnings: [],
  failure_code: null,
  failure_message: null,
  failure_stage: null,
  credits_spent: 0,
  credits_at_risk: 0,
  timings: {},
  created_at: createdAtMs,
  stage_started_at: null,
  finished_at: null,
  ...row,
})
