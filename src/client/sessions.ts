import { randomUUID } from 'node:crypto'
import { type FollowOptions, followStream } from './follow.ts'
import { pages } from './lists.ts'
import type {
  Answer,
  ExportRequest,
  Job,
  JobEvent,
  MessageRequest,
  Session,
  SessionMessage,
  SessionRequest,
  Timeline,
} from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'

export interface SayOptions extends FollowOptions {
  /** Makes a later call with the same key and message answer what this one made. */
  readonly idempotencyKey?: string
  /** Is told at once what the message was taken for, with the job where there is one. */
  readonly onAccepted?: (answer: Answer) => void
  /** Is told each event of the job. */
  readonly onEvent?: (event: JobEvent) => void
  /** Is told, every two minutes of silence, that it still goes on. */
  readonly onNote?: (text: string) => void
}

export interface Sessions {
  /** Begins a conversation: many messages about one draft. */
  create(request?: SessionRequest): Promise<Session>
  get(sessionId: string): Promise<Session>
  list(): AsyncGenerator<Session, void, undefined>
  /**
   * Says something and waits for the reply, over as many connections as it takes; the message is taken once. What costs
   * credits becomes a job, which is told of by `onEvent`; the answer holds it as it ended.
   */
  say(sessionId: string, message: string | MessageRequest, options?: SayOptions): Promise<Answer>
  /** Says something and does not wait: the answer holds the job that was made, if any. */
  send(
    sessionId: string,
    message: string | MessageRequest,
    options?: { readonly idempotencyKey?: string },
  ): Promise<Answer>
  /** What was said, oldest first. */
  messages(sessionId: string): AsyncGenerator<SessionMessage, void, undefined>
  /** What the draft holds now. */
  timeline(sessionId: string): Promise<Timeline>
  /** The text tracks of the draft as a file. */
  subtitles(sessionId: string, format: 'srt' | 'vtt'): Promise<string>
  /** Makes a job that renders the draft. It costs no credits. */
  export(sessionId: string, request?: ExportRequest): Promise<Job>
  /** The jobs that made a file, newest first. */
  exports(sessionId: string): AsyncGenerator<Job, void, undefined>
}

const toRequest = (message: string | MessageRequest): MessageRequest =>
  typeof message === 'string' ? { text: message } : message

export const createSessions = (transport: Transport): Sessions => {
  const { http, open } = transport
  const at = (id: string) => ({ params: { path: { id } } })
  const keyed = (id: string, key: string = randomUUID()) => ({
    params: { path: { id }, header: { 'Idempotency-Key': key } },
  })

  return {
    create: (request = {}) =>
      unwrap(
        http.POST('/v1/sessions', {
          params: { header: { 'Idempotency-Key': randomUUID() } },
          body: request,
        }),
      ),
    get: (id) => unwrap(http.GET('/v1/sessions/{id}', at(id))),
    list: () => pages((page) => http.GET('/v1/sessions', { params: { query: page } })),

    say: (id, message, options = {}) => say(transport, id, toRequest(message), options),

    async send(id, message, { idempotencyKey } = {}) {
      const body = toRequest(message)
      const answer = await unwrap(
        http.POST('/v1/sessions/{id}/messages', { ...keyed(id, idempotencyKey), body }),
      )
      return answer as Answer
    },

    messages: (id) =>
      pages(({ limit, cursor }) =>
        http.GET('/v1/sessions/{id}/messages', {
          params: {
            path: { id },
            query: { limit, ...(cursor !== undefined && { cursor: Number(cursor) }) },
          },
        }),
      ),

    async timeline(id) {
      return (await unwrap(http.GET('/v1/sessions/{id}/timeline', at(id)))) as Timeline
    },

    async subtitles(id, format) {
      const response = await open(`/v1/sessions/${encodeURIComponent(id)}/timeline?format=${format}`)
      return response.text()
    },

    export: (id, request = {}) =>
      unwrap(http.POST('/v1/sessions/{id}/exports', { ...keyed(id), body: request })),

    exports: (id) =>
      pages((query) => http.GET('/v1/sessions/{id}/exports', { params: { path: { id }, query } })),
  }
}

/** The stream of an answer, which the same request takes up again: its key keeps the message from being taken twice. */
const say = async (
  { open }: Transport,
  id: string,
  request: MessageRequest,
  { idempotencyKey = randomUUID(), onAccepted, onEvent, onNote, ...options }: SayOptions,
): Promise<Answer> => {
  let seq = 0
  let isAccepted = false
  let done: Answer | null = null
  const stream = followStream<never>({
    ...options,
    isOver: () => done !== null,
    open: () =>
      open(`/v1/sessions/${encodeURIComponent(id)}/messages`, {
        method: 'POST',
        headers: {
          accept: 'text/event-stream',
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
        },
        body: JSON.stringify(request),
        signal: options.signal,
      }),
    read({ event, data }) {
      const told = JSON.parse(data)
      if (event === 'done') done = told as Answer
      else if (event === 'note') onNote?.((told as { readonly text: string }).text)
      else if (event === 'accepted') {
        if (!isAccepted) onAccepted?.(told as Answer)
        isAccepted = true
      } else if (event !== 'gap' && (told as JobEvent).seq > seq) {
        seq = (told as JobEvent).seq
        onEvent?.(told as JobEvent)
      }
      return null
    },
  })
  await stream.next()
  return done as unknown as Answer
}
