import type { Readable } from 'node:stream'
import type { MessageEvent, Turn } from '../provider.ts'
import { decodeFrame, type StreamItem } from './decode-event.ts'
import { openEnvelope } from './envelope.ts'
import { causeOf } from './errors.ts'
import { createSseReader, type SseFrame } from './sse-reader.ts'
import type { StreamWatch } from './stream-watch.ts'
import { createTurnReader, type TurnReader } from './turn.ts'

export interface StreamListener {
  onAccepted(): void
  onEvent(event: MessageEvent): void
  /** A frame that is neither a heartbeat nor readable. */
  onUnreadable(sizeBytes: number): void
}

export type StreamEnd =
  /** The first frame, or all that came instead of frames, is an error envelope: no run was begun. */
  | { readonly outcome: 'refused'; readonly code: number; readonly message: string }
  /** No frame came, so nobody knows whether a run was begun. */
  | { readonly outcome: 'unaccepted'; readonly cause: string }
  | { readonly outcome: 'ended'; readonly turn: Turn }
  | { readonly outcome: 'broken'; readonly cause: string; readonly turn: Turn }

/**
 * Follows the stream of a message to its end, which may be ours: a stream that is left open after the last text is
 * closed once it has settled. The body is destroyed in any case. Never throws.
 */
export const followStream = async (
  body: Readable,
  watch: StreamWatch,
  listener: StreamListener,
): Promise<StreamEnd> => {
  const progress: Progress = {
    turn: createTurnReader(),
    isAccepted: false,
    refusal: null,
    beginning: '',
    watch,
    listener,
  }
  try {
    await readFrames(body, progress)
    return concludeStream(progress)
  } catch (error) {
    return breakOff(progress, error)
  } finally {
    body.destroy()
  }
}

interface Progress {
  readonly turn: TurnReader
  readonly watch: StreamWatch
  readonly listener: StreamListener
  isAccepted: boolean
  refusal: Extract<StreamEnd, { outcome: 'refused' }> | null
  /** What came before the first frame, for as long as it may be an envelope. */
  beginning: string
}

const longestEnvelope = 64 * 1024

const readFrames = async (body: Readable, progress: Progress): Promise<void> => {
  const reader = createSseReader()
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (!progress.isAccepted && progress.beginning.length < longestEnvelope)
        progress.beginning += Buffer.from(chunk).toString('latin1')
      if (takeFrames(reader.feed(chunk), progress)) return
    }
    takeFrames(reader.end(), progress)
  } catch (error) {
    if (progress.watch.cut() !== 'settled') throw error
  }
}

/** True when no further frame is wanted. */
const takeFrames = (frames: readonly SseFrame[], progress: Progress): boolean =>
  frames.some((frame) => takeFrame(frame, progress))

const takeFrame = (frame: SseFrame, progress: Progress): boolean => {
  const { turn, watch, listener } = progress
  const items = decodeFrame(frame)
  if (items.every(({ type }) => type === 'unreadable')) {
    listener.onUnreadable(Buffer.byteLength(frame.data))
    return false
  }
  if (!progress.isAccepted) {
    progress.refusal = findRefusal(items)
    if (progress.refusal !== null) return true
    progress.isAccepted = true
    listener.onAccepted()
  }
  for (const event of turn.take(items)) listener.onEvent(event)
  watch.touch({ isHeartbeat: items.every(({ type }) => type === 'heartbeat'), isResting: turn.isResting() })
  return turn.hasEnded()
}

const findRefusal = (items: readonly StreamItem[]): Progress['refusal'] => {
  const [first] = items
  if (first?.type !== 'error' || first.providerCode === null) return null
  return { outcome: 'refused', code: first.providerCode, message: first.message }
}

/** An envelope is one whatever the answer calls itself: some servers name no type of content, or that of the stream. */
const findEnvelope = (beginning: string): Progress['refusal'] => {
  const opened = openEnvelope({ httpStatus: 200, text: Buffer.from(beginning, 'latin1').toString('utf8') })
  if (opened.isOk || !opened.isJson || opened.code === null) return null
  return { outcome: 'refused', code: opened.code, message: opened.message ?? '' }
}

const concludeStream = ({ turn, isAccepted, refusal, beginning, listener }: Progress): StreamEnd => {
  if (refusal !== null) return refusal
  if (!isAccepted)
    return (
      findEnvelope(beginning) ?? { outcome: 'unaccepted', cause: 'the stream ended before its first event' }
    )
  const finished = turn.finish()
  for (const event of finished.events) listener.onEvent(event)
  return { outcome: 'ended', turn: finished.turn }
}

const breakOff = (progress: Progress, error: unknown): StreamEnd => {
  const cause = causeOf(error)
  if (!progress.isAccepted) return { outcome: 'unaccepted', cause }
  return { outcome: 'broken', cause, turn: progress.turn.finish().turn }
}
