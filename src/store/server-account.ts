import { spawn } from 'node:child_process'
import { chmod, mkdir, readFile, stat } from 'node:fs/promises'
import { EmbeddedPostgresFailure } from './embedded-failure.ts'

/** The operating system's account that a server process runs under. */
export interface ServerAccount {
  readonly uid: number
  readonly gid: number
}

/** Accounts that a server started by root may run under, best first. */
const unprivilegedNames = ['postgres', 'nobody']

/**
 * The account for an embedded server whose data folder is `clusterDir`, or null to run under our own.
 *
 * Only root needs another one, because Postgres refuses to run as root: the owner of an existing data folder, else
 * `postgres`, else `nobody`. Throws when root finds none of them.
 */
export const findServerAccount = async (clusterDir: string): Promise<ServerAccount | null> => {
  if (process.getuid?.() !== 0) return null
  const owner = await stat(clusterDir).catch(() => null)
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }

  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const name of unprivilegedNames) {
    const [, , uid, gid] =
      passwd
        .split('\n')
        .find((line) => line.startsWith(`${name}:`))
        ?.split(':') ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new EmbeddedPostgresFailure(
    'Postgres does not run as root, and there is neither a user "postgres" nor "nobody" to run it as. ' +
      'Start Clipline as an ordinary user, or set DATABASE_URL to a server of your own.',
  )
}

/** Whether the account may enter the folder, that is, whether every folder above it lets it through. */
export const canEnter = async (account: ServerAccount, directory: string): Promise<boolean> => {
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const shell = spawn('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], {
      ...account,
      cwd: '/',
      stdio: 'ignore',
    })
    shell.once('error', reject)
    shell.once('exit', resolve)
  })
  return exitCode === 0
}

/**
 * A folder of root's that every account may enter, for what must not lie below an unreadable folder such as `/root`.
 * It survives a restart of the machine, as a folder for temporary files would not.
 */
export const sharedRoot = async (): Promise<string> => {
  const directory = '/var/lib/clipline'
  await mkdir(directory, { recursive: true })
  await chmod(directory, 0o755)
  return directory
}
