/** The calls of a job's attempts as a HAR file (HAR 1.2), for the tools that read such files. */
import { z } from 'zod'
import type { AttemptRecord } from '../../store/attempts.ts'
import type { AttemptCall } from '../../store/writer.ts'
import { callsOf } from './attempt-out.ts'

const NameValue = z.object({ name: z.string(), value: z.string() })

const HarEntry = z.object({
  startedDateTime: z.iso.datetime(),
  time: z.number(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    httpVersion: z.string(),
    cookies: z.array(NameValue),
    headers: z.array(NameValue),
    queryString: z.array(NameValue),
    headersSize: z.int(),
    bodySize: z.int(),
    postData: z.object({ mimeType: z.string(), text: z.string() }).optional(),
  }),
  response: z.object({
    status: z.int().describe('0 where no answer came.'),
    statusText: z.string(),
    httpVersion: z.string(),
    cookies: z.array(NameValue),
    headers: z.array(NameValue),
    content: z.object({ size: z.int(), mimeType: z.string(), text: z.string().optional() }),
    redirectURL: z.string(),
    headersSize: z.int(),
    bodySize: z.int(),
  }),
  cache: z.object({}),
  timings: z.object({ send: z.number(), wait: z.number(), receive: z.number() }),
  comment: z.string(),
})

export const HarOut = z
  .object({
    log: z.object({
      version: z.literal('1.2'),
      creator: z.object({ name: z.string(), version: z.string() }),
      entries: z.array(HarEntry),
    }),
  })
  .meta({ id: 'Har', description: 'An HTTP archive, version 1.2.' })

/** The provider’s own origin is nobody’s business here; a HAR file wants one. */
const providerOrigin = 'https://provider.invalid'
const unknownSize = -1

export const toHarOut = (attempts: readonly AttemptRecord[], version: string): z.output<typeof HarOut> => ({
  log: {
    version: '1.2',
    creator: { name: 'Clipline', version },
    entries: attempts.flatMap((attempt) => callsOf(attempt).calls.map((call) => toEntry(attempt, call))),
  },
})

const toEntry = (attempt: AttemptRecord, call: AttemptCall): z.output<typeof HarEntry> => {
  const { request, response } = call
  const type = request.content_type ?? 'application/octet-stream'
  const failure = call.error === null ? '' : `: ${call.error}`
  return {
    startedDateTime: new Date(attempt.startedAt.getTime() + call.at_ms).toISOString(),
    time: call.ms,
    request: {
      method: call.method,
      url: call.path.startsWith('/') ? `${providerOrigin}${call.path}` : call.path,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: toHeaders(request.content_type),
      queryString: [],
      headersSize: unknownSize,
      bodySize: request.size_bytes ?? unknownSize,
      ...(request.body !== null && { postData: { mimeType: type, text: request.body } }),
    },
    response: {
      status: response?.status ?? 0,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: toHeaders(response?.content_type ?? null),
      content: {
        size: Math.max(0, response?.size_bytes ?? 0),
        mimeType: response?.content_type ?? 'x-unknown',
        ...(response !== null && response.body !== null && { text: response.body }),
      },
      redirectURL: '',
      headersSize: unknownSize,
      bodySize: response?.size_bytes ?? unknownSize,
    },
    cache: {},
    timings: { send: 0, wait: call.ms, receive: 0 },
    comment: `${attempt.stage}, attempt ${attempt.attempt}, try ${attempt.try}, ${call.operation}${failure}`,
  }
}

const toHeaders = (contentType: string | null) =>
  contentType === null ? [] : [{ name: 'content-type', value: contentType }]
