/** Server-sent events by `fetch`, because an `EventSource` sends no headers; taken up again where it broke off. */
import type { Api } from './api.ts'
import { isAborted, ProblemError } from './problem.ts'
import type { JobEvent } from './shapes.ts'

export interface Following {
  readonly path: string
  readonly signal: AbortSignal
  onEvent(event: JobEvent): void
  /** Whether it runs: while it does not, what is shown may be old. */
  onLive?(isLive: boolean): void
  /** True when nothing more can come. */
  isOver?(): boolean
}

const pauseMs = 2_000
const longPauseMs = 30_000

/** Follows until the signal, the end, or a refusal that will not change. Never rejects. */
export const follow = async (api: Api, following: Following): Promise<void> => {
  const { signal } = following
  let lastId: string | null = null
  const keep = (id: string): void => {
    lastId = id
  }
  while (!signal.aborted) {
    let waitMs = pauseMs
    try {
      await readOnce(api, following, lastId, keep)
    } catch (error) {
      if (isAborted(error)) return
      if (error instanceof ProblemError && !error.problem.retryable) return
      waitMs = error instanceof ProblemError ? longPauseMs : pauseMs
    } finally {
      following.onLive?.(false)
    }
    if (following.isOver?.() === true) return
    await pause(waitMs, signal)
  }
}

const readOnce = async (
  api: Api,
  following: Following,
  lastId: string | null,
  keep: (id: string) => void,
): Promise<void> => {
  const response = await api.open(following.path, {
    headers: { accept: 'text/event-stream', ...(lastId !== null && { 'last-event-id': lastId }) },
    signal: following.signal,
  })
  following.onLive?.(true)
  if (response.body === null) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const frames = (text + value).split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) {
      const { id, event, data } = readFrame(frame)
      if (id !== '') keep(id)
      if (data !== '' && event !== 'gap') following.onEvent(JSON.parse(data) as JobEvent)
    }
  }
}

const readFrame = (frame: string): { id: string; event: string; data: string } => {
  const fields = { id: '', event: '', data: '' }
  for (const line of frame.split('\n')) {
    const colon = line.indexOf(': ')
    const name = line.slice(0, colon)
    if (name === 'id' || name === 'event' || name === 'data') fields[name] = line.slice(colon + 2)
  }
  return fields
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
