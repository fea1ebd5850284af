import type pg from 'pg'
import { newId } from '../../src/job/ids.ts'

/** Columns a test may set on the job and its request; the rest has plain defaults. */
export interface SeededJob {
  readonly job?: Readonly<Record<string, unknown>>
  readonly request?: Readonly<Record<string, unknown>>
}

const testTenantId = 'ten_01900000-0000-7000-8000-000000000001'

export const seedTenant = async (
  pool: pg.Pool,
  tenant: Readonly<Record<string, unknown>> = {},
): Promise<string> => {
  const row = { id: testTenantId, name: 'test', ...tenant }
  await insert(pool, 'tenants', row)
  return String(row.id)
}

/** Puts a queued, due job with its first event straight into the tables. */
export const seedJob = async (pool: pg.Pool, { job = {}, request = {} }: SeededJob = {}): Promise<string> => {
  const id = newId('job', Date.now())
  const past = new Date(Date.now() - 1_000)
  const row = {
    id,
    tenant_id: testTenantId,
    skill: 'free-video-generation-api',
    state: 'queued',
    stage: 'auth',
    due_at: past,
    order_at: past,
    priority: 'normal',
    created_at: past,
    ...job,
  }
  await insert(pool, 'jobs', row)
  await insert(pool, 'job_requests', {
    job_id: id,
    tenant_id: row.tenant_id,
    skill: row.skill,
    prompt: 'a fox in the snow',
    steps: [],
    inputs: '[]',
    output: '{}',
    on_unknown: 'fail',
    metadata: '{}',
    tags: [],
    ...request,
  })
  await insert(pool, 'job_events', {
    job_id: id,
    seq: 1,
    id: newId('event', Date.now()),
    tenant_id: row.tenant_id,
    type: 'job.queued',
    epoch: 0,
    data: JSON.stringify({ skill: row.skill }),
  })
  return id
}

const insert = async (
  pool: pg.Pool,
  table: string,
  row: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const columns = Object.keys(row)
  await pool.query(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  )
}
