/**
 * Reading what happened (architecture.md §6). A job's own events are numbered without gaps. The feed of a tenant is
 * ordered by transaction: an event shows once no transaction that could come before it is still open, so a reader
 * that goes on from a cursor skips nobody.
 */
import type { Pool, QueryResult } from 'pg'
import { type FeedEventType, jobEventTypes, tenantEventTypes } from '../job/events.ts'

export interface StoredEvent {
  readonly id: string
  /** Null where it is none of a job. */
  readonly jobId: string | null
  readonly tenantId: string
  /** 0 where it is none of a job. */
  readonly seq: number
  readonly type: FeedEventType
  readonly at: Date
  readonly data: Readonly<Record<string, unknown>>
  readonly cursor: FeedCursor
}

/** A place in the feed. Transaction ids have 64 bits, so they stay text. */
export interface FeedCursor {
  readonly xid: string
  readonly feedId: number
}

export interface FeedPage {
  readonly events: StoredEvent[]
  /** Where to go on. */
  readonly next: FeedCursor
  readonly isCut: boolean
  /** Events between where the page starts and this place were removed, as their retention is over; null: none were. */
  readonly gapTo: FeedCursor | null
}

export interface EventTail {
  readonly events: readonly StoredEvent[]
  /** Every event of an older transaction is final: seen, or never to come. Where the next look starts. */
  readonly settledXid: string
}

export interface EventStore {
  /** Events of a job after a number, oldest first. The caller has checked whose job it is. */
  listOfJob(jobId: string, page: { readonly after: number; readonly limit: number }): Promise<StoredEvent[]>
  /** The settled events of a tenant after a cursor, oldest first. */
  listFeed(
    tenantId: string,
    page: {
      readonly after: FeedCursor | null
      readonly types: readonly string[] | null
      readonly limit: number
    },
  ): Promise<FeedPage>
  /** Where a reader of the tail starts who wants everything from now on. */
  readTailStart(): Promise<string>
  /**
   * What was written by the given transaction or later, to these jobs or by these tenants. Reading again is normal. It
   * comes in pages, in the order of the feed, all of them of one moment: what is settled is the same on each.
   */
  readTail(from: {
    readonly xid: string
    readonly tenantIds: readonly string[]
    readonly jobIds: readonly string[] | null
  }): AsyncIterable<EventTail>
}

const columns = 'id, job_id, tenant_id, seq, type, at, data, xid::text AS xid, feed_id'

/**
 * The events of jobs and those of the tenants themselves, in the order of the feed. Each side is read in its own
 * index, as far as the limit goes.
 */
const feedOf = (where: { readonly jobs: string; readonly tenants: string }, limit: string): string => `
  SELECT id, job_id, tenant_id, seq, type, at, data, place::text AS xid, feed_id FROM (
    (SELECT id, job_id, tenant_id, seq, type, at, data, xid AS place, feed_id FROM job_events
     WHERE ${where.jobs} ORDER BY xid, feed_id LIMIT ${limit})
    UNION ALL
    (SELECT id, NULL, tenant_id, 0, type, at, data, xid, feed_id FROM tenant_events
     WHERE ${where.tenants} ORDER BY xid, feed_id LIMIT ${limit})
  ) AS feed ORDER BY place, feed_id LIMIT ${limit}`

const settled = 'pg_snapshot_xmin(pg_current_snapshot())'
const defaultTailPage = 5_000

interface EventRow {
  id: string
  job_id: string | null
  tenant_id: string
  seq: number
  type: string
  at: Date
  data: Record<string, unknown>
  xid: string
  feed_id: number
}

interface TrimRow {
  trim_xid: string | null
  trim_feed_id: number | null
}

const toEvent = (row: EventRow): StoredEvent => ({
  id: row.id,
  jobId: row.job_id,
  tenantId: row.tenant_id,
  seq: row.seq,
  type: row.type as FeedEventType,
  at: row.at,
  data: row.data,
  cursor: { xid: row.xid, feedId: row.feed_id },
})

const afterCursor = `tenant_id = $1 AND (xid, feed_id) > ($2::xid8, $3::bigint) AND xid < ${settled}
  AND ($4::text[] IS NULL OR type = ANY ($4))`
