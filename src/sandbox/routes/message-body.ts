import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Refusal } from '../answer.ts'

/** What `/run_sse` is asked (§2.4). */
export interface Message {
  readonly sessionId: string
  readonly userId: string | null
  readonly text: string
  readonly isStreaming: boolean
}

const MessageIn = z.object({
  app_name: z.string(),
  user_id: z.string().nullish(),
  session_id: z.string(),
  new_message: z.object({ parts: z.array(z.object({ text: z.string().nullish() })) }),
  streaming: z.boolean().nullish(),
})

const spellings = {
  appName: 'app_name',
  userId: 'user_id',
  sessionId: 'session_id',
  newMessage: 'new_message',
} as const

/** Reads a body as adk-python does: either spelling of a key, unknown keys ignored, 422 for anything else. */
export const readMessage = (body: unknown): Message | Refusal => {
  const read = MessageIn.safeParse(withSnakeCase(body))
  if (!read.success) return unprocessable(read.error)
  const { session_id, user_id, new_message, streaming } = read.data
  return {
    sessionId: session_id,
    userId: user_id ?? null,
    text: new_message.parts.map((part) => part.text ?? '').join('\n'),
    isStreaming: streaming ?? false,
  }
}

/** What the ledger keeps of a message, readable or not. */
export const messageTrace = (
  body: unknown,
): { readonly session_id: string; readonly text_sha256: string | null } => {
  const message = readMessage(body)
  return 'kind' in message
    ? { session_id: '', text_sha256: null }
    : { session_id: message.sessionId, text_sha256: sha256(message.text) }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const withSnakeCase = (body: unknown): unknown => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      Object.hasOwn(spellings, key) ? spellings[key as keyof typeof spellings] : key,
      value,
    ]),
  )
}

const unprocessable = (error: z.ZodError): Refusal => ({
  kind: 'refusal',
  status: 422,
  reason: '422',
  body: {
    detail: error.issues.map((issue) => ({
      loc: ['body', ...issue.path],
      msg: issue.message,
      type: issue.code,
    })),
  },
})
