import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { SideRow } from '../../../src/job/outcome.ts'
import { openStore, type Store } from '../../../src/store/client.ts'
import { type Operation, type TransitionInput, toOperation } from '../../../src/store/operation.ts'
import { transitionStatement } from '../../../src/store/transition-sql.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { seedJob, seedTenant } from '../../support/seed-job.ts'

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await createTestDatabase()
  store = openStore({ databaseUrl: database.url })
  const { pool } = store
  const tenantId = await seedTenant(pool)
  await pool.query(`INSERT INTO provider_accounts (id, kind, identity) VALUES ('acc_1', 'token', 'one')`)
  await pool.query(
    `INSERT INTO uploads (id, tenant_id, filename, kind, content_type, size_bytes, sha256, storage_key, expires_at)
     VALUES ('upl_1', $1, 'a.png', 'image', 'image/png', 5, '', 'a', now())`,
    [tenantId],
  )
  await pool.query(`INSERT INTO batches (id, tenant_id) VALUES ('bat_1', $1)`, [tenantId])
  await pool.query(
    `INSERT INTO budgets (id, tenant_id, max_credits, reserved) VALUES ('bat_1', $1, 100, 10)`,
    [tenantId],
  )
  await pool.query(
    `INSERT INTO sessions (id, tenant_id, skill, metadata, account_id, provider_session_id)
     VALUES ('ses_1', $1, 'free-video-generation-api', '{}', 'acc_1', '77')`,
    [tenantId],
  )
})

afterEach(() => store.pool.query('DELETE FROM jobs'))

afterAll(async () => {
  await store.close()
  await database.drop()
})

const states = {
  running: { state: 'running', epoch: 1, lease_owner: 'w', lease_until: new Date(Date.now() + 3_600_000) },
  queued: { state: 'queued' },
  failed: { state: 'failed', failure_code: 'internal', finished_at: new Date(0) },
}

/** A job with one of everything that a transition may write beside it. */
const seed = async (state: keyof typeof states, place: object): Promise<string> => {
  const callback = JSON.stringify({ url: 'http://127.0.0.1:9/', events: ['job.failed', 'job.waiting'] })
  const id = await seedJob(store.pool, {
    job: { provider_session_id: '77', account_id: 'acc_1', ...states[state], ...place },
    request: { callback, tags: ['tag'] },
  })
  await store.pool.query(
    `INSERT INTO job_inputs (job_id, no, provider_session_id, state) VALUES ($1, 0, '77', 'started')`,
    [id],
  )
  await store.pool.query(
    `INSERT INTO permits (id, job_id, message_no, attempt, try, epoch, account_id, provider_session_id, state,
       message_digest, baseline, credits_reserved, budget_ids)
     VALUES ($1, $1, 0, 1, 1, 1, 'acc_1', $1, 'accepted', '', '{}', 10, '{bat_1}')`,
    [id],
  )
  return id
}

const tables = [
  ...['jobs', 'job_events', 'callback_deliveries', 'attempts', 'tallies', 'sessions'],
  ...['provider_sessions', 'job_inputs', 'artifacts', 'permits', 'budgets', 'uploads', 'upload_uses'],
]

/** Made anew by each statement. */
const ownKeys = `ARRAY['xid', 'feed_id', 'event_id', 'id']`

/** All there is once the operation is carried out by the statement for as many of its kind; then it is undone. */
const outcomeOf = async (operation: Operation, times: number): Promise<readonly unknown[]> => {
  const connection = await store.jobPool.connect()
  try {
    await connection.query('BEGIN')
    const statement = transitionStatement(Array.from({ length: times }, () => operation))
    const { rowCount } = await connection.query({ ...statement, values: [JSON.stringify([operation.row])] })
    expect(rowCount).toBe(1)
    const dump = tables.map(
      (table) => `SELECT '${table}' AS table, (to_jsonb(t) - ${ownKeys})::text AS row FROM ${table} t`,
    )
    const { rows } = await connection.query(`${dump.join(' UNION ALL ')} ORDER BY 1, 2`)
    // The one clock of the two.
    return JSON.parse(JSON.stringify(rows).replaceAll(/2\d{3}-\d\d-\d\d(T[\d:.]+\+00:00)?/g, 'now'))
  } finally {
    await connection.query('ROLLBACK')
    connection.release()
  }
}

const attempt = { outcome: 'done', failureCode: null, note: null, ms: 1 } as const
const failed = {
  type: 'job.failed',
  data: { code: 'internal', message: '', stage: 'auth', retryable: true },
} as const
const waiting = { type: 'job.waiting', data: { stage: 'auth', reason: 'busy', due_in_ms: 1 } } as const

const session: SideRow = {
  kind: 'session',
  id: 'psn_1',
  account_id: 'acc_1',
  external_id: '99',
  task_id: null,
  user_id: null,
}
const input: SideRow = { kind: 'input', no: 0, provider_session_id: '77', provider_url: null }
const artifact: SideRow = {
  kind: 'artifact',
  id: 'art_1',
  storage_key: 'a',
  content_type: 'video/mp4',
  size_bytes: 5,
  sha256: '',
  width: null,
  height: null,
  duration_s: 3,
  video_codec: null,
  audio_codec: null,
}
const permitOf = (id: string): SideRow => ({
  kind: 'permit',
  id,
  state: 'settled',
  credits_settled: 4,
  is_estimated: false,
  detail: {},
})

const lost = { failureCode: 'provider_session_lost', failureMessage: '', failureStage: 'auth' } as const

const transitions: readonly (readonly [
  string,
  keyof typeof states,
  (id: string) => Partial<TransitionInput>,
])[] = [
  ['says something', 'running', () => ({ verb: 'note', patch: { message: 'so' } })],
  ['goes on', 'running', () => ({ verb: 'advance', patch: { stage: 'upload' }, attempts: [attempt] })],
  ['begins a session', 'running', () => ({ patch: { providerSessionId: '99', rows: [session] } })],
  ['hands over an input', 'running', () => ({ patch: { rows: [input] } })],
  ['pays', 'running', (id) => ({ patch: { creditsSpent: 4, creditsAtRisk: 1, rows: [permitOf(id)] } })],
  ['waits', 'running', () => ({ verb: 'park', dueInMs: 1, events: [waiting], answersDeliveries: true })],
  ['succeeds', 'running', () => ({ verb: 'succeed', patch: { rows: [artifact] }, attempts: [attempt] })],
  [
    'fails',
    'running',
    (id) => ({ verb: 'fail', patch: { ...lost, rows: [permitOf(id)] }, events: [failed] }),
  ],
  ['is withdrawn', 'queued', () => ({ verb: 'withdraw' })],
  ['expires', 'queued', () => ({ verb: 'expire', patch: lost, events: [failed] })],
  ['is redriven', 'failed', () => ({ verb: 'redrive', patch: { attempt: 2, failureCode: null } })],
  ['takes its uploads again', 'failed', () => ({ verb: 'redrive', uploadIds: ['upl_1', 'upl_1'] })],
]

test.each(transitions)(
  'a job that %s is written as a whole, alone or among others',
  async (_, state, toInput) => {
    for (const place of [{}, { batch_id: 'bat_1' }, { session_id: 'ses_1' }]) {
      const jobId = await seed(state, place)
      const operation = toOperation({ verb: 'advance', jobId, epoch: 1, ...toInput(jobId) })
      expect(await outcomeOf(operation, 1)).toEqual(await outcomeOf(operation, 3))
    }
  },
)
