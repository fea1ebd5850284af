import { join } from 'node:path'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Movie } from './movies/movie-renderer.ts'
import type { Draft } from './render/draft.ts'
import type { VirtualClock } from './virtual-clock.ts'
import type { Change, World } from './world.ts'

export type RenderStatus = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled'

/** One export of a draft, under an id that its client chose. */
export interface Render {
  readonly id: string
  readonly serial: number
  readonly userId: string
  readonly sessionId: string
  readonly status: RenderStatus
  /** Null once it has ended. */
  readonly draft: Draft | null
  readonly output: Readonly<Record<string, unknown>>
  readonly submittedAtMs: number
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly movie: Movie | null
  readonly error: string | null
  readonly isDoomed: boolean
  /** Virtual milliseconds on top of the usual time. */
  readonly slowMs: number
}

const pendingMs = 2000
const processingMs = 28_000

/** Works off the renders: one at a time in each session, the others wait as pending. */
export interface Renders {
  submit(render: Render, ledger: readonly LedgerEntry[]): void
  /** Cancels a pending render; false when it has begun or ended. */
  cancel(render: Render, ledger: readonly LedgerEntry[]): boolean
  forget(render: Render): void
  /** 5 at submit, at most 95 before the end. */
  progress(render: Render): number
  nextSerial(): number
  /** Takes up every render that the journal knows as unfinished. */
  resume(): void
}

export interface RendersOptions {
  readonly world: World
  readonly clock: VirtualClock
  readonly renderDraft: (draft: Draft, output: Render['output'], file: string) => Promise<Movie>
}

export const createRenders = ({ world, clock, renderDraft }: RendersOptions): Renders => {
  const waiting = new Map<string, string[]>()
  const active = new Map<string, string>()
  let lastSerial = Math.max(0, ...[...world.list('renders')].map((render) => render.serial))

  const enqueue = (render: Render): void => {
    const queue = waiting.get(render.sessionId)
    if (queue === undefined) waiting.set(render.sessionId, [render.id])
    else queue.push(render.id)
    startNext(render.sessionId)
  }

  const startNext = (sessionId: string): void => {
    if (active.has(sessionId)) return
    const id = waiting.get(sessionId)?.shift()
    if (id === undefined) {
      waiting.delete(sessionId)
      return
    }
    active.set(sessionId, id)
    const submittedAtMs = world.find('renders', id)?.submittedAtMs ?? 0
    clock.at(submittedAtMs + clock.realMs(pendingMs), () => begin(id, sessionId))
  }

  const begin = (id: string, sessionId: string): void => {
    const render = world.find('renders', id)
    if (render?.status !== 'pending') {
      release(sessionId)
      return
    }
    const started: Render = { ...render, status: 'processing', startedAtMs: clock.nowMs() }
    world.commit({ changes: [['renders', id, started]] })
    carryOut(started)
  }

  const release = (sessionId: string): void => {
    active.delete(sessionId)
    startNext(sessionId)
  }

  /** Ends when the work is done and its virtual time is over, whichever comes later. */
  const carryOut = (render: Render): void => {
    const dueAtMs = (render.startedAtMs ?? 0) + clock.realMs(processingMs + render.slowMs)
    const work: Promise<RenderEnding> = render.isDoomed
      ? Promise.resolve({ movie: null, error: 'the render function ran out of memory' })
      : renderDraft(render.draft ?? {}, render.output, fileFor(render)).then(
          (movie) => ({ movie, error: null }),
          (error: unknown) => ({
            movie: null,
            error: error instanceof Error ? error.message : String(error),
          }),
        )
    void work.then((ending) => clock.at(dueAtMs, () => finish(render.id, render.sessionId, ending)))
  }

  const finish = (id: string, sessionId: string, ending: RenderEnding): void => {
    const render = world.find('renders', id)
    if (render?.status === 'processing') world.commit(endOf(render, ending, clock.nowMs()))
    release(sessionId)
  }

  return {
    submit: (render, ledger) => {
      world.commit({ changes: [['renders', render.id, render]], ledger })
      enqueue(render)
    },
    cancel: (render, ledger) => {
      if (render.status !== 'pending') return false
      const cancelled: Render = { ...render, status: 'cancelled', draft: null, endedAtMs: clock.nowMs() }
      world.commit({ changes: [['renders', render.id, cancelled]], ledger })
      return true
    },
    forget: (render) => world.commit({ changes: [['renders', render.id, null]] }),
    progress: (render) => {
      if (render.status === 'completed') return 100
      if (render.startedAtMs === null) return 5
      const wholeMs = clock.realMs(processingMs + render.slowMs)
      const share = wholeMs === 0 ? 1 : (clock.nowMs() - render.startedAtMs) / wholeMs
      return 5 + Math.floor(90 * Math.min(1, Math.max(0, share)))
    },
    nextSerial: () => {
      lastSerial += 1
      return lastSerial
    },
    resume: () => {
      const unfinished = [...world.list('renders')].filter(({ endedAtMs }) => endedAtMs === null)
      for (const render of unfinished.filter(({ status }) => status === 'processing')) {
        active.set(render.sessionId, render.id)
        carryOut(render)
      }
      for (const render of unfinished.filter(({ status }) => status === 'pending')) enqueue(render)
    },
  }
}

interface RenderEnding {
  readonly movie: Movie | null
  readonly error: string | null
}

/** The client's id may hold anything, so the file is not named after it. */
const fileFor = ({ serial }: Render): string => join('renders', `${serial}.mp4`)

const endOf = (render: Render, { movie, error }: RenderEnding, nowMs: number) => {
  const status = movie === null ? 'failed' : 'completed'
  const ended: Render = { ...render, status, movie, error, draft: null, endedAtMs: nowMs }
  const changes: readonly Change[] = [['renders', render.id, ended]]
  const row: LedgerEntry = {
    kind: 'render_end',
    user_id: render.userId,
    session_id: render.sessionId,
    render_id: render.id,
    status,
    ...(movie !== null && { sha256: movie.sha256, size_bytes: movie.sizeBytes }),
    ...(error !== null && { reason: error }),
  }
  return { changes, ledger: [row] }
}
