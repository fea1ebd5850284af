import type { ChildProcess } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, systemClock } from '../clock.ts'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'
import type { StoreLog } from './log.ts'
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts'
import { findPostmaster, type Postmaster, wakePostmaster } from './postmaster.ts'
import { holdServer, type ServerHold } from './server-hold.ts'
import {
  createCluster,
  launchServer,
  readLogTail,
  removeUnfinishedClusters,
  type ServerSettings,
  stopServer,
} from './server-launch.ts'
import { prepareServerSite, type ServerSite } from './server-site.ts'

export interface EmbeddedPostgresOptions {
  /** The service's data folder; the server gets `postgres/` in it. */
  readonly dataDir: string
  readonly clock?: Clock
  readonly log?: StoreLog
  /** Beside ours, or instead of them. */
  readonly settings?: ServerSettings
}

export interface EmbeddedPostgres {
  /** Connects to the database `clipline` as its owner. */
  readonly url: string
  /**
   * Stops the server, unless another process still uses it. Does nothing the second time. Rejects when it does not stop in
   * a minute; the next start then takes it as it is.
   */
  stop(): Promise<void>
}

/** How long a start may take; replaying a long log after a crash is part of it. */
const startTimeoutMs = 120_000
/** A start that fails is tried again: the port may just have been taken, or a killed server not be quite gone. */
const maxLaunches = 4
const pollMs = 20

/**
 * Starts the Postgres server that came from npm, or adopts the one that already runs on this data folder.
 *
 * The server outlives a killed parent and is adopted at the next start. Several processes may share it: the last one
 * to stop stops the server. Throws with the end of the server's log when it does not come up (architecture.md §8).
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const site = await prepareServerSite(options.dataDir, options.log)
  const binaries = await findPostgresBinaries(site.account)
  await createCluster(site, binaries)
  await removeUnfinishedClusters(site, options.log)
  await wakePostmaster(site.cluster)

  const { url, hold } = await adoptOrLaunch(site, binaries, options)
  let stopping: Promise<void> | null = null
  return {
    url,
    stop() {
      stopping ??= release(site, binaries, hold)
      return stopping
    },
  }
}

const adoptOrLaunch = async (
  site: ServerSite,
  binaries: PostgresBinaries,
  options: EmbeddedPostgresOptions,
) => {
  const { clock = systemClock, log, settings } = options
  const deadlineMs = clock.monotonicMs() + startTimeoutMs
  let server: ChildProcess | null = null
  for (let launches = 0; clock.monotonicMs() < deadlineMs; await pause(pollMs)) {
    const postmaster = await findPostmaster(site.cluster)
    if (postmaster?.isReady) {
      const url = urlOf(site, postmaster)
      const hold = await holdServer(url, log)
      if (!hold) continue
      server?.unref()
      log?.info({ pid: postmaster.pid, port: postmaster.port, home: site.home }, 'embedded Postgres is ready')
      return { url, hold }
    }
    if (postmaster || (server && !hasEnded(server))) continue
    if (launches === maxLaunches) throw await startError(site, 'ends right after its start')
    await pause(launches * 250)
    launches += 1
    server = await launchServer(site, binaries, settings)
  }
  const pid = (await findPostmaster(site.cluster))?.pid
  const state = pid === undefined ? 'is not ready' : `is there (process ${pid}), and not ready`
  throw await startError(site, `${state} after ${startTimeoutMs / 1000} s`)
}

const urlOf = (site: ServerSite, { port }: Postmaster): string =>
  `postgres://clipline:${site.password}@127.0.0.1:${port}/clipline`

const hasEnded = (server: ChildProcess): boolean => server.exitCode !== null || server.signalCode !== null

/** A new claim in place of one that was lost with its connection; null when the server is gone too. */
const findHold = async (site: ServerSite): Promise<ServerHold | null> => {
  const postmaster = await findPostmaster(site.cluster)
  return postmaster?.isReady ? holdServer(urlOf(site, postmaster)) : null
}

const startError = async (site: ServerSite, what: string): Promise<Error> =>
  new EmbeddedPostgresFailure(
    `The embedded Postgres in ${site.home} ${what}. The end of its log:\n${await readLogTail(site)}`,
  )

const release = async (site: ServerSite, binaries: PostgresBinaries, first: ServerHold): Promise<void> => {
  await wakePostmaster(site.cluster)
  const hold = first.isLost() ? await findHold(site) : first
  if (!hold) return
  try {
    if (await hold.releaseAsLast()) await stopServer(site, binaries)
  } catch (cause) {
    const postmaster = await findPostmaster(site.cluster)
    if (postmaster !== null) throw stopError(site, postmaster, cause)
  } finally {
    await hold.end()
  }
}

const stopError = ({ home }: ServerSite, { pid }: Postmaster, cause: unknown): Error =>
  new EmbeddedPostgresFailure(
    `The embedded Postgres in ${home} (process ${pid}) does not stop, and is left as it is: the next start takes it over. ` +
      'Nothing that was committed is lost.',
    { cause },
  )
