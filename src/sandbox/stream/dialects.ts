import { randomBytes, randomUUID } from 'node:crypto'
import type { AgentEvent } from './agent-event.ts'
import { errorFrame } from './error-frames.ts'
import { frame } from './frame.ts'

/** `adk` is adk-python, `js` adk-js, `flat` and `textOnly` the forms N1 and N2, `partial` token streaming (E7). */
export const dialects = ['adk', 'flat', 'textOnly', 'partial', 'js'] as const
export type Dialect = (typeof dialects)[number]

/** Turns events into frames, each ending with its blank line; an event may give none or several. */
export type FrameWriter = (event: AgentEvent) => readonly string[]

type SaidEvent = Exclude<AgentEvent, { kind: 'exception' }>

/** A writer for one turn: all its events carry the same invocation id. An exception looks the same in all dialects. */
export const createFrameWriter = (dialect: Dialect, nowMs: () => number): FrameWriter => {
  const write = agentWriters[dialect](`e-${randomUUID()}`, nowMs)
  return (event) =>
    event.kind === 'exception' ? [errorFrame(event.variant, event.text, nowMs())] : write(event)
}

type AgentWriter = (invocationId: string, nowMs: () => number) => (event: SaidEvent) => readonly string[]

const agentWriters: Readonly<Record<Dialect, AgentWriter>> = {
  adk: (invocationId, nowMs) => (event) => [frame(toAdkEvent(event, invocationId, nowMs() / 1000))],
  js: (invocationId, nowMs) => (event) => [
    frame({ longRunningToolIds: [], ...toAdkEvent(event, invocationId, nowMs()) }),
  ],
  partial: (invocationId, nowMs) => (event) => {
    const chunks = event.kind === 'text' ? cutInTwo(event.text) : []
    return [
      ...chunks.map((text) =>
        frame({ ...toAdkEvent({ kind: 'text', text }, invocationId, nowMs() / 1000), partial: true }),
      ),
      frame(toAdkEvent(event, invocationId, nowMs() / 1000)),
    ]
  },
  flat: () => (event) => [frame(toFlatEvent(event))],
  textOnly: () => (event) => (event.kind === 'text' ? [frame({ text: event.text })] : []),
}

const cutInTwo = (text: string): readonly string[] => {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)]
}

const toAdkEvent = (event: SaidEvent, invocationId: string, timestamp: number): object => ({
  ...toContent(event),
  invocationId,
  author: 'nemo_agent',
  actions: {
    stateDelta: event.kind === 'toolResult' ? (event.stateDelta ?? {}) : {},
    artifactDelta: {},
    requestedAuthConfigs: {},
  },
  ...(event.kind === 'toolCall' && { longRunningToolIds: [] }),
  id: shortId(),
  timestamp,
})

const toContent = (event: SaidEvent): object => {
  switch (event.kind) {
    case 'text':
      return { content: { parts: [{ text: event.text }], role: 'model' } }
    case 'toolCall':
      return {
        content: {
          parts: [{ functionCall: { id: event.callId, name: event.name, args: event.args } }],
          role: 'model',
        },
      }
    case 'toolResult':
      return {
        content: {
          parts: [{ functionResponse: { id: event.callId, name: event.name, response: event.response } }],
          role: 'user',
        },
      }
    case 'modelError':
      return { errorCode: event.code, errorMessage: event.message }
  }
}

const toFlatEvent = (event: SaidEvent): object => {
  switch (event.kind) {
    case 'text':
      return { type: 'text', content: event.text }
    case 'toolCall':
      return { type: 'tool_call', name: event.name, args: event.args }
    case 'toolResult':
      return { type: 'tool_result', name: event.name, result: event.response }
    case 'modelError':
      return { type: 'error', content: event.message }
  }
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const shortId = (): string =>
  [...randomBytes(8)].map((byte) => alphanumerics[byte % alphanumerics.length]).join('')
