import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrateDatabase } from '../../src/cli/migrate-database.ts'
import { startEmbeddedPostgres } from '../../src/store/embedded.ts'
import { readParent } from './usage.ts'

/** A Postgres server with default durability, and fresh databases in it. */
export interface DatabaseServer {
  /** The postmaster; 0 when it runs elsewhere. */
  readonly pid: number
  createDatabase(name: string, redisUrl: string | undefined): Promise<string>
  /** Without tables of ours. */
  createEmptyDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

/** `DATABASE_URL` names a server with `pg_stat_statements` preloaded; without it one is started for this run. */
export const startDatabaseServer = async (): Promise<DatabaseServer> => {
  const given = process.env['DATABASE_URL']
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-bench-'))
  const server =
    given === undefined ? await startOwnServer(dataDir) : { url: given, stop: async () => undefined }
  const created: string[] = []
  const createEmptyDatabase = async (name: string): Promise<string> => {
    await runSql(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await runSql(server.url, `CREATE DATABASE ${name} TEMPLATE template0`)
    created.push(name)
    return withDatabase(server.url, name)
  }
  return {
    pid: await findPostmaster(server.url),
    createEmptyDatabase,
    async createDatabase(name, redisUrl) {
      const url = await createEmptyDatabase(name)
      await migrateDatabase(url, redisUrl)
      await runSql(url, 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements')
      return url
    },
    async stop() {
      if (given !== undefined)
        for (const name of created) await runSql(given, `DROP DATABASE ${name} WITH (FORCE)`)
      await server.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const startOwnServer = (dataDir: string) =>
  startEmbeddedPostgres({ dataDir, settings: { shared_preload_libraries: 'pg_stat_statements' } })

const withDatabase = (serverUrl: string, name: string): string => {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

const runSql = async (url: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** The parent of the process that serves us, where that is on this machine. */
const findPostmaster = async (url: string): Promise<number> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ pid: number; address: string | null }>(
      'SELECT pg_backend_pid() AS pid, host(inet_client_addr()) AS address',
    )
    const [row] = rows
    return row?.address === '127.0.0.1' ? await readParent(row.pid) : 0
  } finally {
    await client.end()
  }
}
