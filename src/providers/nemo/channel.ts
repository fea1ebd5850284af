import { Client as Connection } from 'undici'
import type { Clock } from '../../clock.ts'
import type { MessageChannel, MessageListener, ProviderAccess, SendResult } from '../provider.ts'
import { readText } from './body.ts'
import { tellOfCall } from './call-log.ts'
import { apiEndpoint, createClient, maxJsonBytes } from './client.ts'
import { startDeadline } from './deadline.ts'
import { openEnvelope } from './envelope.ts'
import { causeOf, type OpenedError, toProviderError } from './errors.ts'
import { exchange, type HttpResponse } from './exchange.ts'
import { accessHeaders } from './headers.ts'
import { followStream, type StreamEnd, type StreamListener } from './message-stream.ts'
import { parseRetryAfter } from './retry-after.ts'
import { readCredits, readSession } from './sessions.ts'
import { type StreamTimings, type StreamWatch, startStreamWatch } from './stream-watch.ts'

export interface ChannelOptions {
  readonly apiUrl: URL
  readonly clock: Clock
  readonly timings: StreamTimings & { readonly callTimeoutMs: number }
  /** Told of a frame of a stream that is neither a heartbeat nor readable. */
  readonly onUnreadable: (sizeBytes: number) => void
}

/** Made once: an error of its own for every channel that ends as it should would cost more than the rest of its end. */
const closed = new Error('the channel has been closed')

/**
 * A channel with one connection of its own: the baseline reads warm it, so that the message neither waits for a
 * handshake nor meets a stale socket of a pool. A message is sent once on a channel, and never again by it.
 */
export const openChannel = (
  options: ChannelOptions,
  access: ProviderAccess,
  sessionId: string,
): MessageChannel => {
  const { apiUrl, clock, timings } = options
  const connection = new Connection(apiUrl.origin, {
    pipelining: 1,
    connect: { timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 15_000 },
  })
  const client = createClient({ apiUrl, dispatcher: connection, clock, callTimeoutMs: timings.callTimeoutMs })
  let userId = access.userId ?? null
  let isUsed = false

  return {
    readSession: async (signal) => {
      const state = await readSession(client, access, sessionId, signal)
      userId = state.userId ?? userId
      return state
    },
    readCredits: (signal) => readCredits(client, access, signal),
    send: async (text, listener, signal) => {
      if (isUsed) return { outcome: 'not_sent', cause: 'the channel has been used' }
      isUsed = true
      const message = { connection, access, sessionId, text, listener, userId }
      return sendMessage(options, message, signal)
    },
    close: () => connection.destroy(closed),
  }
}

interface Message {
  readonly connection: Connection
  readonly access: ProviderAccess
  readonly sessionId: string
  readonly text: string
  readonly listener: MessageListener
  readonly userId: string | null
}

const sendMessage = async (
  options: ChannelOptions,
  message: Message,
  signal: AbortSignal,
): Promise<SendResult> => {
  if (signal.aborted) return { outcome: 'not_sent', cause: causeOf(signal.reason) }
  const watch = startStreamWatch(options.clock, options.timings, signal)
  const startedMs = options.clock.monotonicMs()
  let wasWritten = false
  try {
    const exchanged = await exchange(message.connection, toRequest(options.apiUrl, message), watch.signal)
    if (exchanged.outcome === 'failed') {
      tell(options, message, { startedMs, head: null, error: causeOf(exchanged.cause) })
      return { outcome: exchanged.wasWritten ? 'unknown' : 'not_sent', cause: causeOf(exchanged.cause) }
    }
    wasWritten = true
    const result = await readAnswer(options, message, exchanged.response, watch)
    tell(options, message, { startedMs, head: exchanged.response, error: errorOf(result) })
    return result
  } catch (error) {
    return { outcome: wasWritten ? 'unknown' : 'not_sent', cause: causeOf(error) }
  } finally {
    watch.end()
  }
}

/** The call from its head to the end of its stream. The words of the client and of the agent are told elsewhere. */
const tell = (
  { apiUrl, clock }: ChannelOptions,
  { access, text }: Message,
  {
    startedMs,
    head,
    error,
  }: { readonly startedMs: number; readonly head: HttpResponse | null; readonly error: string | null },
): void =>
  tellOfCall({
    operation: 'message',
    method: 'POST',
    url: apiEndpoint(apiUrl, '/run_sse'),
    apiOrigin: apiUrl.origin,
    startedMs,
    endedMs: clock.monotonicMs(),
    request: { contentType: 'application/json', text: null, sizeBytes: Buffer.byteLength(text) },
    response: head && {
      httpStatus: head.httpStatus,
      contentType: head.headers['content-type'] ?? null,
      text: null,
      sizeBytes: null,
    },
    error,
    secret: access.token,
  })

