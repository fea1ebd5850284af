import { createParser } from 'eventsource-parser'
import { createStreamGuard, type StreamLimits, streamLimits } from './stream-guard.ts'

export interface SseFrame {
  readonly event: string | null
  readonly data: string
}

export interface SseReader {
  /** The frames that this chunk completes. Throws when the stream passes a limit. */
  feed(chunk: Uint8Array): SseFrame[]
  /** The frame that was open when the stream ended: some servers leave out the last empty line. */
  end(): SseFrame[]
}

const heartbeat: SseFrame = { event: 'heartbeat', data: '' }

/**
 * Bytes to frames, cut at any byte: UTF-8 over chunk borders, LF, CRLF or CR, several `data:` lines. Comments and a
 * bare line `heartbeat` come out as heartbeat frames; other unknown lines, `id` and `retry` are dropped
 * (upstream-protocol.md §3.6.1, E8).
 */
export const createSseReader = (limits: StreamLimits = streamLimits): SseReader => {
  const guard = createStreamGuard(limits)
  const decoder = new TextDecoder()
  let frames: SseFrame[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => frames.push({ event: event ?? null, data }),
    onComment: () => frames.push(heartbeat),
    onError: ({ field }) => {
      if (field?.trim() === 'heartbeat') frames.push(heartbeat)
    },
  })
  const read = (text: string): SseFrame[] => {
    parser.feed(text)
    const read = frames
    frames = []
    return read
  }
  return {
    feed: (chunk) => {
      guard(chunk)
      return read(decoder.decode(chunk, { stream: true }))
    },
    end: () => read(`${decoder.decode()}\n\n`),
  }
}
