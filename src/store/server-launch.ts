import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { access, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'
import type { StoreLog } from './log.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import { removeStaleLockFile } from './postmaster.ts'
import { giveTo, type ServerSite } from './server-site.ts'

/** Server settings by their Postgres names. */
export type ServerSettings = Readonly<Record<string, string>>

/** For a small server on a shared machine. Durability stays at Postgres' defaults: every commit is on disk. */
const ourSettings: ServerSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
}

const maxLogSizeBytes = 5 * 1024 * 1024

/** Of a data folder that is being made, beside the name that it gets in the end. */
const unfinishedPattern = /^cluster\.[0-9a-f]{8}$/

/** Makes the data folder once. It gets its name when it is complete, so that a cut-off start leaves nothing half. */
export const createCluster = async (site: ServerSite, { initdb }: PostgresBinaries): Promise<void> => {
  if (await isPresent(site.cluster)) return
  const unfinished = `${site.cluster}.${randomBytes(4).toString('hex')}`
  const login = ['--username=clipline', `--pwfile=${join(site.home, 'password')}`, '--auth=scram-sha-256']
  const format = ['--locale=C', '--encoding=UTF8', '--no-instructions']
  try {
    const flags = [`--pgdata=${unfinished}`, ...login, ...format]
    await promisify(execFile)(initdb, flags, { ...site.account, cwd: site.home })
    await rename(unfinished, site.cluster)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    if (await isPresent(site.cluster)) return
    throw new EmbeddedPostgresFailure(
      `The embedded database could not be created in ${site.home}: ${reasonOf(cause)}`,
      { cause },
    )
  }
}

/** The first thing that went wrong, without the server's time stamps and what it did about it. */
const reasonOf = (error: unknown): string => {
  const { message, stderr = '' } = error as Error & { readonly stderr?: string }
  return /\b(?:error|FATAL|PANIC): +(.+)/.exec(stderr)?.[1] ?? message
}

/**
 * Removes what starts that were killed have left of data folders. Call it when the data folder is there: no unfinished
 * one can take its place any more, so that a start that is still at it, and loses its own here, takes the finished one.
 */
export const removeUnfinishedClusters = async (site: ServerSite, log?: StoreLog): Promise<void> => {
  const unfinished = (await readdir(site.home)).filter((name) => unfinishedPattern.test(name))
  for (const name of unfinished) {
    const folder = join(site.home, name)
    try {
      // Whoever is still writing to it may put a file there while it is being emptied.
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    } catch (error) {
      log?.warn({ err: error, folder }, 'what a start left behind could not be removed')
    }
  }
}

/**
 * Starts the server process, in a session of its own so that Ctrl-C reaches us and not it. Whether it came up is seen
 * in its lock file.
 */
export const launchServer = async (
  site: ServerSite,
  { postgres }: PostgresBinaries,
  settings: ServerSettings = {},
): Promise<ChildProcess> => {
  await removeStaleLockFile(site.cluster)
  const port = await choosePort(site)
  const all = Object.entries({ ...ourSettings, ...settings, port })
  const flags = all.flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const logFile = await openLog(site)
  try {
    const server = spawn(postgres, ['-D', site.cluster, ...flags], {
      ...site.account,
      cwd: site.home,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    })
    await once(server, 'spawn')
    return server
  } finally {
    await logFile.close()
  }
}

/**
 * Stops the server: quickly but in good order, and if it cannot, at once (it then replays its log at the next start).
 * Rejects when nothing of that has ended it in three quarters of a minute.
 */
export const stopServer = async (site: ServerSite, { pgCtl }: PostgresBinaries): Promise<void> => {
  const stop = (mode: 'fast' | 'immediate', withinS: number) =>
    promisify(execFile)(pgCtl, ['stop', '-D', site.cluster, '-m', mode, '-w', '-t', String(withinS)], {
      ...site.account,
      cwd: site.home,
    })
  await stop('fast', 30).catch(() => stop('immediate', 15))
}

/** The last lines that the server wrote, for an error message. */
export const readLogTail = async (site: ServerSite): Promise<string> => {
  const text = await readFile(site.logFile, 'utf8').catch(() => '(no log)')
  return text.trimEnd().split('\n').slice(-15).join('\n')
}

const openLog = async (site: ServerSite) => {
  const size = await stat(site.logFile).catch(() => null)
  if (size && size.size > maxLogSizeBytes) await rename(site.logFile, `${site.logFile}.old`)
  const logFile = await open(site.logFile, 'a')
  await giveTo(site.account, site.logFile, 0o600)
  return logFile
}

/** The port is chosen once and kept; only when somebody else took it, a new one is chosen. */
const choosePort = async (site: ServerSite): Promise<string> => {
  const path = join(site.home, 'port')
  const kept = Number(await readFile(path, 'utf8').catch(() => '0'))
  const port = await bindOnce(kept).catch(() => bindOnce(0))
  if (port !== kept) {
    await writeFile(path, String(port))
    await giveTo(site.account, path, 0o600)
  }
  return String(port)
}

const bindOnce = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port))
    })
  })

const isPresent = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
