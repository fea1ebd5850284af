import { describe, expect, it } from 'vitest'
import { decodeFrame, type StreamItem } from '../../../src/providers/nemo/decode-event.ts'
import { createSseReader } from '../../../src/providers/nemo/sse-reader.ts'

const encoder = new TextEncoder()

const itemsOf = (stream: string): StreamItem[] => {
  const reader = createSseReader()
  return [...reader.feed(encoder.encode(stream)), ...reader.end()].flatMap(decodeFrame)
}

const adk = (parts: unknown, extra: Record<string, unknown> = {}): string =>
  `data: ${JSON.stringify({
    content: { parts, role: 'model' },
    invocationId: 'e-0b6e1c3a-5d0f-4b55-9d2c-7a1f00000001',
    author: 'nemo_agent',
    actions: { stateDelta: {}, artifactDelta: {}, requestedAuthConfigs: {} },
    id: 'Qk3vT9aZ',
    timestamp: 1774000003.412,
    ...extra,
  })}\n\n`

const text = (value: string, key: string | null = null, isPartial = false): StreamItem => ({
  type: 'text',
  text: value,
  isPartial,
  key,
})
const error = (message: string, providerCode: number | null = null): StreamItem => ({
  type: 'error',
  message,
  providerCode,
})
const heartbeat: StreamItem = { type: 'heartbeat' }
const activity: StreamItem = { type: 'activity' }

