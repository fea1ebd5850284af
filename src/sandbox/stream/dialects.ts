import { randomBytes, randomUUID } from 'node:crypto'
import { errorFrame } from './error-frames.ts'
import { frame } from './frame.ts'
import type { StreamItem } from './items.ts'

/** `adk` is adk-python, `js` adk-js, `flat` and `textOnly` the forms N1 and N2, `partial` token streaming (E7). */
export const dialects = ['adk', 'flat', 'textOnly', 'partial', 'js'] as const
export type Dialect = (typeof dialects)[number]

/** Turns items into frames, each ending with its blank line; an item may give none or several. */
export type FrameWriter = (item: StreamItem) => readonly string[]

type AgentItem = Exclude<StreamItem, { kind: 'exception' }>

/** A writer for one turn: all its events carry the same invocation id. An exception looks the same in all dialects. */
export const createFrameWriter = (dialect: Dialect, nowMs: () => number): FrameWriter => {
  const write = agentWriters[dialect](`e-${randomUUID()}`, nowMs)
  return (item) => (item.kind === 'exception' ? [errorFrame(item.variant, item.text, nowMs())] : write(item))
}

type AgentWriter = (invocationId: string, nowMs: () => number) => (item: AgentItem) => readonly string[]

const agentWriters: Readonly<Record<Dialect, AgentWriter>> = {
  adk: (invocationId, nowMs) => (item) => [frame(toAdkEvent(item, invocationId, nowMs() / 1000))],
  js: (invocationId, nowMs) => (item) => [
    frame({ longRunningToolIds: [], ...toAdkEvent(item, invocationId, nowMs()) }),
  ],
  partial: (invocationId, nowMs) => (item) => {
    const chunks = item.kind === 'text' ? cutInTwo(item.text) : []
    return [
      ...chunks.map((text) =>
        frame({ ...toAdkEvent({ kind: 'text', text }, invocationId, nowMs() / 1000), partial: true }),
      ),
      frame(toAdkEvent(item, invocationId, nowMs() / 1000)),
    ]
  },
  flat: () => (item) => [frame(toFlatEvent(item))],
  textOnly: () => (item) => (item.kind === 'text' ? [frame({ text: item.text })] : []),
}

const cutInTwo = (text: string): readonly string[] => {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)]
}

const toAdkEvent = (item: AgentItem, invocationId: string, timestamp: number): object => ({
  ...toContent(item),
  invocationId,
  author: 'nemo_agent',
  actions: {
    stateDelta: item.kind === 'toolResult' ? (item.stateDelta ?? {}) : {},
    artifactDelta: {},
    requestedAuthConfigs: {},
  },
  ...(item.kind === 'toolCall' && { longRunningToolIds: [] }),
  id: shortId(),
  timestamp,
})

const toContent = (item: AgentItem): object => {
  switch (item.kind) {
    case 'text':
      return { content: { parts: [{ text: item.text }], role: 'model' } }
    case 'toolCall':
      return {
        content: {
          parts: [{ functionCall: { id: item.callId, name: item.name, args: item.args } }],
          role: 'model',
        },
      }
    case 'toolResult':
      return {
        content: {
          parts: [{ functionResponse: { id: item.callId, name: item.name, response: item.response } }],
          role: 'user',
        },
      }
    case 'modelError':
      return { errorCode: item.code, errorMessage: item.message }
  }
}

const toFlatEvent = (item: AgentItem): object => {
  switch (item.kind) {
    case 'text':
      return { type: 'text', content: item.text }
    case 'toolCall':
      return { type: 'tool_call', name: item.name, args: item.args }
    case 'toolResult':
      return { type: 'tool_result', name: item.name, result: item.response }
    case 'modelError':
      return { type: 'error', content: item.message }
  }
}

const alphanumerics = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const shortId = (): string =>
  [...randomBytes(8)].map((byte) => alphanumerics[byte % alphanumerics.length]).join('')
