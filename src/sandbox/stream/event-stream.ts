import type { ServerResponse } from 'node:http'
import type { VirtualClock } from '../virtual-clock.ts'
import type { AgentEvent } from './agent-event.ts'
import type { FrameWriter } from './dialects.ts'
import { type HeartbeatSpelling, heartbeatCycle, heartbeatEveryMs } from './heartbeats.ts'

/** How a stream misbehaves; by default not at all. */
export interface StreamManners {
  readonly heartbeats: HeartbeatSpelling
  readonly cutAfterFrames: number | null
  readonly endAfterFrames: number | null
  readonly halfOpenAfterFrames: number | null
  readonly isNeverClosed: boolean
  readonly isGarbled: boolean
  readonly isDoubled: boolean
}

export const goodManners: StreamManners = {
  heartbeats: 'default',
  cutAfterFrames: null,
  endAfterFrames: null,
  halfOpenAfterFrames: null,
  isNeverClosed: false,
  isGarbled: false,
  isDoubled: false,
}

/**
 * The answer of `/run_sse`. Events may come before it is opened: they wait; nothing is written before the state that
 * it tells of is on disk; a client that has gone is noticed and nothing more is written.
 */
export interface EventStream {
  open(response: ServerResponse): void
  send(events: readonly AgentEvent[]): void
  end(): void
}

interface EventStreamOptions {
  readonly writeFrames: FrameWriter
  readonly manners: StreamManners
  readonly clock: VirtualClock
  readonly settled: () => Promise<void>
  /** The client has closed the connection, or a fault has, before the end of the turn. */
  readonly onDrop: () => void
}

export const createEventStream = (options: EventStreamOptions): EventStream => {
  const opened = Promise.withResolvers<ServerResponse>()
  const output = createOutput(options.manners)
  let tail: Promise<ServerResponse> = opened.promise
  let stopHeartbeats = (): void => undefined

  const later = (act: (response: ServerResponse) => void): void => {
    tail = tail.then(async (response) => {
      const isOnDisk = await options.settled().then(
        () => true,
        () => false,
      )
      if (!isOnDisk) response.destroy()
      if (isWritable(response)) act(response)
      return response
    })
  }

  return {
    open: (response) => {
      if (response.destroyed) return options.onDrop()
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      response.flushHeaders()
      response.on('close', () => {
        stopHeartbeats()
        if (!response.writableEnded) options.onDrop()
      })
      stopHeartbeats = startHeartbeats(options, (text) => output.beat(response, text))
      output.begin(response)
      return opened.resolve(response)
    },
    send: (events) => {
      for (const event of events) {
        for (const text of options.writeFrames(event)) later((response) => output.write(response, text))
      }
    },
    end: () => {
      later((response) => {
        stopHeartbeats()
        if (!options.manners.isNeverClosed && !output.isSilent()) response.end()
      })
    },
  }
}

const isWritable = (response: ServerResponse): boolean => !response.writableEnded && !response.destroyed

/** Writes frames as the manners have it, and counts them: heartbeats do not count. */
const createOutput = (manners: StreamManners) => {
  let frameCount = 0
  const hasReached = (limit: number | null): boolean => limit !== null && frameCount >= limit
  const isSilent = () => hasReached(manners.halfOpenAfterFrames) || hasReached(manners.cutAfterFrames)

  /** The connection is broken only when the frames before have left: they are what a client may have seen. */
  const reachLimit = (response: ServerResponse, lastWritten: string | Buffer): void => {
    if (hasReached(manners.cutAfterFrames)) {
      response.write(lastWritten, () => response.socket?.resetAndDestroy())
      return
    }
    if (lastWritten.length > 0) response.write(lastWritten)
    if (hasReached(manners.endAfterFrames)) response.end()
  }

  return {
    begin: (response: ServerResponse) => reachLimit(response, ''),
    isSilent,
    beat: (response: ServerResponse, text: string): void => {
      if (!isSilent() && isWritable(response) && !response.writableNeedDrain) response.write(text)
    },
    write: (response: ServerResponse, text: string): void => {
      if (isSilent()) return
      const bytes = manners.isGarbled && frameCount > 0 ? garble(text) : Buffer.from(text)
      frameCount += 1
      reachLimit(response, manners.isDoubled ? Buffer.concat([bytes, bytes]) : bytes)
    },
  }
}

/** Half of the JSON and two bytes that are no UTF-8. */
const garble = (text: string): Buffer =>
  Buffer.concat([
    Buffer.from(text.slice(0, Math.ceil(text.length / 2))),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('\n\n'),
  ])

/** Where virtual time has no length, one round of heartbeats stands for all. Returns how to stop them. */
const startHeartbeats = (
  { clock, manners }: EventStreamOptions,
  beat: (text: string) => void,
): (() => void) => {
  const cycle = heartbeatCycle(manners.heartbeats)
  const everyMs = clock.realMs(heartbeatEveryMs)
  if (everyMs === 0 || cycle.length === 0) {
    cycle.forEach(beat)
    return () => undefined
  }
  let cancel = (): void => undefined
  const beatFrom = (count: number): void => {
    cancel = clock.at(clock.nowMs() + everyMs, () => {
      beat(cycle[count % cycle.length] ?? '')
      beatFrom(count + 1)
    })
  }
  beatFrom(0)
  return () => cancel()
}
