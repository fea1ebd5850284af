import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openQueue } from '../../../src/queue/backend.ts'
import { testApiKey, testEnvironment, testToken } from '../../support/app.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Gate, openGate } from '../../support/gate.ts'
import { type CliplineProcess, startClipline } from '../../support/process.ts'
import { seedJob } from '../../support/seed-job.ts'

let dataDir: string
let database: TestDatabase
let pool: pg.Pool
let running: CliplineProcess[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clipline-stopping-'))
  database = await createTestDatabase()
  pool = new pg.Pool({ connectionString: database.url, application_name: 'test' })
  // Dropping the database may be quicker than the last of its goodbyes.
  pool.on('error', () => undefined)
  running = []
})

afterEach(async () => {
  for (const clipline of running) clipline.signal('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  await pool.end()
  await database.drop()
  await rm(dataDir, { recursive: true, force: true })
})

const start = async (command: string, environment: Readonly<Record<string, string>>) => {
  const clipline = await startClipline([command, '--json'], {
    DATA_DIR: dataDir,
    NEMO_API_URL: 'http://127.0.0.1:9',
    NEMO_TOKEN: testToken,
    ...testEnvironment,
    ...environment,
  })
  running.push(clipline)
  return clipline
}

/** The bookkeeping of usage takes as long as we like from now on; returns the way to let it go on. */
const holdBookkeeping = async (): Promise<() => Promise<void>> => {
  const holder = await pool.connect()
  await holder.query('SELECT pg_advisory_lock(1)')
  await pool.query(`
    CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      WHILE NOT pg_try_advisory_xact_lock_shared(1) LOOP PERFORM pg_sleep(0.01); END LOOP;
      RETURN NULL;
    END $$;
    CREATE TRIGGER takes_long BEFORE INSERT ON usage_days EXECUTE FUNCTION take_long()`)
  return async () => {
    await holder.query('SELECT pg_advisory_unlock(1)')
    holder.release()
  }
}

/** A way to the database that can be barred. */
const openWay = async (): Promise<Gate & { readonly url: string }> => {
  const gate = await openGate(Number(new URL(database.url).port))
  onTestFinished(() => gate.shut())
  const url = new URL(database.url)
  url.port = String(gate.port)
  return { ...gate, url: url.href }
}

/** Cuts everybody off who comes to that port, until whoever writes jobs has come so many times. */
const refuseWriter = async (port: number, times: number): Promise<void> => {
  let left = times
  const server = createTcpServer((socket) => {
    socket.once('data', (greeting) => {
      socket.destroy()
      if (greeting.includes('clipline jobs')) left -= 1
      if (left === 0) server.close()
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'close')
}

const seedOwnJob = async (): Promise<string> => {
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenants')
  const tenant = { tenant_id: rows[0]?.id }
  return seedJob(pool, { job: tenant, request: tenant })
}

const countConnections = async (where: string): Promise<number> => {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND ${where}`,
  )
  return rows[0]?.count ?? 0
}

const countHeldUp = () => countConnections(`wait_event = 'PgSleep'`)
const countListening = () => countConnections(`application_name = 'clipline queue'`)

/** guarantees.md §2.1-13 */
describe('a process that is told to stop', () => {
  test('begins no job any more, though its bookkeeping hangs', async () => {
    const worker = await start('worker', { DATABASE_URL: database.url })
    const letGo = await holdBookkeeping()
    await expect.poll(countHeldUp, { interval: 20 }).toBe(1)
    expect(await countListening()).toBeGreaterThan(0)

    worker.signal('SIGTERM')
    await expect.poll(countListening, { interval: 20 }).toBe(0)
    expect(await countHeldUp()).toBe(1)
    const id = await seedOwnJob()
    const queue = openQueue({ databaseUrl: database.url })
    onTestFinished(() => queue.close())
    await queue.ring('jobs', [{ id, ringNo: 1 }])
    await letGo()
    expect(await worker.ended).toBe(0)

    const { rows } = await pool.query('SELECT state, epoch FROM jobs WHERE id = $1', [id])
    expect(rows).toEqual([{ state: 'queued', epoch: 0 }])
    expect(await queue.depth('jobs')).toBe(1)
  })

  test('waits for a database that is away to hand its job back', async () => {
    const provider = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void provider.close())
    await once(provider, 'listening')
    const way = await openWay()
    const worker = await start('worker', {
      DATABASE_URL: way.url,
      NEMO_API_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    })
    const called = once(provider, 'request')
    const id = await seedOwnJob()
    const [, call] = (await called) as [unknown, ServerResponse]
    await way.shut()
    const letGo = once(call, 'close')
    worker.signal('SIGTERM')
    await letGo
    await refuseWriter(way.port, 6)
    await way.open()
    expect(await worker.ended).toBe(0)
    const { rows } = await pool.query('SELECT state, stage, lease_until, tries FROM jobs WHERE id = $1', [id])
    expect(rows).toEqual([{ state: 'waiting', stage: 'session', lease_until: null, tries: 0 }])
  })

  test('ends in its time while its database answers nothing, whatever its shape', async () => {
    const way = await openWay()
    const environment = { DATABASE_URL: way.url, SHUTDOWN_MS: '1500' }
    const processes = await Promise.all(['api', 'worker', 'up'].map((command) => start(command, environment)))
    way.darken()
    const asked = fetch(`${String(processes[0]?.ready['url'])}/v1/jobs`, {
      headers: { authorization: `Bearer ${testApiKey}` },
    }).then(
      ({ status }) => status,
      () => 'cut off',
    )
    for (const clipline of processes) clipline.signal('SIGTERM')
    expect(await Promise.all(processes.map(({ ended }) => ended))).toEqual([0, 0, 0])
    expect([503, 'cut off']).toContain(await asked)
  })
})
