/** Conversations and what was said in them (api.md §2). Where they are at the provider is written by the writer alone. */
import type { Pool } from 'pg'
import type { ConversationAction } from '../job/conversation.ts'
import type { PrismaClient } from './generated/client.ts'
import type { ListCursor } from './jobs.ts'
import { type KeyedAnswer, writeKeyed } from './keyed-write.ts'

export interface NewSession {
  readonly id: string
  readonly tenantId: string
  readonly skill: string
  readonly language: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly createdAt: Date
}

export interface SessionRecord extends NewSession {
  /** Both null until its first job has made a session at the provider. */
  readonly accountId: string | null
  readonly providerSessionId: string | null
  readonly providerTaskId: string | null
  /** Since when the provider no longer knows it. */
  readonly lostAt: Date | null
  /** Its jobs that have not ended, the one whose turn it is first. */
  readonly openJobIds: readonly string[]
  /** Jobs of lines of batches that are not let go of yet: nobody waits for them. */
  readonly heldJobs: number
  /** Did an earlier job bring media that later ones can speak of? */
  readonly hasMedia: boolean
  /** What the draft holds in one line, as the last job that looked has seen it. */
  readonly timeline: string | null
  readonly creditsSpent: number
}

export interface SpokenMessage {
  readonly no: number
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly action: ConversationAction
  /** Null where a job is the answer. */
  readonly text: string | null
  readonly jobId: string | null
  readonly at: Date
}

/** A message that was answered at once, without a job. */
export interface Exchange {
  readonly messageIds: readonly [said: string, replied: string]
  readonly sessionId: string
  readonly tenantId: string
  readonly action: ConversationAction
  readonly text: string
  readonly reply: string
}

export interface SessionStore {
  find(tenantId: string, sessionId: string): Promise<SessionRecord | null>
  /** At most `limit`, newest first, after the cursor. */
  list(tenantId: string, page: { limit: number; after: ListCursor | null }): Promise<SessionRecord[]>
  /** Writes it with the answer that is stored under the key; `false` when the key is taken. */
  insert(session: NewSession, answer: KeyedAnswer | null): Promise<boolean>
  /** At most `limit` messages, oldest first, after number `after`. */
  listMessages(
    place: { readonly tenantId: string; readonly sessionId: string },
    page: { readonly limit: number; readonly after: number },
  ): Promise<SpokenMessage[]>
  /** Writes it with the answer that is stored under the key; `false` when the key is taken. */
  recordExchange(exchange: Exchange, answer: KeyedAnswer | null): Promise<boolean>
}

const isHeld = "(j.state = 'queued' AND j.due_at = 'infinity')"

/** The request of an erased job is gone, and with it whether it had inputs: they may be there. */
const selectSql = `
SELECT s.id, s.tenant_id, s.skill, s.language, s.metadata, s.account_id, s.provider_session_id, s.provider_task_id,
  s.lost_at, s.created_at, COALESCE(made.open_job_ids, '{}') AS open_job_ids,
  COALESCE(made.held_jobs, 0) AS held_jobs,
  COALESCE(made.has_media, false) AS has_media, COALESCE(made.credits_spent, 0)::int AS credits_spent, made.timeline
FROM sessions s CROSS JOIN LATERAL (
  SELECT array_agg(j.id ORDER BY j.state = 'queued', j.created_at, j.id)
      FILTER (WHERE j.finished_at IS NULL AND NOT ${isHeld}) AS open_job_ids,
    (count(*) FILTER (WHERE ${isHeld}))::int AS held_jobs,
    bool_or(j.state NOT IN ('failed', 'canceled') AND NOT ${isHeld}
      AND (q.job_id IS NULL OR jsonb_array_length(q.inputs) > 0)) AS has_media,
    sum(j.credits_spent) AS credits_spent,
    (array_agg(j.timeline ORDER BY j.started_at DESC) FILTER (WHERE j.timeline IS NOT NULL))[1] AS timeline
  FROM jobs j LEFT JOIN job_requests q ON q.job_id = j.id
  WHERE j.session_id = s.id
) made`

const findSql = `${selectSql} WHERE s.id = $1 AND s.tenant_id = $2`

const listSql = `${selectSql}
WHERE s.tenant_id = $1 AND ($2::timestamptz IS NULL OR (s.created_at, s.id) < ($2, $3))
ORDER BY s.created_at DESC, s.id DESC LIMIT $4`

interface Row {
  id: string
  tenant_id: string
  skill: string
  language: string | null
  metadata: Record<string, string>
  account_id: string | null
  provider_session_id: string | null
  provider_task_id: string | null
  lost_at: Date | null
  created_at: Date
  open_job_ids: string[]
  held_jobs: number
  has_media: boolean
  credits_spent: number
  timeline: string | null
}

export const createSessionStore = ({
  pool,
  prisma,
}: {
  readonly pool: Pool
  readonly prisma: PrismaClient
}): SessionStore => ({
  async find(tenantId, sessionId) {
    const { rows } = await pool.query<Row>({
      name: 'find-session',
      text: findSql,
      values: [sessionId, tenantId],
    })
    return rows[0] === undefined ? null : toRecord(rows[0])
  },

  async list(tenantId, { limit, after }) {
    const values = [tenantId, after?.createdAt ?? null, after?.id ?? null, limit]
    const { rows } = await pool.query<Row>(listSql, values)
    return rows.map(toRecord)
  },

  insert: (session, answer) => writeKeyed(prisma, [prisma.session.create({ data: session })], answer),

  async listMessages({ tenantId, sessionId }, { limit, after }) {
    const rows = await prisma.sessionMessage.findMany({
      where: { tenantId, sessionId, no: { gt: BigInt(after) } },
      orderBy: { no: 'asc' },
      take: limit,
    })
    return rows.map(({ no, id, role, action, text, jobId, at }) => ({
      no: Number(no),
      id,
      role: role as SpokenMessage['role'],
      action: action as ConversationAction,
      text,
      jobId,
      at,
    }))
  },

  recordExchange({ messageIds, sessionId, tenantId, action, text, reply }, answer) {
    const [said, replied] = messageIds
    const message = { sessionId, tenantId, action }
    const data = [
      { ...message, id: said, role: 'user', text },
      { ...message, id: replied, role: 'assistant', text: reply },
    ]
    return writeKeyed(prisma, [prisma.sessionMessage.createMany({ data })], answer)
  },
})

const toRecord = (row: Row): SessionRecord => ({
  id: row.id,
  tenantId: row.tenant_id,
  skill: row.skill,
  language: row.language,
  metadata: row.metadata,
  accountId: row.account_id,
  providerSessionId: row.provider_session_id,
  providerTaskId: row.provider_task_id,
  lostAt: row.lost_at,
  createdAt: row.created_at,
  openJobIds: row.open_job_ids,
  heldJobs: row.held_jobs,
  hasMedia: row.has_media,
  timeline: row.timeline,
  creditsSpent: row.credits_spent,
})
