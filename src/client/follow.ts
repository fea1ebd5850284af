/** An event stream over as many connections as it takes: without a gap, and nothing twice. */
import type { EventSourceMessage } from 'eventsource-parser'
import { CliplineError } from './error.ts'
import { readServerSent } from './server-sent.ts'
import { backoffMs, monotonicMs, pause } from './time.ts'

export interface FollowOptions {
  readonly signal?: AbortSignal
  /** How long the service may be away before that is thrown; five minutes when left out. */
  readonly patienceMs?: number
}

export interface FollowedStream<Event> extends FollowOptions {
  /** Opens the stream behind what was read so far. */
  open(): Promise<Response>
  /** What a message says; null for what is passed over. Remembers where the stream is. */
  read(message: EventSourceMessage): Event | null
  /** Whether nothing can follow what was read so far. */
  isOver(): boolean
}

const defaultPatienceMs = 5 * 60_000

/** Rejects when the first connection is refused, or the service is away for longer than `patienceMs`. */
export async function* followStream<Event>(
  stream: FollowedStream<Event>,
): AsyncGenerator<Event, void, undefined> {
  const { signal, patienceMs = defaultPatienceMs } = stream
  let isFirst = true
  let emptyConnections = 0
  let aliveAtMs = monotonicMs()
  while (!stream.isOver()) {
    signal?.throwIfAborted()
    if (emptyConnections > 0) await pause(backoffMs(emptyConnections), signal)
    emptyConnections += 1
    const response = await stream.open().catch((error: unknown) => {
      const isPassing = error instanceof CliplineError && error.retryable && !isFirst
      if (!isPassing || monotonicMs() - aliveAtMs > patienceMs) throw error
      return null
    })
    if (response === null) continue
    isFirst = false
    aliveAtMs = monotonicMs()
    for await (const message of readServerSent(response, { signal })) {
      emptyConnections = 0
      const event = stream.read(message)
      if (event !== null) yield event
    }
    aliveAtMs = monotonicMs()
  }
}
