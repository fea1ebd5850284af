import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { toCommandFailed } from '../../../src/cli/failure.ts'
import { migrateQueue } from '../../../src/queue/migrate.ts'
import { findDrift } from '../../../src/store/drift.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { readMigrations } from '../../../src/store/migrations.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts'

const connected = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const query = (url: string, sql: string): Promise<Record<string, unknown>[]> =>
  connected(url, async (client) => (await client.query(sql)).rows)

const using = async (database: TestDatabase, work: (url: string) => Promise<void>): Promise<void> => {
  try {
    await work(database.url)
  } finally {
    await database.drop()
  }
}

const allNames = async () => (await readMigrations()).map(({ name }) => name)

/** A migration in the middle, and those from it on. */
const fromBatchesOn = async () => {
  const names = await allNames()
  const at = names.findIndex((name) => name.endsWith('_batches'))
  return { batches: names[at] ?? '', rest: names.slice(at) }
}

/** Starts `clipline migrate`, and stops it at the migration that makes the table `batches`: the name is being taken. */
const heldInTheMiddle = (url: string, work: (migrating: Migrating) => Promise<void>): Promise<void> =>
  connected(url, async (holder) => {
    await holder.query('BEGIN; CREATE TABLE batches ()')
    const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
    const child = spawn(process.execPath, [main, 'migrate'], { env: { ...process.env, DATABASE_URL: url } })
    const ended = once(child, 'exit')
    const words = text(child.stderr)
    const waiting = `SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'clipline migrate' AND wait_event_type = 'Lock'`
    const pid = await vi.waitUntil(async () => (await query(url, waiting))[0]?.['pid'], { timeout: 10_000 })
    try {
      await work({
        kill: () => void child.kill('SIGKILL'),
        terminateBackend: () => query(url, `SELECT pg_terminate_backend(${pid})`),
        letGo: () => holder.query('ROLLBACK'),
        ended: ended.then(async ([code, signal]) => ({ code, signal, words: await words })),
      })
    } finally {
      child.kill('SIGKILL')
    }
  })

interface Migrating {
  kill(): void
  terminateBackend(): Promise<unknown>
  letGo(): Promise<unknown>
  readonly ended: Promise<{ code: unknown; signal: unknown; words: string }>
}

test('an empty database gets every migration, and the second run finds nothing to do', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    expect(await migrate(url)).toEqual({ applied: await allNames() })
    expect(await migrate(url)).toEqual({ applied: [] })
  })
})

test('of many processes that migrate at once one does the work', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => migrate(url, { alsoMigrate: migrateQueue })),
    )
    const working = results.filter(({ applied }) => applied.length > 0)
    expect(working).toEqual([{ applied: await allNames() }])
  })
})

test('each migration leaves the transaction that it runs in open, so that it is whole or not there', async () => {
  await using(await createEmptyDatabase(), (url) =>
    connected(url, async (client) => {
      const transaction = async () => (await client.query('SELECT pg_current_xact_id() AS id')).rows[0].id
      for (const { name, script } of await readMigrations()) {
        await client.query('BEGIN')
        const before = await transaction()
        await client.query(script)
        expect({ name, transaction: await transaction() }).toEqual({ name, transaction: before })
        await client.query('COMMIT')
      }
    }),
  )
})

test('a process killed in a migration leaves none of it, and the next one goes on from there', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    await heldInTheMiddle(url, async (migrating) => {
      migrating.kill()
      expect(await migrating.ended).toMatchObject({ signal: 'SIGKILL' })
      const next = migrate(url)
      await migrating.letGo()
      expect(await next).toEqual({ applied: (await fromBatchesOn()).rest })
    })
    expect(await migrate(url)).toEqual({ applied: [] })
  })
})

test('what a killed process was waiting for holds nobody up', async () => {
  await using(await createEmptyDatabase(), (url) =>
    heldInTheMiddle(url, async (migrating) => {
      migrating.kill()
      // The lock of a migration is had while what the killed one waited for is still held.
      await query(url, `SELECT pg_advisory_lock(${0x6d696772})`)
      await migrating.letGo()
    }),
  )
})

test('a database that ends a migration is told of as away, and the next one goes on from there', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    await heldInTheMiddle(url, async (migrating) => {
      await migrating.terminateBackend()
      const { code, words } = await migrating.ended
      expect(code).toBe(exitCodes.unreachable)
      expect(words).toMatch(/^clipline: the database cannot be reached: terminating connection .+\n$/)
      await migrating.letGo()
    })
    expect(await migrate(url)).toEqual({ applied: (await fromBatchesOn()).rest })
    expect(await migrate(url)).toEqual({ applied: [] })
  })
})

test('a migration that fails is undone, and tried again, also where an earlier version left it begun', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    const { batches, rest } = await fromBatchesOn()
    await query(url, 'CREATE VIEW batches AS SELECT 1')
    for (const _ of ['first', 'second'])
      await expect(migrate(url)).rejects.toThrow(
        `the migration ${batches} failed, and was undone: relation "batches" already exists`,
      )
    expect(await query(url, "SELECT FROM pg_tables WHERE tablename = 'batches'")).toEqual([])
    await query(
      url,
      `DROP VIEW batches;
       INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('begun', '', '${batches}')`,
    )
    expect(await migrate(url)).toEqual({ applied: rest })
    expect(
      await query(
        url,
        'SELECT id FROM _prisma_migrations WHERE finished_at IS NULL AND rolled_back_at IS NULL',
      ),
    ).toEqual([])
  })
})

test('a database with tables of something else is left alone', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    await query(url, 'CREATE TABLE customers ()')
    await expect(migrate(url)).rejects.toThrow('Name an empty database in DATABASE_URL')
    expect(await query(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).toEqual([
      { tablename: 'customers' },
    ])
  })
})

test('what is written by hand keeps its semicolons, quotes and function bodies', async () => {
  await using(await createTestDatabase(), async (url) => {
    const [row] = await query(url, "SELECT new_id('job') AS id")
    expect(row?.['id']).toMatch(/^job_[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

test("the queue's tables come into a schema of their own, only when asked for", async () => {
  const tables = "SELECT FROM pg_tables WHERE schemaname = 'bullmq'"
  await using(await createEmptyDatabase(), async (url) => {
    await migrate(url)
    expect(await query(url, tables)).toHaveLength(0)
    await migrate(url, { alsoMigrate: migrateQueue })
    expect((await query(url, tables)).length).toBeGreaterThan(0)
  })
})

test('the migrations lead to exactly what prisma/schema.prisma says, and trying them leaves no database behind', async () => {
  await using(await createEmptyDatabase(), async (url) => {
    expect(await findDrift(url)).toBe('')
    const shadows = await query(url, "SELECT datname FROM pg_database WHERE datname LIKE 'clipline_shadow%'")
    expect(shadows).toEqual([])
  })
})

test('a server that takes connections and answers nothing is told of as away, and not waited for', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const failure = await migrate(`postgres://nobody@127.0.0.1:${port}/nothing`, {
    connectTimeoutMs: 50,
  }).catch(toCommandFailed)
  expect(failure).toMatchObject({
    exitCode: exitCodes.unreachable,
    message: expect.stringContaining('the database cannot be reached'),
  })
})
