import { expect, onTestFinished, test } from 'vitest'
import { checkDatabase } from '../../../src/store/check-database.ts'
import { openStore } from '../../../src/store/client.ts'
import { createTestDatabase } from '../../support/database.ts'

const setup = async (adapt: (url: string) => string = (url) => url) => {
  const database = await createTestDatabase()
  const store = openStore({ databaseUrl: adapt(database.url) })
  onTestFinished(async () => {
    await store.close()
    await database.drop()
  })
  return store
}

test('a bigint is a number, and one that no number holds is an error', async () => {
  const { pool } = await setup()
  const { rows } = await pool.query("SELECT 12345678901::bigint AS one, '{1,null,3}'::bigint[] AS many")
  expect(rows).toEqual([{ one: 12_345_678_901, many: [1, null, 3] }])
  await expect(pool.query('SELECT 9007199254740993::bigint')).rejects.toThrow('no number holds exactly')
})

test('a time is a Date, also when it is infinite', async () => {
  const { pool } = await setup()
  const { rows } = await pool.query(
    "SELECT 'infinity'::timestamptz AS never, '2026-01-01T00:00Z'::timestamptz AS start",
  )
  expect(rows).toEqual([{ never: new Date(8_640_000_000_000_000), start: new Date('2026-01-01T00:00:00Z') }])
})

test('times are the same through Prisma and through SQL, whatever time zone the connection string asks for', async () => {
  const { pool, prisma } = await setup((url) => `${url}?options=-c%20TimeZone%3DAsia/Tokyo`)
  const at = new Date('2026-07-01T12:34:56.789Z')
  await prisma.tenant.create({ data: { id: 'ten_1', name: 'one', previousSecretUntil: at } })
  const { rows } = await pool.query('SELECT previous_secret_until AS at FROM tenants')
  expect(rows).toEqual([{ at }])
  await expect(prisma.tenant.findMany()).resolves.toMatchObject([{ previousSecretUntil: at }])
})

test('every connection gives up on statements, locks and idle transactions', async () => {
  const { pool, leasePool } = await setup()
  const sql = `SELECT name, setting FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout') AND setting <> '0'`
  expect((await pool.query(sql)).rows).toHaveLength(3)
  expect((await leasePool.query(sql)).rows).toHaveLength(3)
})

test('a connection that the server cuts is replaced', async () => {
  const { pool } = await setup()
  await pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch(() => null)
  await expect(pool.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
})

test('a connection that is cut while it is lent out fails the next query, and nothing else', async () => {
  const { pool } = await setup()
  const client = await pool.connect()
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const lost = new Promise((resolve) => client.once('end', resolve))
  await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
  await lost
  await expect(client.query('SELECT 1')).rejects.toThrow()
  client.release(true)
})

test('an examination that fails leaves no connection in its transaction', async () => {
  const { pool } = await setup((url) => `${url}?options=-c%20default_transaction_read_only=on`)
  await expect(checkDatabase(pool)).rejects.toThrow('read-only transaction')
  await expect(pool.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
})
