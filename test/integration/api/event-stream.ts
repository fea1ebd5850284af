/** A client of event streams that reads frames one by one, as a browser's EventSource does. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { noteAnswer } from '../../support/watched-fetch.ts'

export interface StreamClient {
  readonly statusCode: number
  readonly headers: IncomingMessage['headers']
  /** The next event, in order. Rejects when the stream has ended instead. */
  next(): Promise<EventSourceMessage>
  /** Every event until the stream ends. */
  rest(): Promise<EventSourceMessage[]>
  /** Comments and reconnection times so far. */
  readonly comments: string[]
  readonly retries: number[]
  readonly ended: Promise<void>
  pause(): void
  disconnect(): void
}

export const openStream = (url: string, headers: Record<string, string>): Promise<StreamClient> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { accept: 'text/event-stream', ...headers }, agent: false })
    sent.on('error', reject)
    sent.on('response', (response) => {
      const contentType = response.headers['content-type'] ?? null
      noteAnswer({ method: 'GET', url, statusCode: response.statusCode ?? 0, contentType })
      resolve(read(sent, response))
    })
    sent.end()
  })

const read = (sent: ClientRequest, response: IncomingMessage): StreamClient => {
  const waiting: ((event: EventSourceMessage | null) => void)[] = []
  const events: EventSourceMessage[] = []
  const comments: string[] = []
  const retries: number[] = []
  let isEnded = false
  const parser = createParser({
    onEvent: (event) => {
      const first = waiting.shift()
      if (first) first(event)
      else events.push(event)
    },
    onComment: (comment) => comments.push(comment),
    onRetry: (ms) => retries.push(ms),
  })
  const ended = new Promise<void>((resolve) => {
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => parser.feed(chunk))
    response.on('close', () => {
      isEnded = true
      for (const give of waiting.splice(0)) give(null)
      resolve()
    })
    response.on('error', () => response.destroy())
    sent.on('error', () => response.destroy())
  })
  const take = (): Promise<EventSourceMessage | null> =>
    new Promise((resolve) => {
      const event = events.shift()
      if (event !== undefined) resolve(event)
      else if (isEnded) resolve(null)
      else waiting.push(resolve)
    })
  return {
    statusCode: response.statusCode ?? 0,
    headers: response.headers,
    comments,
    retries,
    ended,
    async next() {
      const event = await take()
      if (event === null) throw new Error('the stream has ended')
      return event
    },
    async rest() {
      const all: EventSourceMessage[] = []
      for (let event = await take(); event !== null; event = await take()) all.push(event)
      return all
    },
    pause: () => void response.pause(),
    disconnect: () => void sent.destroy(),
  }
}
