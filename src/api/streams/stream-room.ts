import type { FastifyReply } from 'fastify'
import type { Clock } from '../../clock.ts'
import { type EventStream, openEventStream } from './event-stream.ts'

/** All open event streams of the process: how many there may be, what keeps them alive, and their end. */
export interface StreamRoom {
  /** Opens a stream; null when the key, or the process, has too many already. */
  open(reply: FastifyReply, keyId: string): EventStream | null
  /** Ends every stream; no more are opened. */
  close(): void
  readonly size: number
}

export interface StreamRoomOptions {
  readonly clock: Clock
  readonly maxPerKey: number
  readonly max: number
  /** Those of the keys that let nobody in any more: their streams end. Never rejects. */
  readonly listEndedKeys: (keyIds: readonly string[]) => Promise<ReadonlySet<string>>
  readonly heartbeatMs?: number
  readonly maxAgeMs?: number
}

interface Guest {
  readonly stream: EventStream
  readonly keyId: string
  readonly openedAtMs: number
}

const heartbeat = ': heartbeat\n\n'

export const createStreamRoom = (options: StreamRoomOptions): StreamRoom => {
  const { clock, maxPerKey, max, listEndedKeys, heartbeatMs = 15_000, maxAgeMs = 3_600_000 } = options
  const guests = new Set<Guest>()
  const perKey = new Map<string, number>()
  /** Those whose stream has ended and who have not read all of it, as of the last heartbeat. */
  let leaving: readonly Guest[] = []
  let cancelBeat: (() => void) | null = null
  let isClosed = false

  const beat = (): void => {
    const nowMs = clock.monotonicMs()
    // Who reads nothing would keep a place for as long as it likes.
    for (const { stream } of leaving) stream.drop()
    for (const { stream, openedAtMs } of [...guests]) {
      if (nowMs - openedAtMs >= maxAgeMs) stream.end()
      else stream.send(heartbeat)
    }
    leaving = [...guests].filter(({ stream }) => stream.isClosed)
    if (guests.size > 0) void endUnkeyed()
    keepBeating()
  }

  const endUnkeyed = async (): Promise<void> => {
    const ended = await listEndedKeys([...perKey.keys()])
    if (ended.size === 0) return
    for (const { stream, keyId } of [...guests]) if (ended.has(keyId)) stream.end()
  }

  const keepBeating = (): void => {
    cancelBeat = guests.size === 0 || isClosed ? null : clock.after(heartbeatMs, beat)
  }

  const count = (keyId: string, change: 1 | -1): void => {
    const streams = (perKey.get(keyId) ?? 0) + change
    if (streams === 0) perKey.delete(keyId)
    else perKey.set(keyId, streams)
  }

  return {
    get size() {
      return guests.size
    },
    open(reply, keyId) {
      if (isClosed || guests.size >= max || (perKey.get(keyId) ?? 0) >= maxPerKey) return null
      const guest = { stream: openEventStream(reply), keyId, openedAtMs: clock.monotonicMs() }
      guests.add(guest)
      count(keyId, 1)
      guest.stream.onClose(() => {
        guests.delete(guest)
        count(keyId, -1)
      })
      if (cancelBeat === null) keepBeating()
      return guest.stream
    },
    close() {
      isClosed = true
      cancelBeat?.()
      for (const { stream } of [...guests]) stream.end()
    },
  }
}
