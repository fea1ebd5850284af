import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { startSandboxChild } from '../../../src/cli/sandbox-child.ts'
import {
  createEmptyDatabase,
  createTestDatabase,
  runOnServer,
  type TestDatabase,
} from '../../support/database.ts'
import { clipline } from './command.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'clipline-serve-'))
})
afterAll(async () => {
  await database?.drop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  vi.stubEnv('STORAGE_URL', `file:${join(folder, 'media')}`)
  vi.stubEnv('NEMO_API_URL', 'http://127.0.0.1:9')
  vi.stubEnv('NEMO_TOKEN', 'nmv_usr_serve')
  vi.stubEnv('CLIPLINE_SECRET', randomBytes(32).toString('hex'))
  vi.stubEnv('LOG_LEVEL', 'silent')
  vi.stubEnv('PORT', '0')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))

/** Where no table of ours is seen. */
const emptyDatabase = (): string => {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c search_path=nowhere')
  return url.href
}

describe('clipline api, worker and migrate', () => {
  test.each(['api', 'worker'])('%s begins nothing in a database that was never migrated', async (command) => {
    vi.stubEnv('DATABASE_URL', emptyDatabase())
    const { code, stderr } = await clipline(command)
    expect(code).toBe(exitCodes.failed)
    expect(stderr).toBe('clipline: the database was never migrated. Run: clipline migrate\n')
  })

  test.each(['api', 'worker'])(
    '%s begins nothing in a database that is older, or was migrated for Redis alone',
    async (command) => {
      const older = await createTestDatabase()
      vi.stubEnv('DATABASE_URL', older.url)
      await runOnServer(older.url, 'DROP SCHEMA bullmq CASCADE')
      const { code, stderr } = await clipline(command)
      expect(code).toBe(exitCodes.failed)
      expect(stderr).toMatch(
        /^clipline: the database misses the schema of the queue.+ Run: clipline migrate\n$/,
      )

      await runOnServer(
        older.url,
        `DELETE FROM _prisma_migrations
         WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`,
      )
      const refused = await clipline(command, '--json')
      await older.drop()
      expect(refused.code).toBe(exitCodes.failed)
      expect(JSON.parse(refused.stderr)).toEqual({
        error: 'failed',
        message: expect.stringMatching(
          /^the database misses the migration \d{14}_\w+\. Run: clipline migrate$/,
        ),
      })
    },
  )

  test('a database that a newer version has migrated will do', async () => {
    const newer = await createTestDatabase()
    await runOnServer(
      newer.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ('newer', '', '99991231235959_newer', now(), 1)`,
    )
    const env = { ...process.env, DATABASE_URL: newer.url, HOST: '127.0.0.1' }
    const child = spawn(process.execPath, [main, 'api', '--json', '--with-parent'], { env })
    const ended = once(child, 'exit')
    const [line] = await once(child.stdout, 'data')
    child.stdin.end()
    expect(JSON.parse(String(line))).toMatchObject({ url: expect.stringContaining('http://') })
    expect(await ended).toEqual([exitCodes.ok, null])
    await newer.drop()
  })

  test.each(['api', 'worker'])(
    '%s ends when it cannot start, although its parent is there',
    async (command) => {
      const env = { ...process.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:9/nothing' }
      const child = spawn(process.execPath, [main, command, '--json', '--with-parent'], { env })
      const [code] = await once(child, 'exit')
      expect(code).toBe(exitCodes.unreachable)
    },
  )

  test.each([
    ['api', 'PORT'],
    ['worker', 'WORKER_PORT'],
  ])('%s leaves nothing running when its port is taken', async (command, setting) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    try {
      const { port } = other.address() as AddressInfo
      const env = { ...process.env, DATABASE_URL: database.url, HOST: '127.0.0.1', [setting]: String(port) }
      const child = spawn(process.execPath, [main, command, '--with-parent'], { env })
      const words = text(child.stderr)
      const [code] = await once(child, 'exit')
      expect(await words).toContain(String(port))
      expect(code).toBe(exitCodes.failed)
    } finally {
      other.close()
    }
  })

  test.each(['api', 'worker', 'migrate'])(
    '%s says what to do where the database is not there',
    async (command) => {
      vi.stubEnv('DATABASE_URL', new URL('/not_there', database.url).href)
      const { code, stderr } = await clipline(command, '--json')
      expect(code).toBe(exitCodes.failed)
      expect(JSON.parse(stderr)).toMatchObject({
        message: expect.stringContaining('createdb'),
        code: '3D000',
      })
    },
  )

  test.each(['api', 'worker', 'migrate'])(
    '%s says that it is the database that nobody answers for, and what to do',
    async (command) => {
      vi.stubEnv('DATABASE_URL', 'postgres://nobody@127.0.0.1:9/nothing')
      const { code, stderr } = await clipline(command)
      expect(code).toBe(exitCodes.unreachable)
      expect(stderr).toBe(
        'clipline: the database cannot be reached: connect ECONNREFUSED 127.0.0.1:9. Start Postgres, or correct the host and port in DATABASE_URL.\n',
      )
    },
  )

  test('migrate says what a database needs that takes no writes, or none of this user', async () => {
    const empty = await createEmptyDatabase()
    const readOnly = new URL(empty.url)
    readOnly.searchParams.set('options', '-c default_transaction_read_only=on')
    vi.stubEnv('DATABASE_URL', readOnly.href)
    const refused = await clipline('migrate', '--json')
    expect(refused.code).toBe(exitCodes.failed)
    expect(JSON.parse(refused.stderr)).toMatchObject({
      code: '25006',
      message: expect.stringContaining('name the primary'),
    })
    const weak = new URL(empty.url)
    weak.searchParams.set('options', '-c role=pg_monitor')
    vi.stubEnv('DATABASE_URL', weak.href)
    const { code, stderr } = await clipline('migrate')
    await empty.drop()
    expect(code).toBe(exitCodes.failed)
    expect(stderr).toMatch(
      /^clipline: the database refuses: permission denied for schema public\. Give the user .+\n$/,
    )
  })
})

test('the sandbox that comes along ends with whoever started it, also when it was frozen', async () => {
  const sandbox = await startSandboxChild({
    dataDir: join(folder, 'sandbox'),
    token: 'nmv_usr_serve',
    timeFactor: 0,
    renderer: 'fixture',
    stopTimeoutMs: 1,
  })
  process.kill(sandbox.pid, 'SIGSTOP')
  await sandbox.stop()
  expect(() => process.kill(sandbox.pid, 0)).toThrow('ESRCH')
})