/** Upstream-protocol.md §3.3 and §3.4: the examples, then what else §3.6 asks for. */
const rows: [string, string, StreamItem[]][] = [
  ['E1: a text', adk([{ text: 'Your clip is ready.' }]), [text('Your clip is ready.', 'Qk3vT9aZ#0')]],
  [
    'E2: a tool call',
    adk([{ functionCall: { id: 'adk-1', name: 'generate_video_with_seedance', args: { duration: 10 } } }], {
      id: 'a2',
      longRunningToolIds: [],
    }),
    [{ type: 'tool_call', name: 'generate_video_with_seedance', callId: 'adk-1', key: 'a2#0' }],
  ],
  [
    'E2: a tool result',
    adk([{ functionResponse: { id: 'adk-1', name: 'edit_multitrack', response: { status: 'success' } } }]),
    [{ type: 'tool_result', name: 'edit_multitrack', callId: 'adk-1', key: 'Qk3vT9aZ#0' }],
  ],
  ['E5: flat text', 'data: {"type":"text","content":"Working on it."}\n\n', [text('Working on it.')]],
  [
    'E5: flat tool call',
    'data: {"type":"tool_call","name":"edit_multitrack","args":{"op":"add_title"}}\n\n',
    [{ type: 'tool_call', name: 'edit_multitrack', callId: 'edit_multitrack', key: null }],
  ],
  [
    'E5: flat tool result',
    'data: {"type":"tool_result","name":"edit_multitrack","result":{"ok":true}}\n\n',
    [{ type: 'tool_result', name: 'edit_multitrack', callId: 'edit_multitrack', key: null }],
  ],
  ['E6: text only', 'data: {"text":"Working on it."}\n\n', [text('Working on it.')]],
  ['E7: a chunk', adk([{ text: 'Hel' }], { partial: true }), [text('Hel', 'Qk3vT9aZ#0', true)]],

  ['E8: empty data', 'data:\n\n', [heartbeat]],
  ['E8: blank data', 'data: \n\n', [heartbeat]],
  ['E8: the word as data', 'data: heartbeat\n\n', [heartbeat]],
  ['E8: a flat heartbeat', 'data: {"type":"heartbeat"}\n\n', [heartbeat]],
  ['E8: a heartbeat event without data', 'event: heartbeat\ndata:\n\n', [heartbeat]],
  ['E8: a heartbeat event with data', 'event: heartbeat\ndata: {"at":1}\n\n', [heartbeat]],
  ['E8: a comment', ': ping\n\n', [heartbeat]],
  ['E8: a bare line', 'heartbeat\n\n', [heartbeat]],
  ['the word as JSON', 'data: "heartbeat"\n\n', [heartbeat]],
  ['a heartbeat event of no lines but its name', 'event: heartbeat\n\n', []],

  ['py ≤ 1.4: an error', 'data: {"error": "boom"}\n\n', [error('boom')]],
  [
    'py ≤ 1.4: unescaped quotes',
    'data: {"error": "no such "thing" here"}\n\n',
    [error('no such "thing" here')],
  ],
  ['py ≤ 1.4: an unescaped line feed', 'data: {"error": "first\nsecond"}\n\n', [error('first')]],
  ['py of January 2026', adk([{ text: 'Error: boom' }]), [error('boom')]],
  [
    'py newest',
    'data: {"error":"ValueError: boom","error_details":{"error_type":"ValueError","error_message":"boom","timestamp":1774000000.1}}\n\n',
    [error('ValueError: boom')],
  ],
  ['go', 'event: error\ndata: {"error":"boom"}\n\n', [error('boom')]],
  ['go with plain text', 'event: error\ndata: boom\n\n', [error('boom')]],
  [
    'a failure of the model',
    'data: {"errorCode":"SAFETY","errorMessage":"blocked","author":"nemo_agent","id":"x"}\n\n',
    [error('SAFETY: blocked')],
  ],
  [
    'a failure of the model beside a text',
    adk([{ text: 'Half' }], { errorCode: 'MAX_TOKENS' }),
    [text('Half', 'Qk3vT9aZ#0'), error('MAX_TOKENS')],
  ],
  [
    'an envelope in the stream',
    'data: {"code":2001,"message":"no credits"}\n\n',
    [error('no credits', 2001)],
  ],
  ['a flat error', 'data: {"type":"error","message":"boom","code":1010}\n\n', [error('boom', 1010)]],
  ['an error with null content', 'data: {"error":"boom","content":null}\n\n', [error('boom')]],
  ['an error without a text', 'data: {"error":{}}\n\n', [error('an error without a text')]],

  [
    'several parts',
    adk([
      { text: 'a' },
      { text: 'secret', thought: true },
      { functionCall: { name: 'edit' } },
      { text: 'b' },
    ]),
    [
      text('a', 'Qk3vT9aZ#0'),
      activity,
      { type: 'tool_call', name: 'edit', callId: 'edit', key: 'Qk3vT9aZ#2' },
      text('b', 'Qk3vT9aZ#3'),
    ],
  ],
  ['a thought alone', adk([{ text: 'hm', thought: true }]), [activity]],
  ['other parts', adk([{ inlineData: {} }, { executableCode: {} }]), [activity, activity]],
  ['an event without parts', adk([]), [activity]],
  ['an event without content', 'data: {"actions":{"stateDelta":{"draft":{}}},"id":"x"}\n\n', [activity]],
  [
    'snake case',
    adk([{ function_call: { id: '7', name: 'edit' } }]),
    [{ type: 'tool_call', name: 'edit', callId: '7', key: 'Qk3vT9aZ#0' }],
  ],
  ['gateway words', 'data: {"type":"chunk","text":"Hi"}\n\n', [text('Hi', null, true)]],
  [
    'gateway tools',
    'data: {"type":"toolcall_start","tool_name":"suno"}\n\ndata: {"type":"tool_end","tool":"suno"}\n\n',
    [
      { type: 'tool_call', name: 'suno', callId: 'suno', key: null },
      { type: 'tool_result', name: 'suno', callId: 'suno', key: null },
    ],
  ],
  ['pong', 'data: {"type":"pong"}\n\n', [heartbeat]],
  ['done', 'data: {"type":"done"}\n\n', [{ type: 'end' }]],
  ['an unknown type', 'data: {"type":"warming_up"}\n\n', [activity]],
  ['an unknown object', 'data: {"x":1}\n\n', [activity]],
  ['another JSON value', 'data: [1]\n\n', [activity]],
  ['garbage', 'data: {"content":{"par\n\n', [{ type: 'unreadable' }]],
  ['an id that is a number', adk([{ text: 'a' }], { id: 7 }), [text('a', '7#0')]],
  ['data over several lines', 'data: {"text":\ndata: "Hi"}\n\n', [text('Hi')]],
  ['data without a space', 'data:{"text":"Hi"}\n\n', [text('Hi')]],
  ['id, retry and event fields', 'id: 1\nretry: 10\nevent: message\ndata: {"text":"Hi"}\n\n', [text('Hi')]],
  ['a byte order mark', '\ufeffdata: {"text":"Hi"}\n\n', [text('Hi')]],
  ['a last frame without its empty line', 'data: {"text":"Hi"}', [text('Hi')]],
  ['a bad retry', 'retry: soon\ndata: {"text":"Hi"}\n\n', [text('Hi')]],
  ['unknown lines', '<html>\nfoo: bar\n\ndata: {"text":"Hi"}\n\n', [text('Hi')]],
]

describe('decodeFrame', () => {
  it.each(rows)('understands %s', (_name, stream, items) => {
    expect(itemsOf(stream)).toEqual(items)
  })

  it('reads a long run of blanks in a broken error quickly', () => {
    const [item] = itemsOf(`data: {"error": "${' '.repeat(900_000)}x\n\n`)
    expect(item?.type).toBe('error')
  })
})
