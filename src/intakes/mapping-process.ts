import { type ChildProcess, fork } from 'node:child_process'
import type { Clock } from '../clock.ts'
import type { MappingResult, MappingTask } from './mapping.ts'

/** The entry beside this file, as TypeScript in the sources and as JavaScript in the build. */
const entry = new URL(
  `./mapping-process-entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

export interface MappingProcess {
  /** One task at a time: the caller waits for the one before. Throws when no process can be started at all. */
  run(task: MappingTask): Promise<MappingResult>
  close(): Promise<void>
}

interface Settings {
  readonly clock: Clock
  /** For one task, from its own start. */
  readonly timeoutMs: number
  readonly memoryMb: number
}

/**
 * A process, not a thread: V8 aborts the whole process where one allocation goes far beyond a thread's limit, and
 * `[1..10000000]` is such an expression. No environment, no output, no code from strings.
 */
const startChild = (memoryMb: number): ChildProcess =>
  fork(entry, {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [
      `--max-old-space-size=${memoryMb}`,
      '--disallow-code-generation-from-strings',
      '--disable-proto=delete',
    ],
  }).on('error', () => undefined)

/** While it is idle it keeps no process of ours alive. */
const letGo = (child: ChildProcess): void => {
  child.unref()
  child.channel?.unref()
}

const untilReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('error', reject)
    child.once('exit', () => reject(new Error('the mapping process ended before it was ready')))
  })

const killed = {
  timeout: { outcome: 'failed', failure: { detail: 'takes too long', position: null } },
  crash: { outcome: 'failed', failure: { detail: 'takes too much memory', position: null } },
} as const satisfies Record<string, MappingResult>

type Ending = { readonly result: MappingResult; readonly isKilled: boolean }

const runTask = (child: ChildProcess, task: MappingTask, { clock, timeoutMs }: Settings): Promise<Ending> =>
  new Promise((resolve) => {
    const end = (ending: Ending): void => {
      cancelTimeout()
      child.off('message', onMessage).off('exit', onExit)
      resolve(ending)
    }
    const onMessage = (message: unknown): void => end({ result: message as MappingResult, isKilled: false })
    const onExit = (): void => end({ result: killed.crash, isKilled: true })
    const cancelTimeout = clock.after(timeoutMs, () => end({ result: killed.timeout, isKilled: true }))
    child.on('message', onMessage).on('exit', onExit)
    child.send(task)
  })

const kill = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.ref()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })

/**
 * A process for expressions that strangers wrote: one that loops or eats memory costs this process and nothing else.
 * It starts with its first task, and anew after it was killed.
 */
export const openMappingProcess = (settings: Settings): MappingProcess => {
  let child: ChildProcess | null = null
  let isClosed = false

  const readyChild = async (): Promise<ChildProcess> => {
    if (isClosed) throw new Error('the mapping process is closed')
    if (child !== null) return child
    const started = startChild(settings.memoryMb)
    child = started
    started.once('exit', () => {
      if (child === started) child = null
    })
    try {
      await untilReady(started)
    } catch (error) {
      child = null
      throw error
    }
    return started
  }

  return {
    async run(task) {
      const ready = await readyChild()
      ready.ref()
      ready.channel?.ref()
      const { result, isKilled } = await runTask(ready, task, settings).finally(() => letGo(ready))
      if (isKilled) await kill(ready)
      return result
    },
    async close() {
      isClosed = true
      if (child !== null) await kill(child)
    },
  }
}
