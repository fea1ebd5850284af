import pg from 'pg'
import { expect, test } from 'vitest'
import { migrateQueue } from '../../../src/queue/migrate.ts'
import { findDrift, migrate } from '../../../src/store/migrate.ts'
import { readMigrations } from '../../../src/store/schema-engine.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.ts'

const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const using = async (database: TestDatabase, work: (url: string) => Promise<void>): Promise<void> => {
  try {
    await work(database.url)
  } finally {
    await database.drop()
  }
}

const allNames = async () => (await readMigrations()).migrationDirectories.map(({ path }) => path)

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
