import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { cliplineEntry } from './entry.ts'
import { CommandFailed, exitCodes } from './exit.ts'

export interface SandboxChildOptions {
  readonly dataDir: string
  readonly token: string
  readonly timeFactor: number
  readonly renderer: 'full' | 'tiny' | 'fixture'
  readonly port?: number
  /** Of the token's account; a million where nothing is said. */
  readonly credits?: number
  /** How long it may take to stop before it is killed, as one that was frozen is; it loses nothing by that. */
  readonly stopTimeoutMs?: number
}

export interface SandboxChild {
  readonly url: string
  readonly pid: number
  /** Resolves when the process is gone, with what it said last, if it went by itself. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** The token comes by the environment: a command line can be read by everybody on the machine. */
export const sandboxTokenVariable = 'CLIPLINE_SANDBOX_TOKEN'

/** Starts the sandbox as a process of its own. It ends with us, whatever ends us: it watches the pipe between us. */
export const startSandboxChild = async (options: SandboxChildOptions): Promise<SandboxChild> => {
  const { stopTimeoutMs = 10_000 } = options
  const child = spawn(
    process.execPath,
    [
      cliplineEntry(),
      'sandbox',
      '--json',
      '--with-parent',
      `--data-dir=${options.dataDir}`,
      `--time-factor=${options.timeFactor}`,
      `--renderer=${options.renderer}`,
      ...(options.port === undefined ? [] : [`--port=${options.port}`]),
      ...(options.credits === undefined ? [] : [`--credits=${options.credits}`]),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A terminal's Ctrl-C is for us: the sandbox stops after the work that needs it.
      detached: true,
      env: { ...process.env, [sandboxTokenVariable]: options.token },
    },
  )
  const ended = watchEnd(child)
  const url = await Promise.race([
    readUrl(child),
    ended.then((words) => {
      throw new CommandFailed(exitCodes.failed, `the sandbox did not start: ${toMessage(words)}`)
    }),
  ])
  return {
    url,
    pid: child.pid ?? 0,
    ended,
    async stop() {
      child.stdin?.end()
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await ended
      clearTimeout(kill)
    },
  }
}

/** With `--json`, what a command ends with is an object; what was a surprise is a text. */
const toMessage = (words: string): string => {
  try {
    return (JSON.parse(words) as { readonly message: string }).message
  } catch (error) {
    if (error instanceof SyntaxError) return words
    throw error
  }
}

const watchEnd = async (child: ChildProcess): Promise<string> => {
  let words = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    words = (words + text).slice(-2_000)
  })
  await once(child, 'close')
  return words.trim()
}

/** Its first line says where it listens. */
const readUrl = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('the sandbox has no output')
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  child.stdout.resume()
  const { url } = JSON.parse(line) as { url: string }
  return url
}
