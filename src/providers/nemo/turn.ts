import type { MessageEvent, Turn } from '../provider.ts'
import type { StreamItem } from './decode-event.ts'
import { redact } from './redact.ts'

export interface TurnReader {
  /** Takes the items of one frame and returns what may be told of them now. */
  take(items: readonly StreamItem[]): MessageEvent[]
  /** The agent's last sign was a whole text and no tool is at work: it may well have finished. */
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
const maxTextLength = 256 * 1024

/**
 * Puts a turn together from its items (§3.6.5, §3.6.6): frames that come twice are dropped, chunks make way for their
 * whole, a trailing noise text is dropped unless it is all there was.
 */
export const createTurnReader = (): TurnReader => {
  const keys = new Set<string>()
  const toolNames = new Set<string>()
  const openCalls = new Set<string>()
  let finalText = ''
  let chunks = ''
  let noise: string | null = null
  let error: string | null = null
  let isResting = false
  let hasEnded = false

  const isRepeated = (item: StreamItem): boolean => {
    if (!('key' in item) || item.key === null || (item.type === 'text' && item.isPartial)) return false
    const key = `${item.type} ${item.key}`
    if (keys.has(key)) return true
    if (keys.size < maxKeys) keys.add(key)
    return false
  }

  /** A text of its own, or the next part of the one that the frame began. */
  const say = (text: string, isContinued: boolean): MessageEvent[] => {
    finalText = (isContinued ? finalText + text : text).slice(0, maxTextLength)
    return [{ type: 'text', text }]
  }

  /** What was held back turns out not to be the last word, or never got its whole. */
  const release = (): MessageEvent[] => {
    const held = [noise, chunks === '' ? null : chunks]
    noise = null
    chunks = ''
    return held.flatMap((text) => (text === null ? [] : say(text, false)))
  }

  const takeText = (text: string, isPartial: boolean, isContinued: boolean): MessageEvent[] => {
    isResting = !isPartial && openCalls.size === 0
    if (isPartial) {
      chunks = (chunks + text).slice(0, maxTextLength)
      return []
    }
    chunks = ''
    if (noisePrefix.test(text)) {
      noise = text
      return []
    }
    return [...release(), ...say(text, isContinued)]
  }

  const takeTool = (type: 'tool_call' | 'tool_result', name: string, callId: string): MessageEvent[] => {
    const released = release()
    if (toolNames.size < maxToolNames) toolNames.add(name)
    if (type === 'tool_call') {
      if (openCalls.size < maxKeys) openCalls.add(callId)
    } else openCalls.delete(callId)
    isResting = false
    return [...released, { type, name }]
  }

  const takeItem = (item: StreamItem, isContinued: boolean): MessageEvent[] => {
    if (isRepeated(item)) return []
    switch (item.type) {
      case 'heartbeat':
        return [{ type: 'heartbeat' }]
      case 'text':
        return takeText(item.text, item.isPartial, isContinued)
      case 'tool_call':
      case 'tool_result':
        return takeTool(item.type, item.name, item.callId)
      case 'error':
        error ??= redact(item.message)
        isResting = openCalls.size === 0
        return []
      case 'end':
        hasEnded = true
        return []
      case 'activity':
      case 'unreadable':
        return []
    }
  }

  return {
    take: (items) => {
      let isContinued = false
      return items.flatMap((item) => {
        const events = takeItem(item, isContinued)
        isContinued = item.type === 'text' ? events.length > 0 : isContinued && item.type === 'activity'
        return events
      })
    },
    isResting: () => isResting,
    hasEnded: () => hasEnded,
    finish: () => {
      const lastNoise = noise
      noise = null
      const events = release()
      const tools = [...toolNames]
      const kind = finalText !== '' ? 'answered' : tools.length > 0 ? 'silent' : 'empty'
      const reason = error ?? (kind === 'empty' ? lastNoise : null)
      return {
        events,
        turn: { kind: reason === null ? kind : 'error', text: finalText, toolNames: tools, error: reason },
      }
    },
  }
}
