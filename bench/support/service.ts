import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A role of the product, run as it is deployed: `clipline api` or `clipline worker`. */
export interface ServiceProcess {
  readonly pid: number
  /** What it said when it was ready. */
  readonly announced: Readonly<Record<string, unknown>>
  /** Where its output goes. */
  readonly logFile: string
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const startTimeoutMs = 60_000

export interface ServiceOptions {
  readonly role: 'api' | 'worker'
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** For the JavaScript engine, such as `--cpu-prof`. */
  readonly nodeFlags: readonly string[]
}

export const startService = async ({
  role,
  folder,
  env,
  nodeFlags,
}: ServiceOptions): Promise<ServiceProcess> => {
  const logFile = join(folder, `${role}.log`)
  const log = await open(logFile, 'w')
  const child = spawn(process.execPath, [...nodeFlags, main, role, '--json'], {
    env: { ...bareEnvironment(), ...env },
    stdio: ['ignore', log.fd, log.fd],
  })
  await log.close()
  const ended = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  }
  try {
    return {
      pid: child.pid ?? 0,
      announced: await readAnnouncement(logFile, () => child.exitCode),
      logFile,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Settings of whoever runs the benchmark must not leak into what is measured. */
const bareEnvironment = () => ({ PATH: process.env['PATH'], HOME: process.env['HOME'] })

/** The first line that is no log line. */
const readAnnouncement = async (logFile: string, exitCode: () => number | null) => {
  const deadlineMs = Date.now() + startTimeoutMs
  while (Date.now() < deadlineMs) {
    const text = await readFile(logFile, 'utf8')
    const line = text.split('\n').find((each) => /^\{"(ready|url)":/.test(each))
    if (line !== undefined) return JSON.parse(line) as Record<string, unknown>
    if (exitCode() !== null) throw new Error(`it ended before it was ready:\n${text.slice(-2_000)}`)
    await pause(20)
  }
  throw new Error(`it was not ready within ${startTimeoutMs / 1_000} s; see ${logFile}`)
}
