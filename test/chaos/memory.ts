import { readFile } from 'node:fs/promises'
import type { ProvingGround } from '../../src/cli/prove/proving-ground.ts'

const mostMegabytes = 512

/** Processes of the service that took more memory than they may. */
export const findFatProcesses = async ({ api, workers }: ProvingGround): Promise<readonly string[]> => {
  const processes = [['api', api.pid] as const, ...workers.members.map(({ pid }) => ['worker', pid] as const)]
  const found = await Promise.all(
    processes.map(async ([role, pid]) => {
      const megabytes = await readPeakMegabytes(pid)
      return megabytes > mostMegabytes ? [`the ${role} ${pid} took ${megabytes} MB`] : []
    }),
  )
  return found.flat()
}

/** The most that was resident at any time. */
const readPeakMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024)
}
