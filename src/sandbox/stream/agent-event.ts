import type { ErrorFrame } from './error-frames.ts'

/** What an agent's turn says, before a dialect gives it a form on the wire. */
export type AgentEvent =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'toolCall'
      readonly callId: string
      readonly name: string
      readonly args: Readonly<Record<string, unknown>>
    }
  | {
      readonly kind: 'toolResult'
      readonly callId: string
      readonly name: string
      readonly response: Readonly<Record<string, unknown>>
      readonly stateDelta?: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'modelError'; readonly code: string; readonly message: string }
  | { readonly kind: 'exception'; readonly variant: ErrorFrame; readonly text: string }
