import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/store/embedded.ts'
import { EmbeddedPostgresFailure } from '../../../src/store/embedded-failure.ts'
import { findPostmaster } from '../../../src/store/postmaster.ts'

const settings = { fsync: 'off' }
const run = promisify(execFile)

/** A data folder whose server was started once and stopped. Making one is what takes longest. */
let usedDir: string
beforeAll(async () => {
  usedDir = await mkdtemp(join(tmpdir(), 'clipline-embedded-'))
  await (await startEmbeddedPostgres({ dataDir: usedDir, settings })).stop()
})
afterAll(() => rm(usedDir, { recursive: true }))

/** On a data folder that has served before, or on one `inEmptyFolder`. */
const setup = async ({ inEmptyFolder = false } = {}) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipline-embedded-'))
  // With its owners: a server that root starts runs as somebody else.
  if (!inEmptyFolder) await run('cp', ['-a', `${usedDir}/.`, dataDir])
  const started: EmbeddedPostgres[] = []
  const start = async () => {
    const server = await startEmbeddedPostgres({ dataDir, settings })
    started.push(server)
    return server
  }
  onTestFinished(async () => {
    for (const server of started) await server.stop()
    await rm(dataDir, { recursive: true })
  })
  const home = join(dataDir, 'postgres')
  /** Data folders that are being made, or were when their maker was killed. */
  const findUnfinished = async () =>
    (await readdir(home).catch(() => [])).filter((name) => name.startsWith('cluster.'))
  return { dataDir, home, start, findServer: () => findPostmaster(join(home, 'cluster')), findUnfinished }
}

const query = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => null)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Starts the server in a process of its own, which is killed without warning as soon as it has. */
const startAndKill = async (dataDir: string): Promise<void> => {
  await once(startApart(dataDir), 'exit')
}

const startApart = (dataDir: string) => {
  const module = new URL('../../../src/store/embedded.ts', import.meta.url).href
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)}
    await startEmbeddedPostgres(${JSON.stringify({ dataDir, settings })})
    process.kill(process.pid, 'SIGKILL')`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
}

test('data, port and password outlast a stop', async () => {
  const { start, findServer } = await setup()
  const first = await start()
  await query(first.url, 'CREATE TABLE kept (id int)')
  await first.stop()
  expect(await findServer()).toBeNull()

  const second = await start()
  expect(second.url).toBe(first.url)
  expect(await query(second.url, 'SELECT * FROM kept')).toEqual([])
})

test('a server whose parent was killed is adopted', async () => {
  const { dataDir, start, findServer } = await setup()
  await startAndKill(dataDir)
  const orphan = await findServer()
  const server = await start()
  expect(await findServer()).toEqual(orphan)
  expect(orphan).not.toBeNull()
  await server.stop()
  expect(await findServer()).toBeNull()
})

/** Stops the processes of a server as they are, as a debugger or a hand does. */
const freeze = async ({ pid }: { readonly pid: number }): Promise<void> => {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  for (const each of [pid, ...children.trim().split(' ').map(Number)]) process.kill(each, 'SIGSTOP')
}

test('a server that was frozen stops all the same', async () => {
  const { start, findServer } = await setup()
  const server = await start()
  await freeze((await findServer())!)
  await server.stop()
  expect(await findServer()).toBeNull()
})

test('a frozen server that was left behind is woken and adopted', async () => {
  const { dataDir, start, findServer } = await setup()
  await startAndKill(dataDir)
  const orphan = (await findServer())!
  await freeze(orphan)
  const server = await start()
  expect(await findServer()).toEqual(orphan)
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a server that was killed itself is started anew with all that was committed', async () => {
  const { start, findServer } = await setup()
  const first = await start()
  await query(first.url, 'CREATE TABLE kept (id int)')
  const postmaster = await findServer()
  process.kill(postmaster!.pid, 'SIGKILL')

  const second = await start()
  expect((await findServer())?.pid).not.toBe(postmaster?.pid)
  expect(await query(second.url, 'SELECT * FROM kept')).toEqual([])
})

test('a lock file whose process id now belongs to another program does not keep the server from starting', async () => {
  const { home, start } = await setup()
  await (await start()).stop()
  await writeFile(
    join(home, 'cluster', 'postmaster.pid'),
    `${process.pid}\n${home}/cluster\n1\n1\n\n\n\nready\n`,
  )
  const server = await start()
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('processes that start at once share one server, and the last one to stop stops it', async () => {
  const { start, findServer, findUnfinished } = await setup({ inEmptyFolder: true })
  const [one, two, three] = await Promise.all([start(), start(), start()])
  expect(await findUnfinished()).toEqual([])
  expect(new Set([one.url, two.url, three.url]).size).toBe(1)
  await one.stop()
  await two.stop()
  expect(await query(three.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await three.stop()
  expect(await findServer()).toBeNull()
})

test('what a start that was killed has left of a data folder is removed by the next one', async () => {
  const { dataDir, home, start, findUnfinished } = await setup({ inEmptyFolder: true })
  const killed = startApart(dataDir)
  await vi.waitFor(async () => expect(await findUnfinished()).toHaveLength(1), {
    timeout: 20_000,
    interval: 5,
  })
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  expect(await readdir(home)).not.toContain('cluster')

  const server = await start()
  expect(await findUnfinished()).toEqual([])
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a data folder that cannot be made is no surprise: the reason is told, and nothing is left of it', async () => {
  const { home, start, findUnfinished } = await setup({ inEmptyFolder: true })
  await mkdir(home)
  await writeFile(join(home, 'password'), '')
  const error = await start().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EmbeddedPostgresFailure)
  expect((error as Error).message).toMatch(
    /^The embedded database could not be created in .+: password file .+ is empty$/,
  )
  expect(await findUnfinished()).toEqual([])
})

test('when somebody else took the port, another one is chosen', async () => {
  const { home, start } = await setup()
  const first = await start()
  await first.stop()
  const other = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => new Promise((resolve) => other.close(() => resolve())))

  const second = await start()
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port)
  expect(await readFile(join(home, 'port'), 'utf8')).toBe(new URL(second.url).port)
})

test('the server is in a session of its own, so that Ctrl-C does not reach it', async () => {
  const { start, findServer } = await setup()
  await start()
  const { pid } = (await findServer())!
  const [, session] = /\) \S \d+ \d+ (\d+)/.exec(await readFile(`/proc/${pid}/stat`, 'utf8')) ?? []
  expect(Number(session)).toBe(pid)
})

test('a server that cannot start says why', async () => {
  const { dataDir } = await setup()
  const starting = startEmbeddedPostgres({ dataDir, settings: { shared_buffers: 'plenty' } })
  await expect(starting).rejects.toThrow('invalid value for parameter "shared_buffers": "plenty"')
})

test('the password is readable by the server alone', async () => {
  const { dataDir, home, start } = await setup()
  await chmod(dataDir, 0o700)
  const server = await start()
  const { mode } = await stat(join(home, 'password'))
  expect(mode & 0o777).toBe(0o600)
  const stranger = server.url.replace(/:[^:@]+@/, ':wrong@')
  await expect(query(stranger, 'SELECT 1')).rejects.toThrow('password authentication failed')
})
