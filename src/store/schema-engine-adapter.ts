import { PrismaPg } from '@prisma/adapter-pg'
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils'
import pg from 'pg'

type PgAdapter = Awaited<ReturnType<PrismaPg['connect']>>

/**
 * Prisma's door to Postgres for its schema engine, with three faults of adapter-pg 7.10 mended:
 *
 * - it splits a migration at every semicolon, also inside quotes and function bodies: we send it whole, which also
 *   makes each migration one transaction;
 * - it refuses results with the internal type "char", which the engine's own catalogue queries return;
 * - its shadow database is, for a connection string, the real one: we make one and drop it.
 *
 * `close` ends all connections and drops the shadow databases.
 */
export const openEngineAdapter = (
  databaseUrl: string,
): { factory: SqlMigrationAwareDriverAdapterFactory; close(): Promise<void> } => {
  const pools: pg.Pool[] = []
  const shadows: string[] = []

  const connectTo = async (url: string): Promise<SqlDriverAdapter> => {
    // One connection that is never idled out: the engine's advisory lock lives in its session.
    const pool = new pg.Pool({
      connectionString: url,
      max: 1,
      idleTimeoutMillis: 0,
      application_name: 'clipline migrate',
    })
    pools.push(pool)
    return mend(await new PrismaPg(pool).connect())
  }

  return {
    factory: {
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: () => connectTo(databaseUrl),
      async connectToShadowDb() {
        const shadow = `clipline_shadow_${crypto.randomUUID().replaceAll('-', '')}`
        await runOnce(databaseUrl, `CREATE DATABASE ${shadow} TEMPLATE template0`)
        shadows.push(shadow)
        return connectTo(withDatabase(databaseUrl, shadow))
      },
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()))
      for (const shadow of shadows) await runOnce(databaseUrl, `DROP DATABASE ${shadow}`)
    },
  }
}

const mend = (adapter: PgAdapter): SqlDriverAdapter => {
  const findCharColumns = watchCharColumns(adapter.underlyingDriver())
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    executeRaw: (query) => adapter.executeRaw(query),
    executeScript: async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] })
    },
    async queryRaw(query: SqlQuery) {
      const result = await adapter.queryRaw(query)
      for (const index of findCharColumns()) result.columnTypes[index] = ColumnTypeEnum.Character
      return result
    },
    startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
    getConnectionInfo: () => adapter.getConnectionInfo(),
    dispose: () => adapter.dispose(),
  }
}

const charOid = 18
const textOid = 25

/** Lets results with "char" columns pass as text, and tells which columns of the newest result those were. */
const watchCharColumns = (pool: pg.Pool): (() => number[]) => {
  const query = pool.query.bind(pool) as (config: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>
  let charColumns: number[] = []
  pool.query = (async (config: pg.QueryArrayConfig) => {
    const result = await query(config)
    charColumns = []
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== charOid) continue
      field.dataTypeID = textOid
      charColumns.push(index)
    }
    return result
  }) as typeof pool.query
  return () => charColumns
}

const withDatabase = (databaseUrl: string, database: string): string => {
  const url = new URL(databaseUrl)
  url.pathname = `/${database}`
  return url.href
}

const runOnce = async (databaseUrl: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
