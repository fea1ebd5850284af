import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running server wrote about itself in its `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number
  readonly port: number
  readonly isReady: boolean
}

/** The live server of a data folder, or null. */
export const findPostmaster = async (cluster: string): Promise<Postmaster | null> => {
  const text = await readLockFile(cluster)
  const [pid, , , port, , , , status] = text?.split('\n') ?? []
  if (!(await isPostgres(Number(pid)))) return null
  return { pid: Number(pid), port: Number(port), isReady: status?.trim() === 'ready' }
}

/**
 * Lets the server of a data folder go on where somebody has stopped its processes (SIGSTOP), as it neither answers nor
 * ends until then. The others do not notice.
 */
export const wakePostmaster = async (cluster: string): Promise<void> => {
  const postmaster = await findPostmaster(cluster)
  if (postmaster === null || process.platform === 'win32') return
  const { pid } = postmaster
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  for (const each of [pid, ...children.trim().split(' ').map(Number)]) isReached(each, 'SIGCONT')
}

/**
 * Removes the `postmaster.pid` of a server that is gone, in the one case that Postgres does not clear up by itself:
 * when a process of another kind has its id now, as happens after the restart of a machine or a container.
 *
 * Even a wrong judgement would be harmless: Postgres also refuses a data folder whose shared memory is in use.
 */
export const removeStaleLockFile = async (cluster: string): Promise<void> => {
  const text = await readLockFile(cluster)
  const pid = Number(text?.split('\n')[0])
  if (!isRunning(pid) || (await isPostgres(pid))) return
  if ((await readLockFile(cluster)) === text) await rm(lockFileOf(cluster), { force: true })
}

const lockFileOf = (cluster: string): string => join(cluster, 'postmaster.pid')

const readLockFile = async (cluster: string): Promise<string | null> =>
  readFile(lockFileOf(cluster), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })

const isPostgres = async (pid: number): Promise<boolean> => {
  if (!isRunning(pid)) return false
  if (process.platform !== 'linux') return true
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? []
  return name?.startsWith('postgres') === true && state !== 'Z'
}

const isRunning = (pid: number): boolean => isReached(pid, 0)

/** Sends a signal; false when there is no such process. */
const isReached = (pid: number, signal: 0 | 'SIGCONT'): boolean => {
  if (!Number.isInteger(pid) || pid <= 1) return false
  try {
    return process.kill(pid, signal)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
