import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { cliplineEntry } from '../entry.ts'

/** A `clipline` command in a process of its own. It ends with us, whatever ends us: it watches the pipe between us. */
export interface ServiceProcess {
  readonly pid: number
  /** The JSON object that it printed when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  signal(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** The end of its log. */
  lastWords(): Promise<string>
}

export interface ServiceProcessOptions {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Where all that it says is kept. */
  readonly logFile: string
  /** For node itself. */
  readonly nodeArgs?: readonly string[]
}

/** However slow the machine is: one that takes longer hangs, and must not stand in the way of its successor. */
const readyMs = 60_000

/** Starts the command and waits until it is ready. Rejects when it ends before that; one that hangs is killed. */
export const startServiceProcess = async ({
  args,
  environment,
  logFile,
  nodeArgs = [],
}: ServiceProcessOptions): Promise<ServiceProcess> => {
  mkdirSync(dirname(logFile), { recursive: true })
  const child = spawn(process.execPath, [...nodeArgs, cliplineEntry(), ...args, '--json', '--with-parent'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
  })
  const ended = once(child, 'close').then(
    ([code, signal]) => (code as number | null) ?? (signal as NodeJS.Signals | null),
  )
  // A child that is killed breaks the pipe; that it has ended is told by `ended`.
  child.stdin.on('error', () => undefined)
  const log = createWriteStream(logFile, { flags: 'a' })
  child.stderr.pipe(log, { end: false })
  child.stdout.pipe(log, { end: false })
  child.once('close', () => log.end())
  const giveUp = setTimeout(() => child.kill('SIGKILL'), readyMs)
  const ready = await readReadyLine(child, ended, logFile).finally(() => clearTimeout(giveUp))
  return {
    pid: child.pid ?? 0,
    ready,
    ended,
    signal: (signal) => void child.kill(signal),
    lastWords: () => readEnd(logFile),
  }
}

const endChars = 2_000

const readEnd = async (logFile: string): Promise<string> => (await readFile(logFile, 'utf8')).slice(-endChars)

/** The first line that is JSON and no line of the log. */
const readReadyLine = (
  child: ChildProcess,
  ended: Promise<unknown>,
  logFile: string,
): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the process has no output'))
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => {
      if (!line.startsWith('{') || line.includes('"level":')) return
      resolve(JSON.parse(line) as Record<string, unknown>)
    })
    void ended.then(async (ending) => {
      const words = await readEnd(logFile)
      reject(new Error(`a process ended with ${String(ending)} before it was ready:\n${words}`))
    })
  })

/** Longer than a process of the drills may take to drain. */
const drainMs = 20_000

/** Tells a process to stop, and kills it when it does not. Resolves with how it ended. */
export const endInTime = (one: ServiceProcess): ServiceProcess['ended'] => {
  one.signal('SIGTERM')
  const giveUp = setTimeout(() => one.signal('SIGKILL'), drainMs)
  return one.ended.finally(() => clearTimeout(giveUp))
}
