import { expect, test } from 'vitest'
import type { AgentEvent } from '../../../src/sandbox/stream/agent-event.ts'
import { createFrameWriter, type Dialect } from '../../../src/sandbox/stream/dialects.ts'

const text: AgentEvent = { kind: 'text', text: 'Hello' }
const call: AgentEvent = {
  kind: 'toolCall',
  callId: 'adk-1',
  name: 'edit_multitrack',
  args: { op: 'add_title' },
}
const result: AgentEvent = {
  kind: 'toolResult',
  callId: 'adk-1',
  name: 'edit_multitrack',
  response: { status: 'success' },
  stateDelta: { draft: {} },
}

const framesOf = (dialect: Dialect, ...events: readonly AgentEvent[]): unknown[] => {
  const write = createFrameWriter(dialect, () => 1_774_000_003_412)
  return events.flatMap(write).map((frame) => {
    expect(frame).toMatch(/^data: .*\n\n$/)
    return JSON.parse(frame.slice(6))
  })
}

test('adk-python events carry seconds, one invocation and an id each', () => {
  const events = framesOf('adk', text, call, result) as { id: string; invocationId: string }[]
  expect(events).toMatchObject([
    {
      content: { parts: [{ text: 'Hello' }], role: 'model' },
      author: 'nemo_agent',
      timestamp: 1_774_000_003.412,
    },
    {
      content: {
        parts: [{ functionCall: { id: 'adk-1', name: 'edit_multitrack', args: { op: 'add_title' } } }],
        role: 'model',
      },
      longRunningToolIds: [],
    },
    {
      content: {
        parts: [
          { functionResponse: { id: 'adk-1', name: 'edit_multitrack', response: { status: 'success' } } },
        ],
        role: 'user',
      },
      actions: { stateDelta: { draft: {} }, artifactDelta: {}, requestedAuthConfigs: {} },
    },
  ])
  expect(new Set(events.map((event) => event.invocationId)).size).toBe(1)
  expect(new Set(events.map((event) => event.id)).size).toBe(3)
  expect(events[0]?.id).toMatch(/^[A-Za-z0-9]{8}$/)
  expect(events[0]).not.toHaveProperty('longRunningToolIds')
})

test('adk-js events carry milliseconds and tool ids everywhere', () => {
  expect(framesOf('js', text)).toMatchObject([{ timestamp: 1_774_000_003_412, longRunningToolIds: [] }])
})

test('token streaming repeats the whole text at the end', () => {
  expect(framesOf('partial', text)).toMatchObject([
    { partial: true, content: { parts: [{ text: 'Hel' }] } },
    { partial: true, content: { parts: [{ text: 'lo' }] } },
    { content: { parts: [{ text: 'Hello' }] } },
  ])
})

test('the flat form has one object with a type for each event', () => {
  expect(framesOf('flat', text, call, result)).toEqual([
    { type: 'text', content: 'Hello' },
    { type: 'tool_call', name: 'edit_multitrack', args: { op: 'add_title' } },
    { type: 'tool_result', name: 'edit_multitrack', result: { status: 'success' } },
  ])
})

test('the text form leaves tools out', () => {
  expect(framesOf('textOnly', text, call, result)).toEqual([{ text: 'Hello' }])
})

test('a model failure has a code and no content', () => {
  const [event] = framesOf('adk', { kind: 'modelError', code: 'SAFETY', message: 'no' })
  expect(event).toMatchObject({ errorCode: 'SAFETY', errorMessage: 'no' })
  expect(event).not.toHaveProperty('content')
})

test.each([
  ['py', 'data: {"error": "it "broke""}\n\n'],
  ['js', 'data: {"error":"it \\"broke\\""}\n\n'],
  ['go', 'event: error\ndata: {"error":"it \\"broke\\""}\n\n'],
] as const)('an exception as %s sends it', (variant, frame) => {
  const write = createFrameWriter('adk', () => 0)
  expect(write({ kind: 'exception', variant, text: 'it "broke"' })).toEqual([frame])
})
