import {
  findId,
  findNumber,
  findText,
  firstFound,
  isRecord,
  type JsonRecord,
  parseJson,
  toRecord,
} from './json.ts'
import type { SseFrame } from './sse-reader.ts'

/**
 * What a frame says, once its dialect is out of the way. `key` is the same for the same part of the same event, so
 * that a frame that comes twice can be told from a sentence that was said twice; null where a dialect has no ids.
 */
export type StreamItem =
  | { readonly type: 'heartbeat' }
  | { readonly type: 'text'; readonly text: string; readonly isPartial: boolean; readonly key: string | null }
  | {
      readonly type: 'tool_call' | 'tool_result'
      readonly name: string
      readonly callId: string
      readonly key: string | null
    }
  | { readonly type: 'error'; readonly message: string; readonly providerCode: number | null }
  /** Something happened that is nobody's business: a thought, a state delta, an unknown kind of event. */
  | { readonly type: 'activity' }
  /** The agent has finished, though the connection is open. */
  | { readonly type: 'end' }
  /** Neither a heartbeat nor readable: no sign of life. */
  | { readonly type: 'unreadable' }

const heartbeatWords = new Set(['', 'heartbeat', '"heartbeat"', 'ping', 'keepalive', 'keep-alive'])
const heartbeatEvents = new Set(['heartbeat', 'ping', 'keepalive'])

/** Decodes every dialect of upstream-protocol.md §3 by the contract of §3.6. Never throws; at least one item. */
export const decodeFrame = ({ event, data }: SseFrame): StreamItem[] => {
  const text = data.trim()
  if (heartbeatWords.has(text.toLowerCase())) return [{ type: 'heartbeat' }]
  if (event !== null && heartbeatEvents.has(event)) return [{ type: 'heartbeat' }]
  const reading = parseJson(text)
  if (!reading.isJson) return decodeBroken(text, event)
  if (!isRecord(reading.value)) return event === 'error' ? [errorItem(reading.value)] : [{ type: 'activity' }]
  const items = decodeRecord(reading.value)
  return items.length === 0 ? [{ type: 'activity' }] : items
}

const maxErrorLength = 2_000

/** An old ADK puts its error text between quotes without escaping it (§3.6.4). */
const decodeBroken = (text: string, event: string | null): StreamItem[] => {
  if (event !== 'error' && !/^\{\s*"error"/.test(text)) return [{ type: 'unreadable' }]
  const start = text.slice(0, maxErrorLength)
  return [errorItem(start.replace(/^\{\s*"error"\s*:\s*"?/, '').replace(/"?\s*\}\s*$/, ''))]
}

const decodeRecord = (frame: JsonRecord): StreamItem[] => {
  const parts = toRecord(frame['content'])['parts']
  const errorCode = findId(frame['errorCode']) ?? findId(frame['error_code'])
  if (errorCode !== null) {
    const message = findText(frame['errorMessage']) ?? findText(frame['error_message'])
    return [
      ...decodeParts(parts, frame),
      errorItem(message === null ? errorCode : `${errorCode}: ${message}`),
    ]
  }
  if (Array.isArray(parts)) return decodeParts(parts, frame)
  if (frame['error'] !== undefined && frame['error'] !== null) return [errorItem(frame['error'], frame)]
  if (typeof frame['type'] === 'string') return decodeFlat(frame['type'], frame)
  if (isErrorEnvelope(frame))
    return [errorItem(firstFound([frame['message'], frame['msg']], findText), frame)]
  if (typeof frame['text'] === 'string') return decodeText(frame['text'], frame)
  return []
}

const isErrorEnvelope = (frame: JsonRecord): boolean => {
  const code = findNumber(frame['code'])
  return (code !== null && code !== 0) || frame['success'] === false
}

/** ADK: one item a part. */
const decodeParts = (parts: unknown, frame: JsonRecord): StreamItem[] => {
  if (!Array.isArray(parts)) return []
  const eventId = findId(frame['id'])
  const items = parts.flatMap((part, index): StreamItem[] =>
    decodePart(toRecord(part), frame, eventId === null ? null : `${eventId}#${index}`),
  )
  return isSyntheticError(items) ? items.map(toError) : items
}

const decodePart = (part: JsonRecord, frame: JsonRecord, key: string | null): StreamItem[] => {
  const call = part['functionCall'] ?? part['function_call']
  if (isRecord(call)) return [toolItem('tool_call', call, key)]
  const result = part['functionResponse'] ?? part['function_response']
  if (isRecord(result)) return [toolItem('tool_result', result, key)]
  const text = part['text']
  if (typeof text !== 'string' || text === '' || part['thought'] === true) return [{ type: 'activity' }]
  return [{ type: 'text', text, isPartial: frame['partial'] === true, key }]
}

/** An ADK of early 2026 reports an exception as an event of its own whose text is `Error: …` (§3.4). */
const isSyntheticError = (items: readonly StreamItem[]): boolean => {
  const [only] = items
  return items.length === 1 && only?.type === 'text' && !only.isPartial && /^Error: /.test(only.text)
}

const toError = (item: StreamItem): StreamItem =>
  item.type === 'text' ? errorItem(item.text.replace(/^Error: /, '')) : item

/** The flat forms: N1 of the old API reference and the words of the gateway. */
const decodeFlat = (type: string, frame: JsonRecord): StreamItem[] => {
  switch (type) {
    case 'text':
    case 'chunk': {
      const text = [frame['content'], frame['text']].find((candidate) => typeof candidate === 'string')
      return typeof text === 'string' ? decodeText(text, frame, type === 'chunk') : []
    }
    case 'tool_call':
    case 'tool_start':
    case 'toolcall_start':
      return [toolItem('tool_call', frame, null)]
    case 'tool_result':
    case 'tool_end':
    case 'toolcall_end':
      return [toolItem('tool_result', frame, null)]
    case 'heartbeat':
    case 'ping':
    case 'pong':
      return [{ type: 'heartbeat' }]
    case 'error':
      return [errorItem(firstFound([frame['message'], frame['content'], frame['text']], findText), frame)]
    case 'done':
      return [{ type: 'end' }]
    default:
      return []
  }
}

const decodeText = (text: string, frame: JsonRecord, isChunk = false): StreamItem[] => {
  if (text === '') return []
  const id = findId(frame['id'])
  const isPartial = isChunk || frame['partial'] === true
  return [{ type: 'text', text, isPartial, key: id === null ? null : `${id}#0` }]
}

const toolItem = (type: 'tool_call' | 'tool_result', tool: JsonRecord, key: string | null): StreamItem => {
  const name = firstFound([tool['name'], tool['tool_name'], tool['tool']], findText) ?? 'unnamed'
  return { type, name, callId: findId(tool['id']) ?? name, key }
}

/** A status of HTTP inside of an error is that of a call which the run has made, of its model's for one. */
const findBusinessCode = (value: unknown): number | null => {
  const code = findNumber(value)
  return code !== null && code >= 1_000 ? code : null
}

const errorItem = (error: unknown, frame: JsonRecord = {}): StreamItem => {
  const inner = toRecord(error)
  const message = firstFound([error, inner['message']], findText) ?? 'an error without a text'
  const code = findNumber(frame['code']) ?? findBusinessCode(inner['code'])
  return { type: 'error', message, providerCode: code === 0 ? null : code }
}
