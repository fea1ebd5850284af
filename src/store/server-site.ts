import { randomBytes } from 'node:crypto'
import { access, chmod, chown, link, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'
import type { StoreLog } from './log.ts'
import { canEnter, findServerAccount, type ServerAccount, sharedRoot } from './server-account.ts'

/** Where one embedded server lives, and as whom it runs. */
export interface ServerSite {
  /** Holds `cluster/` (the database's own folder), `password`, `port` and `server.log`. */
  readonly home: string
  readonly cluster: string
  readonly logFile: string
  /** Null: our own account. */
  readonly account: ServerAccount | null
  readonly password: string
}

/**
 * Prepares the folder of the server that belongs to `dataDir`: `<dataDir>/postgres`.
 *
 * When root runs Clipline in a folder that the server's account may not enter, the server lives in a folder of its own
 * under `/var/lib/clipline` instead, and `<dataDir>/postgres-home` names it: whoever deletes `dataDir` starts afresh.
 */
export const prepareServerSite = async (dataDir: string, log?: StoreLog): Promise<ServerSite> => {
  await makeFolder(resolve(dataDir))
  const home = await realpath((await findRecordedHome(dataDir)) ?? (await chooseHome(dataDir, log)))
  const cluster = join(home, 'cluster')
  const account = await findServerAccount(cluster)
  if (account) await assertReachable(account, home)
  return {
    home,
    cluster,
    logFile: join(home, 'server.log'),
    account,
    password: await keepPassword(home, account),
  }
}

/** Hands a file or folder over to the server's account, readable by nobody else. */
export const giveTo = async (account: ServerAccount | null, path: string, mode: number): Promise<void> => {
  await chmod(path, mode)
  if (account) await chown(path, account.uid, account.gid)
}

const findRecordedHome = async (dataDir: string): Promise<string | null> => {
  const recorded = (await readIfPresent(join(dataDir, 'postgres-home')))?.trim()
  if (recorded) await makeFolder(recorded)
  return recorded ?? null
}

const chooseHome = async (dataDir: string, log?: StoreLog): Promise<string> => {
  const home = resolve(dataDir, 'postgres')
  const account = await findServerAccount(join(home, 'cluster'))
  await makeHome(home, account)
  if (account) await letThrough(account, resolve(dataDir))
  if (!account || (await canEnter(account, home)) || (await isPresent(join(home, 'cluster')))) return home

  await rm(home, { recursive: true })
  const freshName = join(await sharedRoot(), `data-${randomBytes(4).toString('hex')}`)
  const elsewhere = await keepOnce(join(dataDir, 'postgres-home'), freshName)
  await makeHome(elsewhere, account)
  log?.warn(
    { dataDir, home: elsewhere },
    'the database lives outside the data folder, which its account cannot enter',
  )
  return elsewhere
}

/** When the data folder itself is all that keeps the account out, it may pass through it (and still not list it). */
const letThrough = async (account: ServerAccount, dataDir: string): Promise<void> => {
  if ((await canEnter(account, dataDir)) || !(await canEnter(account, dirname(dataDir)))) return
  const { mode } = await stat(dataDir)
  await chmod(dataDir, (mode & 0o7777) | 0o011)
}

const makeHome = async (home: string, account: ServerAccount | null): Promise<void> => {
  await makeFolder(home)
  await assertOurs(home)
  await giveTo(account, home, 0o700)
}

const assertOurs = async (home: string): Promise<void> => {
  const ourUid = process.getuid?.() ?? 0
  const { uid } = await stat(home)
  if (ourUid === 0 || ourUid === uid) return
  throw new EmbeddedPostgresFailure(
    `The database in ${home} belongs to user ${uid}, and this is user ${ourUid}. ` +
      'Start Clipline as that user, or give it another DATA_DIR.',
  )
}

const assertReachable = async (account: ServerAccount, home: string): Promise<void> => {
  if (await canEnter(account, home)) return
  throw new EmbeddedPostgresFailure(
    `The database in ${home} belongs to user ${account.uid}, who may not enter that folder. ` +
      'Start Clipline as that user, or give the folders above it the permission to be entered (chmod o+x).',
  )
}

/** The server's password: made once, kept in a file that only its account reads. */
const keepPassword = async (home: string, account: ServerAccount | null): Promise<string> => {
  const path = join(home, 'password')
  const password = await keepOnce(path, randomBytes(24).toString('base64url'))
  await giveTo(account, path, 0o600)
  return password
}

/** Creates a small file with its whole text at once, and returns the text that it holds: ours or an earlier one's. */
const keepOnce = async (path: string, text: string): Promise<string> => {
  const kept = await readIfPresent(path)
  if (kept !== null) return kept.trim()
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(unfinished, `${text}\n`, { mode: 0o600 })
  await link(unfinished, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(unfinished)
  return (await readFile(path, 'utf8')).trim()
}

const readIfPresent = async (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

const isPresent = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
