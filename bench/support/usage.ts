/** What processes cost, read from /proc. */
import { readdir, readFile } from 'node:fs/promises'

const ticksPerSecond = 100

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** Own CPU time, and that of children which have ended. */
  readonly ownMs: number
  readonly endedChildrenMs: number
}

const readStat = async (pid: number): Promise<ProcessStat | null> => {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null)
  if (text === null) return null
  // The name may hold blanks and parentheses; what follows its last one is counted from field 3 on.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (field: number) => Number(fields[field - 3])
  return {
    pid,
    parent: ticks(4),
    ownMs: ((ticks(14) + ticks(15)) * 1_000) / ticksPerSecond,
    endedChildrenMs: ((ticks(16) + ticks(17)) * 1_000) / ticksPerSecond,
  }
}

const readAllStats = async (): Promise<ProcessStat[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const stats = await Promise.all(pids.map(readStat))
  return stats.filter((stat) => stat !== null)
}

/** CPU time of a process and everything below it so far, in milliseconds. Ended children of a live parent count. */
export const readCpuMs = async (pid: number): Promise<number> => {
  const stats = await readAllStats()
  const sumBelow = (parent: number): number =>
    stats
      .filter((stat) => stat.parent === parent)
      .reduce((sum, stat) => sum + stat.ownMs + stat.endedChildrenMs + sumBelow(stat.pid), 0)
  const own = stats.find((stat) => stat.pid === pid)
  return own === undefined ? 0 : own.ownMs + own.endedChildrenMs + sumBelow(pid)
}

export const readParent = async (pid: number): Promise<number> => (await readStat(pid))?.parent ?? 0

/** Resident memory in bytes. */
export const readResidentBytes = async (pid: number): Promise<number> => {
  const text = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
}

/** The load average of the last minute: what else the machine was doing. */
export const readLoad = async (): Promise<number> =>
  Number((await readFile('/proc/loadavg', 'latin1')).split(' ')[0])
