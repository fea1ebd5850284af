import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { columnTypes } from './column-types.ts'
import { PrismaClient } from './generated/client.ts'
import type { StoreLog } from './log.ts'

export interface StoreOptions {
  readonly databaseUrl: string
  /** Connections for all but jobs on their way and their leases. */
  readonly poolMax?: number
  /** Connections for jobs on their way. */
  readonly jobPoolMax?: number
  /** Connections for heartbeats alone, so that no other load can make a worker lose its leases. */
  readonly leasePoolMax?: number
  /** How long a statement may take, heartbeats apart. */
  readonly statementTimeoutMs?: number
  readonly log?: StoreLog
}

export interface Store {
  /** For raw SQL: lists, streams, what is done now and then. Prisma uses the same connections. */
  readonly pool: pg.Pool
  /** For the few prepared statements that every job goes through; they are planned once a connection. */
  readonly jobPool: pg.Pool
  readonly leasePool: pg.Pool
  readonly prisma: PrismaClient
  /** Waits for the connections that are lent out. */
  close(): Promise<void>
}

/**
 * How every connection behaves (guarantees.md §5.2-13). Without these, `pg` waits for ever: for a free slot, for a
 * lock, and on a socket whose other end is gone.
 */
const patience = {
  connectionTimeoutMillis: 2_000,
  idleTimeoutMillis: 30_000,
  maxLifetimeSeconds: 1_800,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  lock_timeout: 5_000,
  idle_in_transaction_session_timeout: 10_000,
} satisfies pg.PoolConfig

/** How long the server's word that a statement took too long may be on its way, before it counts as frozen. */
const lastWordMs = 2_000
const leaseStatementMs = 5_000

/**
 * Opens the pools and Prisma on top of them. Nothing connects before the first query, so a database that is down
 * shows in queries, not here.
 */
export const openStore = (options: StoreOptions): Store => {
  const {
    databaseUrl,
    poolMax = 10,
    jobPoolMax = 8,
    leasePoolMax = 2,
    statementTimeoutMs = 30_000,
    log,
  } = options
  const open = (name: string, max: number, longestMs: number, planning = ''): pg.Pool => {
    const pool = new pg.Pool({
      ...patience,
      ...withSession(databaseUrl, `${inUtc} ${planning}`),
      max,
      application_name: name,
      statement_timeout: longestMs,
      query_timeout: longestMs + lastWordMs,
      types: columnTypes,
    })
    // The error carries the whole client along.
    pool.on('error', ({ message }) =>
      log?.warn({ reason: message, pool: name }, 'a database connection was lost'),
    )
    // The pool listens to idle connections alone. Whoever holds one learns of its loss by the next query; without a
    // listener of its own, the loss would end the process.
    pool.on('connect', (client) => void client.on('error', () => undefined))
    return pool
  }

  const pool = open('clipline', poolMax, statementTimeoutMs)
  const jobPool = open('clipline jobs', jobPoolMax, statementTimeoutMs, plannedOnce)
  const leasePool = open('clipline leases', leasePoolMax, leaseStatementMs, plannedOnce)
  const adapter = new PrismaPg(pool, {
    onConnectionError: (error) =>
      log?.warn({ err: error }, 'a database connection was lost in a transaction'),
  })
  // Minimal errors: the others quote the arguments, and with them prompts and sealed secrets.
  const prisma = new PrismaClient({ adapter, errorFormat: 'minimal' })

  return {
    pool,
    jobPool,
    leasePool,
    prisma,
    async close() {
      await prisma.$disconnect()
      await Promise.all([pool.end(), jobPool.end(), leasePool.end()])
    },
  }
}

/**
 * The session's time zone must be UTC: Prisma's adapter drops the offset of the times it reads and writes times
 * without one. The database's own default, or one in the connection string, would shift every time by hours. Compiling
 * a plan takes longer than running any of our statements.
 */
const inUtc = '-c TimeZone=UTC -c jit=off'

/**
 * Postgres would plan the statements of the writer anew each time, which takes longer than to run them. One plan for all
 * times must be right for tables of every size: rows are looked up one by one through an index, and no table is read as
 * a whole, however small it was when the plan was made.
 */
const plannedOnce = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

const withSession = (databaseUrl: string, sessionOptions: string): pg.PoolConfig => {
  const url = new URL(databaseUrl)
  const given = url.searchParams.get('options')
  url.searchParams.set('options', [given, sessionOptions.trim()].filter(Boolean).join(' '))
  return { connectionString: url.href }
}
