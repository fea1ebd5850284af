import { type ChildProcess, fork } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { RenderedFile } from './render-draft.ts'
import type { PooledRender, RenderOrder, RenderReply } from './render-messages.ts'

export type { PooledRender } from './render-messages.ts'

export interface RenderWatch {
  readonly onProgress?: (fraction: number) => void
  /** Aborting rejects the render with the signal's reason and leaves no file. */
  readonly signal?: AbortSignal
}

export interface RenderPool {
  /** Renders in a child process; waits while `concurrency` renders are under way. */
  render(request: PooledRender, watch?: RenderWatch): Promise<RenderedFile>
  /** Rejects what is under way or waiting, ends the child processes and removes their unfinished files. */
  close(): Promise<void>
}

interface Ticket {
  readonly id: number
  readonly request: PooledRender
  readonly watch: RenderWatch
  resolve(file: RenderedFile): void
  reject(reason: unknown): void
}

interface Worker {
  readonly child: ChildProcess
  ticket: Ticket | null
}

/**
 * Renders in child processes rather than threads: a crash in the native decoders, which read uploaded media, ends one
 * render and not the server. A process is kept for the next render; one that dies is replaced.
 */
export function createRenderPool(options: { readonly concurrency: number }): RenderPool {
  const workers = new Set<Worker>()
  const waiting: Ticket[] = []
  let nextId = 1
  let isClosed = false

  const dispatch = () => {
    while (waiting.length > 0) {
      const worker = findIdle(workers) ?? (workers.size < options.concurrency ? hire() : null)
      const ticket = worker && waiting.shift()
      if (!worker || !ticket) return
      start(worker, ticket)
    }
  }
  const hire = (): Worker => {
    const worker = hireWorker({
      onFree: dispatch,
      onLost: () => {
        workers.delete(worker)
        dispatch()
      },
    })
    workers.add(worker)
    return worker
  }
  const cancel = (id: number, reason: unknown) => {
    const place = waiting.findIndex((ticket) => ticket.id === id)
    if (place >= 0) waiting.splice(place, 1)[0]?.reject(reason)
    for (const worker of workers) if (worker.ticket?.id === id) send(worker.child, { kind: 'cancel', id })
  }
  return {
    async render(request, watch = {}) {
      watch.signal?.throwIfAborted()
      if (isClosed) throw closedError()
      const id = nextId++
      const onAbort = () => cancel(id, watch.signal?.reason)
      watch.signal?.addEventListener('abort', onAbort, { once: true })
      return new Promise<RenderedFile>((resolve, reject) => {
        waiting.push({ id, request, watch, resolve, reject })
        dispatch()
      }).finally(() => watch.signal?.removeEventListener('abort', onAbort))
    },
    async close() {
      isClosed = true
      for (const ticket of waiting.splice(0)) ticket.reject(closedError())
      await Promise.all([...workers].map(dismiss))
    },
  }
}

/** Starts a render process; `onLost` is called once, when it has ended or could not be started. */
function hireWorker(events: { readonly onFree: () => void; readonly onLost: () => void }): Worker {
  const worker: Worker = { child: forkRenderProcess(), ticket: null }
  let isLost = false
  const lose = (how: string) => {
    if (isLost) return
    isLost = true
    worker.ticket?.reject(new Error(`The render process ended early (${how})`))
    events.onLost()
  }
  worker.child.on('message', (reply: RenderReply) => {
    if (receive(worker, reply) === 'idle') events.onFree()
  })
  worker.child.on('exit', (code, signal) => lose(signal ?? `exit code ${code}`))
  worker.child.on('error', (error) => lose(error.message))
  return worker
}

/** Passes a reply on to whoever asked. Says whether the worker is free again. */
function receive(worker: Worker, reply: RenderReply): 'busy' | 'idle' {
  const { ticket } = worker
  if (reply.id !== ticket?.id) return 'busy'
  const { watch } = ticket
  if (reply.kind === 'progress') {
    watch.onProgress?.(reply.fraction)
    return 'busy'
  }
  worker.ticket = null
  letParentEnd(worker.child)
  if (reply.kind === 'done') ticket.resolve(reply.file)
  else ticket.reject(watch.signal?.aborted ? watch.signal.reason : new Error(reply.message))
  return 'idle'
}

const closedError = () => new Error('The render pool is closed')

function findIdle(workers: ReadonlySet<Worker>): Worker | null {
  for (const worker of workers) if (worker.ticket === null) return worker
  return null
}

function start(worker: Worker, ticket: Ticket): void {
  worker.ticket = ticket
  keepParentAlive(worker.child)
  send(worker.child, { kind: 'render', id: ticket.id, request: ticket.request })
}

function send(child: ChildProcess, order: RenderOrder): void {
  // A process that is gone is noticed by its exit, not here.
  if (child.connected) child.send(order, () => undefined)
}

async function dismiss(worker: Worker): Promise<void> {
  const { ticket } = worker
  worker.ticket = null
  ticket?.reject(closedError())
  if (worker.child.exitCode === null && worker.child.signalCode === null) {
    const gone = new Promise<void>((resolve) => worker.child.once('exit', () => resolve()))
    worker.child.ref()
    worker.child.kill('SIGKILL')
    await gone
  }
  if (ticket) await rm(`${ticket.request.outFile}.part`, { force: true })
}

function keepParentAlive(child: ChildProcess): void {
  child.ref()
  child.channel?.ref()
}

/** An idle render process must not keep its parent from ending. */
function letParentEnd(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
}

/** Environment that the drawing and media libraries may need; the rest, secrets among it, stays with the parent. */
const passedOn = [
  'PATH',
  'HOME',
  'LANG',
  'TMPDIR',
  'TEMP',
  'SYSTEMROOT',
  'LD_LIBRARY_PATH',
  'DYLD_LIBRARY_PATH',
]

/** The same file runs from `src` by type stripping and compiled from `dist`. */
function forkRenderProcess(): ChildProcess {
  const isTypeScript = import.meta.url.endsWith('.ts')
  const path = fileURLToPath(
    new URL(isTypeScript ? './render-process.ts' : './render-process.js', import.meta.url),
  )
  const entries = passedOn.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  )
  return fork(path, {
    execArgv: isTypeScript ? ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'] : [],
    env: Object.fromEntries(entries) as NodeJS.ProcessEnv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
