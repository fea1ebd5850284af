import { join } from 'node:path'
import type { LedgerEntry } from './ledger-entry.ts'
import type { Movie } from './movies/movie-renderer.ts'
import type { Draft } from './render/draft.ts'
import { createRenderQueue } from './render-queue.ts'
import type { VirtualClock } from './virtual-clock.ts'
import { type Change, highestSerial, type World } from './world.ts'

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

interface RendersOptions {
  readonly world: World
  readonly clock: VirtualClock
  readonly renderDraft: (draft: Draft, output: Render['output'], file: string) => Promise<Movie>
}

export const createRenders = ({ world, clock, renderDraft }: RendersOptions): Renders => {
  let lastSerial = highestSerial(world.list('renders'))

  const begin = (id: string, sessionId: string): void => {
    const submittedAtMs = world.find('renders', id)?.submittedAtMs ?? 0
    clock.at(submittedAtMs + clock.realMs(pendingMs), () => {
      const render = world.find('renders', id)
      if (render?.status !== 'pending') return queue.release(sessionId)
      const started: Render = { ...render, status: 'processing', startedAtMs: clock.nowMs() }
      world.commit({ changes: [['renders', id, started]] })
      return carryOut(started)
    })
  }
  const queue = createRenderQueue(begin)

  /** Ends when the work is done and its virtual time is over, whichever comes later. */
  const carryOut = (render: Render): void => {
    const dueAtMs = (render.startedAtMs ?? 0) + clock.realMs(processingMs + render.slowMs)
    const work = render.isDoomed
      ? doom
      : settle(renderDraft(render.draft ?? {}, render.output, fileFor(render)))
    void work.then((ending) => clock.at(dueAtMs, () => finish(render, ending)))
  }

  /** A render that was forgotten meanwhile has no end. */
  const finish = ({ id, serial, sessionId }: Render, ending: RenderEnding): void => {
    const render = world.find('renders', id)
    if (render?.serial === serial) world.commit(endOf(render, ending, clock.nowMs()))
    queue.release(sessionId)
  }

  return {
    submit: (render, ledger) => {
      world.commit({ changes: [['renders', render.id, render]], ledger })
      queue.add(render.sessionId, render.id)
    },
    cancel: (render, ledger) => {
      if (render.status !== 'pending') return false
      const cancelled: Render = { ...render, status: 'cancelled', draft: null, endedAtMs: clock.nowMs() }
      world.commit({ changes: [['renders', render.id, cancelled]], ledger })
      return true
    },
    forget: (render) => world.commit({ changes: [['renders', render.id, null]] }),
    progress: (render) => progressOf(render, clock),
    nextSerial: () => {
      lastSerial += 1
      return lastSerial
    },
    resume: () => {
      const unfinished = [...world.list('renders')].filter(({ endedAtMs }) => endedAtMs === null)
      for (const render of unfinished.filter(({ status }) => status === 'processing')) {
        queue.occupy(render.sessionId)
        carryOut(render)
      }
      for (const render of unfinished.filter(({ status }) => status === 'pending')) {
        queue.add(render.sessionId, render.id)
      }
    },
  }
}

interface RenderEnding {
  readonly movie: Movie | null
  readonly error: string | null
}

const doom = Promise.resolve<RenderEnding>({ movie: null, error: 'the render function ran out of memory' })

const settle = (work: Promise<Movie>): Promise<RenderEnding> =>
  work.then(
    (movie) => ({ movie, error: null }),
    (error: unknown) => ({ movie: null, error: error instanceof Error ? error.message : String(error) }),
  )

const progressOf = (render: Render, clock: VirtualClock): number => {
  if (render.status === 'completed') return 100
  if (render.startedAtMs === null) return 5
  const wholeMs = clock.realMs(processingMs + render.slowMs)
  const share = wholeMs === 0 ? 1 : (clock.nowMs() - render.startedAtMs) / wholeMs
  return 5 + Math.floor(90 * Math.min(1, Math.max(0, share)))
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
