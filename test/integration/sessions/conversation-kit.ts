/** What the tests of conversations say and hear, with the whole service and its sandbox behind it. */
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { JobOut } from '../../../src/api/schemas/job-out.ts'
import type { AnswerOut, MessageOut } from '../../../src/api/schemas/message-out.ts'
import type { SessionOut } from '../../../src/api/schemas/session-out.ts'
import type { TestBed } from '../../support/app.ts'

export interface Heard<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

type Fields = Readonly<Record<string, unknown>>

export interface Conversation {
  readonly id: string
  /** Sends a message and returns what is answered at once. */
  say(message: string | Fields, headers?: Record<string, string>): Promise<Heard<AnswerOut>>
  /** Sends a message and waits for the end of its job. */
  ask(message: string | Fields): Promise<Heard<AnswerOut>>
  /** The same as a stream, to its end. */
  stream(message: string | Fields, headers?: Record<string, string>): Promise<EventSourceMessage[]>
  get<Body>(path?: string): Promise<Heard<Body>>
  read(): Promise<SessionOut>
  history(): Promise<MessageOut[]>
}

const toInit = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

export const post = async <Body>(
  bed: TestBed,
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<Heard<Body>> => hear(await bed.fetch(path, toInit(body, headers)))

const hear = async <Body>(response: Response): Promise<Heard<Body>> => {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : text) as Body,
  }
}

export const begin = async (bed: TestBed, body: Fields = {}): Promise<Conversation> => {
  const { body: session } = await post<SessionOut>(bed, '/v1/sessions', body)
  const place = `/v1/sessions/${session.id}`
  const toBody = (message: string | Fields) => (typeof message === 'string' ? { text: message } : message)
  const say: Conversation['say'] = (message, headers) =>
    post(bed, `${place}/messages`, toBody(message), headers)
  const get = async <Body>(path = ''): Promise<Heard<Body>> => hear(await bed.fetch(`${place}${path}`))
  return {
    id: session.id,
    say,
    ask: (message) => say(message, { prefer: 'wait=60' }),
    async stream(message, headers) {
      const accept = { accept: 'text/event-stream', ...headers }
      const response = await bed.fetch(`${place}/messages`, toInit(toBody(message), accept))
      return toEvents(await response.text())
    },
    get,
    read: async () => (await get<SessionOut>()).body,
    history: async () => (await get<{ data: MessageOut[] }>('/messages?limit=100')).body.data,
  }
}

const toEvents = (text: string): EventSourceMessage[] => {
  const events: EventSourceMessage[] = []
  createParser({ onEvent: (event) => events.push(event) }).feed(text)
  return events
}

/** The job of an answer that must have one. */
export const jobOf = ({ body }: Heard<AnswerOut>): JobOut => {
  if (body.job === undefined) throw new Error(`there is no job: ${JSON.stringify(body)}`)
  return body.job
}

/** The job once it has ended. */
export const finish = async (bed: TestBed, jobId: string): Promise<JobOut> => {
  const { status, body } = await hear<JobOut>(
    await bed.fetch(`/v1/jobs/${jobId}`, { headers: { prefer: 'wait=60' } }),
  )
  if (status !== 200) throw new Error(`job ${jobId} has not ended: ${body.state} in ${body.stage}`)
  return body
}