const errorOf = (result: SendResult): string | null => {
  switch (result.outcome) {
    case 'rejected':
      return result.error.message
    case 'unknown':
    case 'broken':
    case 'not_sent':
      return result.cause
    case 'undecided':
    case 'ended':
      return null
  }
}

/** No time-outs of the HTTP client: minutes may pass in silence, and the watch has its own times. */
const toRequest = (apiUrl: URL, { access, sessionId, text, listener }: Message) => ({
  method: 'POST' as const,
  url: apiEndpoint(apiUrl, '/run_sse'),
  headers: {
    ...accessHeaders(access),
    accept: 'text/event-stream',
    'content-type': 'application/json',
  },
  body: JSON.stringify({
    app_name: 'nemo_agent',
    user_id: 'me',
    session_id: sessionId,
    new_message: { parts: [{ text }] },
  }),
  headersTimeoutMs: 0,
  bodyTimeoutMs: 0,
  mayLeave: () => listener.mayLeave(),
})

/** The evidence table of guarantees.md §2.1-4, from the head of the response on. */
const readAnswer = async (
  options: ChannelOptions,
  message: Message,
  response: HttpResponse,
  watch: StreamWatch,
): Promise<SendResult> => {
  const { httpStatus, headers } = response
  const isStream = isSuccess(httpStatus) && !/\bjson\b/i.test(headers['content-type'] ?? '')
  if (isStream) {
    const listener = toStreamListener(options, message)
    return fromStreamEnd(await followStream(response.body, watch, listener), message)
  }
  return readRefusal(options, message, response, watch.signal)
}

const readRefusal = async (
  { clock, timings }: ChannelOptions,
  message: Message,
  { httpStatus, headers, body }: HttpResponse,
  signal: AbortSignal,
): Promise<SendResult> => {
  const deadline = startDeadline(clock, timings.callTimeoutMs, signal)
  const reading = await readText(body, maxJsonBytes, deadline.signal)
  deadline.end()
  const isRefusal = httpStatus >= 400 && httpStatus <= 499
  if (reading.outcome === 'cut' && !isRefusal) return { outcome: 'unknown', cause: causeOf(reading.cause) }
  const opened = openEnvelope({ httpStatus, text: reading.outcome === 'complete' ? reading.text : '' })
  if (opened.isOk || !opened.isJson) return { outcome: 'unknown', cause: 'the answer was no event stream' }
  const retryAfterMs = parseRetryAfter(headers['retry-after'], clock.nowMs())
  return judge(httpStatus, opened, retryAfterMs, message)
}

/** An error answer: the provider said no, or it broke down, which leaves the message undecided. */
const judge = (
  httpStatus: number,
  opened: OpenedError,
  retryAfterMs: number | null,
  { access, userId }: Message,
): SendResult => {
  const isRedirect = httpStatus >= 300 && httpStatus <= 399
  const answer = {
    operation: 'message',
    httpStatus,
    opened,
    retryAfterMs,
    secret: access.token,
    userId,
  } as const
  const error = toProviderError(answer)
  if (error.evidence !== 'answered' && !isRedirect) return { outcome: 'rejected', error }
  const status = isSuccess(httpStatus) ? opened.code : null
  return { outcome: 'undecided', httpStatus: status ?? httpStatus }
}

const isSuccess = (httpStatus: number): boolean => httpStatus >= 200 && httpStatus <= 299

const toStreamListener = (options: ChannelOptions, { listener }: Message): StreamListener => ({
  onAccepted: () => listener.onAccepted(),
  onEvent: (event) => listener.onEvent(event),
  onUnreadable: options.onUnreadable,
})

const fromStreamEnd = (end: StreamEnd, message: Message): SendResult => {
  switch (end.outcome) {
    case 'unaccepted':
      return { outcome: 'unknown', cause: end.cause }
    case 'refused': {
      const opened = {
        isOk: false,
        isJson: true,
        code: end.code,
        message: end.message,
        payload: null,
      } as const
      return judge(200, opened, null, message)
    }
    case 'ended':
    case 'broken':
      return end
  }
}
