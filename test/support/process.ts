import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { watchAnswers } from './watched-fetch.ts'

const entry = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A `clipline` command running as a process of its own. */
export interface CliplineProcess {
  readonly pid: number
  /** The JSON object of its first line: it is ready. */
  readonly ready: Readonly<Record<string, unknown>>
  /** What it wrote to stderr and, after the first line, to stdout. */
  output(): string
  signal(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

export const startClipline = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  /** For node itself. */
  nodeArgs: readonly string[] = [],
): Promise<CliplineProcess> => {
  const child = spawn(process.execPath, [...nodeArgs, entry, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...environment },
  })
  const output: string[] = []
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  let endWatch = async (): Promise<void> => undefined
  const ended = once(child, 'exit').then(async ([code, signal]) => {
    await endWatch()
    return (code as number | null) ?? (signal as NodeJS.Signals | null)
  })
  const ready = await firstJsonLine(child, output, ended)
  // What the sandbox answers is described elsewhere.
  if (args[0] !== 'sandbox' && typeof ready['url'] === 'string') endWatch = watchAnswers(ready['url'])
  return {
    pid: child.pid ?? 0,
    ready,
    output: () => output.join(''),
    signal: (signal) => void child.kill(signal),
    ended,
  }
}

const firstJsonLine = (
  child: ChildProcess,
  output: string[],
  ended: Promise<unknown>,
): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) return reject(new Error('the process has no output'))
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(`${line}\n`)
      // Log lines come first where the log goes to the same place.
      if (line.startsWith('{') && !line.includes('"level":'))
        resolve(JSON.parse(line) as Record<string, unknown>)
    })
    void ended.then(() => reject(new Error(`the process ended before it was ready:\n${output.join('')}`)))
  })

export const findFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
