import { Worker } from 'node:worker_threads'
import type { Clock } from '../clock.ts'
import type { ByteSource } from './byte-source.ts'
import type { FromThread, MediaTaskName, MediaTaskResult, ToThread } from './media-tasks.ts'

/** The entry beside this file, as TypeScript in the sources and as JavaScript in the build. */
const entry = new URL(
  `./media-thread-entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
)

/** How a task ended: with its result, or the file made the thread run out of time or memory, or crash. */
export type TaskEnding<Name extends MediaTaskName> =
  | { readonly outcome: 'done'; readonly result: MediaTaskResult<Name> }
  | { readonly outcome: 'killed'; readonly cause: 'timeout' | 'crash' }

export interface MediaThread {
  /** Tasks wait for each other. Throws what the source throws, and when the thread cannot be started at all. */
  run<Name extends MediaTaskName>(task: Name, source: ByteSource): Promise<TaskEnding<Name>>
  /** Ends the thread; a task in it ends as crashed. */
  close(): Promise<void>
}

interface Settings {
  readonly clock: Clock
  /** For one task, from its own start. */
  readonly timeoutMs: number
  readonly memoryMb: number
}

/**
 * No environment: there is nothing to steal; no options of the process, which may be none for a thread. The output is kept apart and never read, as reading it would keep the
 * process alive; the thread itself mutes it. An error is followed by the exit, which is what is acted upon.
 */
const startWorker = (memoryMb: number): Worker =>
  new Worker(entry, {
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  }).on('error', () => undefined)

/** Resolves when the thread has loaded its code; rejects when it never will. */
const untilReady = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the media thread ended before it was ready')))
  })

/** Gives the thread the bytes that it asked for; without them when the source fails, which is then thrown. */
const answerRead = async (
  worker: Worker,
  source: ByteSource,
  { readId, start, end }: Extract<FromThread, { type: 'read' }>,
): Promise<void> => {
  const answer = (bytes: Uint8Array | null) =>
    worker.postMessage({ type: 'bytes', readId, bytes } satisfies ToThread)
  try {
    answer(await source.read(start, end))
  } catch (error) {
    answer(null)
    throw error
  }
}

/** One task, in a thread that is ready and has no other. */
const runTask = <Name extends MediaTaskName>(
  worker: Worker,
  task: Name,
  source: ByteSource,
  { clock, timeoutMs }: Settings,
): Promise<TaskEnding<Name>> =>
  new Promise((resolve, reject) => {
    let sourceFailure: { readonly error: unknown } | null = null
    const onMessage = (message: FromThread): void => {
      if (message.type === 'read')
        answerRead(worker, source, message).catch((error: unknown) => {
          sourceFailure ??= { error }
        })
      if (message.type === 'result')
        end(() => resolve({ outcome: 'done', result: message.result as MediaTaskResult<Name> }))
      if (message.type === 'failed')
        end(() => reject(sourceFailure === null ? message.error : sourceFailure.error))
    }
    const onExit = () => end(() => resolve({ outcome: 'killed', cause: 'crash' }))
    const onTimeout = () => end(() => resolve({ outcome: 'killed', cause: 'timeout' }))
    const cancelTimeout = clock.after(timeoutMs, onTimeout)
    const end = (settle: () => void): void => {
      cancelTimeout()
      worker.off('message', onMessage).off('exit', onExit)
      settle()
    }
    worker.on('message', onMessage).on('exit', onExit)
    const { sizeBytes, head } = source
    worker.postMessage({ type: 'run', task, sizeBytes, head } satisfies ToThread)
  })

/**
 * A thread for parsing and decoding what strangers made (guarantees.md §4.3: in a killable child). It starts with its
 * first task, and anew after it was killed; while it is idle it keeps no process alive.
 */
export const openMediaThread = (settings: Settings): MediaThread => {
  let worker: Worker | null = null
  let isClosed = false
  let lastTask: Promise<unknown> = Promise.resolve()

  const readyWorker = async (): Promise<Worker> => {
    if (isClosed) throw new Error('the media thread is closed')
    if (worker !== null) return worker
    const started = startWorker(settings.memoryMb)
    worker = started
    started.once('exit', () => {
      if (worker === started) worker = null
    })
    await untilReady(started)
    return started
  }

  const runNow = async <Name extends MediaTaskName>(task: Name, source: ByteSource) => {
    const ready = await readyWorker()
    ready.ref()
    const ending = await runTask(ready, task, source, settings).finally(() => ready.unref())
    if (ending.outcome === 'killed') await ready.terminate()
    return ending
  }

  return {
    run: (task, source) => {
      const ending = lastTask.then(() => runNow(task, source))
      // The failure of a task is its caller's; the next one only waits for it.
      lastTask = ending.catch(() => undefined)
      return ending
    },
    close: async () => {
      isClosed = true
      await worker?.terminate()
    },
  }
}
