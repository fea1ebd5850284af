import type { MessageEvent, Turn } from '../provider.ts'
import type { StreamItem } from './decode-event.ts'
import { redact } from './redact.ts'

export interface TurnReader {
  /** Takes the items of one frame and returns what may be told of them now. */
  take(items: readonly StreamItem[]): MessageEvent[]
  /** The agent's last sign was an error, or a whole text with no tool at work: it may well have finished. */
  isResting(): boolean
  /** The provider said that this was all. */
  hasEnded(): boolean
  /** Ends the turn: what was held back, and what the turn comes to. */
  finish(): { readonly events: MessageEvent[]; readonly turn: Turn }
}

/** Backend noise after otherwise normal output (upstream-protocol.md §2.4, E4). */
const noisePrefix = /^\s*I encountered a temporary issue/i

const maxKeys = 10_000
const maxToolNames = 100
/** Longer than any script that an agent writes; it is kept with the job, told in events, and sent to receivers. */
const maxTextLength = 32 * 1024

/** What has been understood of a turn so far. */
interface TurnState {
  readonly keys: Set<string>
  readonly toolNames: Set<string>
  readonly openCalls: Set<string>
  finalText: string
  /** Partial texts whose whole has not come yet. */
  chunks: string
  /** A noise text that may be the last. */
  noise: string | null
  error: string | null
  isResting: boolean
  hasEnded: boolean
}

/**
 * Puts a turn together from its items (§3.6.5, §3.6.6): frames that come twice are dropped, chunks make way for their
 * whole, a trailing noise text is dropped unless it is all there was.
 */
export const createTurnReader = (): TurnReader => {
  const state: TurnState = {
    keys: new Set(),
    toolNames: new Set(),
    openCalls: new Set(),
    finalText: '',
    chunks: '',
    noise: null,
    error: null,
    isResting: false,
    hasEnded: false,
  }
  return {
    take: (items) => takeFrame(state, items),
    isResting: () => state.isResting,
    hasEnded: () => state.hasEnded,
    finish: () => finishTurn(state),
  }
}

/** The texts of one frame are one text, whatever it hides between them. */
const takeFrame = (state: TurnState, items: readonly StreamItem[]): MessageEvent[] => {
  let isContinued = false
  return items.flatMap((item) => {
    const events = isRepeated(state, item) ? [] : takeItem(state, item, isContinued)
    isContinued = item.type === 'text' ? events.length > 0 : isContinued && item.type === 'activity'
    return events
  })
}

const isRepeated = ({ keys }: TurnState, item: StreamItem): boolean => {
  if (!('key' in item) || item.key === null || (item.type === 'text' && item.isPartial)) return false
  const key = `${item.type} ${item.key}`
  if (keys.has(key)) return true
  if (keys.size < maxKeys) keys.add(key)
  return false
}

const takeItem = (state: TurnState, item: StreamItem, isContinued: boolean): MessageEvent[] => {
  switch (item.type) {
    case 'heartbeat':
      return [{ type: 'heartbeat' }]
    case 'text':
      return item.isPartial ? takeChunk(state, item.text) : takeText(state, item.text, isContinued)
    case 'tool_call':
    case 'tool_result':
      return takeTool(state, item)
    case 'error':
      state.error ??= redact(item.message)
      state.isResting = true
      return []
    case 'end':
      state.hasEnded = true
      return []
    case 'activity':
    case 'unreadable':
      return []
  }
}

const takeChunk = (state: TurnState, text: string): MessageEvent[] => {
  state.chunks = (state.chunks + text).slice(0, maxTextLength)
  state.isResting = false
  return []
}

const takeText = (state: TurnState, text: string, isContinued: boolean): MessageEvent[] => {
  state.chunks = ''
  state.isResting = state.openCalls.size === 0
  if (noisePrefix.test(text)) {
    state.noise = text
    return []
  }
  return [...release(state), say(state, text, isContinued)]
}

const takeTool = (
  state: TurnState,
  { type, name, callId }: Extract<StreamItem, { type: 'tool_call' | 'tool_result' }>,
): MessageEvent[] => {
  const released = release(state)
  state.isResting = false
  if (state.toolNames.size < maxToolNames) state.toolNames.add(name)
  if (type === 'tool_result') state.openCalls.delete(callId)
  else if (state.openCalls.size < maxKeys) state.openCalls.add(callId)
  return [...released, { type, name }]
}

/** A text of its own, or the next part of the one that the frame began. */
const say = (state: TurnState, text: string, isContinued: boolean): MessageEvent => {
  state.finalText = (isContinued ? state.finalText + text : text).slice(0, maxTextLength)
  return { type: 'text', text: text.slice(0, maxTextLength) }
}

/** What was held back turns out not to be the last word, or never got its whole. */
const release = (state: TurnState): MessageEvent[] => {
  const held = [state.noise, state.chunks].flatMap((text) => (text === null || text === '' ? [] : [text]))
  state.noise = null
  state.chunks = ''
  return held.map((text) => say(state, text, false))
}

const finishTurn = (state: TurnState): { readonly events: MessageEvent[]; readonly turn: Turn } => {
  const lastNoise = state.noise
  state.noise = null
  const events = release(state)
  const { finalText: text, error } = state
  const toolNames = [...state.toolNames]
  const kind = text !== '' ? 'answered' : toolNames.length > 0 ? 'silent' : 'empty'
  const reason = error ?? (kind === 'empty' ? lastNoise : null)
  return { events, turn: { kind: reason === null ? kind : 'error', text, toolNames, error: reason } }
}
