import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { startTestRedis, type TestRedis } from '../../support/redis.ts'
import { clipline, toObjects } from './command.ts'

const token = 'nmv_usr_doctor'
const redis: TestRedis | null = await startTestRedis()

let database: TestDatabase
let sandbox: Sandbox
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'clipline-doctor-'))
  sandbox = await startSandbox({
    dataDir: join(folder, 'sandbox'),
    timeFactor: 0,
    renderer: 'fixture',
    accounts: [
      { token, credits: 1_000, plan: 'paid' },
      { token: `${token}_poor`, credits: 10, plan: 'paid' },
    ],
  })
})
afterAll(async () => {
  await sandbox?.close()
  await database?.drop()
  await redis?.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  setAll({
    DATABASE_URL: database.url,
    REDIS_URL: redis?.url ?? '',
    DATA_DIR: folder,
    STORAGE_URL: `file:${join(folder, 'media')}`,
    NEMO_API_URL: sandbox.url,
    NEMO_TOKEN: token,
    CLIPLINE_SECRET: randomBytes(32).toString('hex'),
    CLIPLINE_URL: '',
  })
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const setAll = (settings: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value)
}

/** What the doctor says of each part, and how it ends. */
const examine = async (settings: Readonly<Record<string, string>> = {}) => {
  setAll(settings)
  const { code, stdout } = await clipline('doctor', '--json')
  const lines = toObjects(stdout)
  const summary = lines.pop()
  const parts: Record<string, { state: string; text: string; advice: string | null }> = Object.fromEntries(
    lines.map((finding) => [finding.part, finding]),
  )
  return { code, parts, summary }
}

describe('clipline doctor', () => {
  test('finds nothing to mend where all is well, a line for each part', async () => {
    const { code, parts, summary } = await examine()
    expect(Object.entries(parts).map(([part, finding]) => [part, finding.state])).toEqual([
      // The tests' own server does without fsync.
      ['database', 'doubtful'],
      ['migrations', 'good'],
      ['queue', 'good'],
      ['storage', 'good'],
      ['provider', 'good'],
      ['clock', 'good'],
      ['disk', expect.stringMatching(/good|doubtful/)],
    ])
    expect(parts['database']?.text).toMatch(/Postgres \d+.*, may forget what it committed/)
    expect(parts['provider']?.text).toContain('1000 credits')
    expect(summary).toMatchObject({ healthy: true, bad: 0 })
    expect(code).toBe(exitCodes.ok)
    const { stdout } = await clipline('doctor')
    expect(stdout).toMatch(/^ {2}! database {4}postgres:.+\n +→ Set fsync = on/)
    expect(stdout).not.toContain(new URL(database.url).password || 'no password')
  })

  test.runIf(redis)('names the version of Redis, and an eviction that would lose bells', async () => {
    const { parts } = await examine()
    expect(parts['queue']?.text).toMatch(/^(Redis|Valkey) \d+\.\S+ at redis:.+noeviction/)
    const other = await startTestRedis({ maxmemoryPolicy: 'allkeys-lru' })
    const warn = vi.spyOn(console, 'warn')
    const evicting = await examine({ REDIS_URL: other?.url ?? '' })
    await other?.stop()
    // BullMQ has words of its own for it.
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
    expect(evicting.parts['queue']).toMatchObject({
      state: 'bad',
      advice: expect.stringContaining('noeviction'),
    })
    expect(evicting.code).toBe(exitCodes.failed)
  })

  test.runIf(redis)(
    'tells a Redis whose memory is used up, and a password that it refuses, from one that is away',
    async () => {
      const other = await startTestRedis()
      const url = other?.url ?? ''
      const client = new Redis(url)
      const adviceOn = async (redisUrl: string) =>
        (await examine({ REDIS_URL: redisUrl })).parts['queue']?.advice
      await client.config('SET', 'maxmemory', '1')
      expect(await adviceOn(url)).toMatch(/memory is used up: raise maxmemory.+noeviction/)
      await client.config('SET', 'requirepass', 'right')
      expect(await adviceOn(url)).toMatch(/^Put the password into REDIS_URL/)
      expect(await adviceOn(url.replace('//', '//:wrong@'))).toMatch(/^Correct the password in REDIS_URL/)
      client.disconnect()
      await other?.stop()
      expect(await adviceOn(url)).toMatch(/^Start Redis/)
    },
  )

  test('says what to do where nobody answers, and leaves out what cannot be looked at', async () => {
    const nowhere = 'http://127.0.0.1:9'
    const { code, parts, summary } = await examine({
      DATABASE_URL: 'postgres://someone:password@127.0.0.1:9/clipline',
      REDIS_URL: 'redis://127.0.0.1:9',
      NEMO_API_URL: nowhere,
    })
    expect(parts['database']).toMatchObject({
      state: 'bad',
      advice: expect.stringContaining('Start Postgres'),
    })
    expect(JSON.stringify(parts)).not.toContain('password')
    expect(parts['migrations']?.state).toBe('skipped')
    expect(parts['queue']).toMatchObject({ state: 'bad', advice: expect.stringContaining('REDIS_URL') })
    expect(parts['provider']).toMatchObject({ state: 'bad', advice: expect.stringContaining('NEMO_API_URL') })
    expect(parts['clock']?.state).toBe('skipped')
    expect(summary).toMatchObject({ healthy: false, bad: 3 })
    expect(code).toBe(exitCodes.failed)
  })

  test('tells a missing database from a wrong password', async () => {
    const missing = await examine({ DATABASE_URL: new URL('/not_there', database.url).href })
    expect(missing.parts['database']?.advice).toContain('createdb')
  })

  test('sees migrations that are missing, that broke off, or that are of a newer version', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const { rows } = await pool.query(
      'DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations) RETURNING *',
    )
    const pending = await examine()
    expect(pending.parts['migrations']).toMatchObject({ state: 'bad', advice: 'Run: clipline migrate' })
    const insert = `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
      VALUES ($1, $2, $3, now(), $4, 1)`
    await pool.query(insert, [rows[0].id, rows[0].checksum, rows[0].migration_name, null])
    expect((await examine()).parts['migrations']).toEqual(pending.parts['migrations'])
    await pool.query('UPDATE _prisma_migrations SET finished_at = now() WHERE id = $1', [rows[0].id])
    await pool.query(insert, ['newer', 'x', '29990101000000_future', new Date()])
    expect((await examine()).parts['migrations']).toMatchObject({ state: 'doubtful' })
    await pool.query(`DELETE FROM _prisma_migrations WHERE id = 'newer'`)
    await pool.end()
  })

  test('sees a storage that cannot be written to', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    const { parts } = await examine({ STORAGE_URL: `file:${file}` })
    expect(parts['storage']).toMatchObject({ state: 'bad', advice: expect.any(String) })
  })

  test.runIf(process.platform === 'linux')(
    'sees a data folder that cannot be made, wherever the files are',
    async () => {
      const dataDir = '/proc/clipline'
      const refusal = { state: 'bad', advice: expect.stringContaining('Check DATA_DIR') }
      const { parts } = await examine({ DATA_DIR: dataDir, STORAGE_URL: '' })
      const reason = 'cannot be made: ENOENT: no such file or directory'
      expect(parts['disk']).toMatchObject({ ...refusal, text: `${dataDir}/media ${reason}` })
      setAll({ STORAGE_URL: `file:${join(folder, 'media')}` })
      const { stdout } = await clipline('doctor', '--json')
      const disks = toObjects(stdout).filter(({ part }) => part === 'disk')
      expect(disks).toMatchObject([
        { ...refusal, text: `${dataDir} ${reason}` },
        { text: expect.stringContaining(' GB free in ') },
      ])
    },
  )

  test('sees a token that is refused, and an account that is nearly empty', async () => {
    const refused = await examine({ NEMO_TOKEN: 'nmv_usr_unknown' })
    expect(refused.parts['provider']).toMatchObject({
      state: 'bad',
      advice: expect.stringContaining('NEMO_TOKEN'),
    })
    const poor = await examine({ NEMO_TOKEN: `${token}_poor` })
    expect(poor.parts['provider']).toMatchObject({
      state: 'doubtful',
      text: expect.stringContaining('10 credits'),
    })
    expect(poor.code).toBe(exitCodes.ok)
    expect((await examine({ NEMO_TOKEN: '' })).parts['provider']?.text).toContain('anonymous')
  })

  test('sees a clock that is off', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(404, { date: new Date(Date.now() + 600_000).toUTCString() }).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const { parts } = await examine({ NEMO_API_URL: `http://127.0.0.1:${port}` })
    server.closeAllConnections()
    server.close()
    expect(parts['clock']).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('behind the provider'),
    })
  })

  test('ends with the code for wrong settings where they cannot be used', async () => {
    setAll({ PORT: 'many' })
    const { code, stderr } = await clipline('doctor')
    expect(code).toBe(exitCodes.usage)
    expect(stderr).toContain('PORT: expected')
  })
})