const isAnyOf = (ofSide: readonly string[], types: readonly string[] | null): boolean =>
  types === null || types.some((type) => ofSide.includes(type))

/** What a later page would see besides is left to the next look: a job's events may not come without earlier ones. */
const ofTail = `tenant_id = ANY ($1) AND (xid, feed_id) > ($2::xid8, $3::bigint)
  AND pg_visible_in_snapshot(xid, view.snapshot)`
const tailOfJobs = `${ofTail} AND ($4::text[] IS NULL OR job_id = ANY ($4))`
const tailOfTenants = `${ofTail} AND $4::text[] IS NULL`

/** Rows beside a value that is there even when there are none. */
type Beside<Row> = (Row | { [K in keyof Row]: null }) & { settled: string }

interface ViewRow {
  snapshot: string
}

const hasEvent = <Row extends Beside<EventRow>>(row: Row): row is Row & EventRow => row.id !== null

export interface EventStoreOptions {
  readonly pool: Pool
  /** Events in one page of the tail. */
  readonly tailPage?: number
}

export const createEventStore = ({ pool, tailPage = defaultTailPage }: EventStoreOptions): EventStore => ({
  async listOfJob(jobId, { after, limit }) {
    const { rows } = await pool.query<EventRow>({
      name: 'list-events-of-job',
      text: `SELECT ${columns} FROM job_events WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      values: [jobId, after, limit],
    })
    return rows.map(toEvent)
  },

  async listFeed(tenantId, { after, types, limit }) {
    const { rows } = await pool.query<Beside<EventRow> & TrimRow>({
      name: 'list-feed',
      text: `
        SELECT ${settled}::text AS settled, g.xid::text AS trim_xid, g.feed_id AS trim_feed_id, e.*
        FROM (SELECT 1) AS one
        LEFT JOIN feed_trims g ON g.tenant_id = $1 AND (g.xid, g.feed_id) > ($2::xid8, $3::bigint)
        LEFT JOIN LATERAL (
          ${feedOf({ jobs: `$6::boolean AND ${afterCursor}`, tenants: `$7::boolean AND ${afterCursor}` }, '$5')}
        ) e ON true`,
      values: [
        tenantId,
        after?.xid ?? '0',
        after?.feedId ?? 0,
        types,
        limit,
        // A side that has none of the types would be read to its end for nothing.
        isAnyOf(jobEventTypes, types),
        isAnyOf(tenantEventTypes, types),
      ],
    })
    const events = rows.filter(hasEvent).map(toEvent)
    const last = events.at(-1)
    const isCut = events.length === limit
    // Short of the limit, everything that is settled was seen, whatever its type.
    const next = isCut && last !== undefined ? last.cursor : { xid: rows[0]?.settled ?? '0', feedId: 0 }
    const { trim_xid: xid = null, trim_feed_id: feedId = null } = rows[0] ?? {}
    return { events, next, isCut, gapTo: xid === null || feedId === null ? null : { xid, feedId } }
  },

  async readTailStart() {
    const { rows } = await pool.query<{ settled: string }>(`SELECT ${settled}::text AS settled`)
    return rows[0]?.settled ?? '0'
  },

  async *readTail({ xid, tenantIds, jobIds }) {
    let after: FeedCursor | undefined = { xid, feedId: 0 }
    let snapshot: string | null = null
    while (after !== undefined) {
      const page: QueryResult<Beside<EventRow> & ViewRow> = await pool.query({
        name: 'read-tail',
        text: `
          WITH view AS MATERIALIZED (SELECT COALESCE($5::pg_snapshot, pg_current_snapshot()) AS snapshot)
          SELECT view.snapshot::text AS snapshot, pg_snapshot_xmin(view.snapshot)::text AS settled, e.*
          FROM view LEFT JOIN LATERAL (${feedOf({ jobs: tailOfJobs, tenants: tailOfTenants }, '$6')}) e ON true`,
        values: [tenantIds, after.xid, after.feedId, jobIds, snapshot, tailPage],
      })
      snapshot = page.rows[0]?.snapshot ?? null
      const events = page.rows.filter(hasEvent).map(toEvent)
      yield { events, settledXid: page.rows[0]?.settled ?? xid }
      after = events.length === tailPage ? events.at(-1)?.cursor : undefined
    }
  },
})
