/**
 * Traces of jobs for an OpenTelemetry collector: OTLP over HTTP, as JSON. A job is a trace, its stages are the spans.
 * Best effort: spans go out in batches, once; while the collector is away they are dropped, and nothing waits for it.
 * The address is the operator's own, so it is not reached through the guarded client, which is for those of strangers.
 */
import { randomBytes } from 'node:crypto'
import { Agent, request } from 'undici'
import type { Clock } from './clock.ts'
import type { Facts, Telemetry } from './telemetry.ts'

export interface TraceOptions {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT has it: without `/v1/traces`. */
  readonly endpoint: string
  readonly clock: Clock
  readonly version: string
  readonly onDropped: (spans: number, error: unknown) => void
}

export interface Traces extends Telemetry {
  /** Sends what is left, for a moment. */
  close(): Promise<void>
}

const flushEveryMs = 5_000
const mostPerBatch = 512
const mostHeld = 4_096
const timeoutMs = 3_000

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly Attribute[]
  readonly status: { readonly code: number; readonly message?: string }
}

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

export const createTraces = ({ endpoint, clock, version, onDropped }: TraceOptions): Traces => {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const agent = new Agent({ connections: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs })
  let held: Span[] = []
  let overflowing = 0
  let isClosed = false
  let sending: Promise<void> = Promise.resolve()
  let cancelTimer: () => void = () => undefined

  /** Ends with the first batch that the collector does not take: the others wait for the next time, if there is one. */
  const send = async (): Promise<void> => {
    while (held.length > 0) {
      const spans = held.slice(0, mostPerBatch)
      held = held.slice(mostPerBatch)
      const error = await post(url, agent, toExport(spans, version))
      if (error !== null) return drop(spans.length, error)
    }
    if (overflowing > 0) drop(0, new Error('more came than could be sent'))
  }

  const drop = (spans: number, error: unknown): void => {
    const rest = isClosed ? held.length : 0
    if (isClosed) held = []
    onDropped(spans + rest + overflowing, error)
    overflowing = 0
  }

  const flush = (): void => {
    cancelTimer()
    sending = sending.then(send).then(() => {
      cancelTimer()
      if (!isClosed) cancelTimer = clock.after(flushEveryMs, flush)
    })
  }

  const hold = (span: Span): void => {
    if (isClosed || held.length >= mostHeld) overflowing += 1
    else held.push(span)
    if (held.length === mostPerBatch) flush()
  }

  cancelTimer = clock.after(flushEveryMs, flush)
  return {
    state(fact, details) {
      const nowMs = clock.nowMs()
      if (fact === 'attempt.finished') hold(toStageSpan(details as Facts['attempt.finished'], nowMs))
      if (fact === 'job.finished' && ((details as Facts['job.finished']).attempt ?? 1) === 1)
        hold(toJobSpan(details as Facts['job.finished'], nowMs))
    },
    async close() {
      isClosed = true
      cancelTimer()
      await sending.then(send)
      await agent.close()
    },
  }
}

/** Null when the collector took it. */
const post = async (url: string, agent: Agent, body: object): Promise<unknown> => {
  try {
    const { statusCode, body: answer } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    await answer.dump()
    return statusCode < 300 ? null : new Error(`the collector answered ${statusCode}`)
  } catch (error) {
    return error
  }
}

/** The id of a job holds 128 bits, as that of a trace does; the 48 first ones are the time of its creation. */
const traceIdOf = (jobId: string): string => jobId.slice(jobId.indexOf('_') + 1).replaceAll('-', '')
const rootIdOf = (jobId: string): string => traceIdOf(jobId).slice(16)
const createdMsOf = (jobId: string): number => Number.parseInt(traceIdOf(jobId).slice(0, 12), 16)

const internalKind = 1
const isOk = { code: 1 }
const isError = (message: string) => ({ code: 2, message })

const toNanoseconds = (ms: number): string => `${Math.round(ms * 1_000)}000`

const text = (key: string, value: string | null): Attribute[] =>
  value === null ? [] : [{ key, value: { stringValue: value } }]

const toStageSpan = (
  { jobId, stage, messageNo, outcome, ms, failureCode }: Facts['attempt.finished'],
  nowMs: number,
): Span => ({
  traceId: traceIdOf(jobId),
  spanId: randomBytes(8).toString('hex'),
  parentSpanId: rootIdOf(jobId),
  name: stage,
  kind: internalKind,
  startTimeUnixNano: toNanoseconds(nowMs - ms),
  endTimeUnixNano: toNanoseconds(nowMs),
  attributes: [
    ...text('clipline.job.id', jobId),
    ...text('clipline.stage.outcome', outcome),
    ...text('clipline.failure.code', failureCode),
    { key: 'clipline.message.no', value: { intValue: String(messageNo) } },
  ],
  status: failureCode === null ? isOk : isError(failureCode),
})

/** From its creation to its first end; the stages of a redrive come behind it. */
const toJobSpan = ({ jobId, state, failureCode }: Facts['job.finished'], nowMs: number): Span => ({
  traceId: traceIdOf(jobId),
  spanId: rootIdOf(jobId),
  name: 'job',
  kind: internalKind,
  startTimeUnixNano: toNanoseconds(Math.min(createdMsOf(jobId), nowMs)),
  endTimeUnixNano: toNanoseconds(nowMs),
  attributes: [
    ...text('clipline.job.id', jobId),
    ...text('clipline.job.state', state),
    ...text('clipline.failure.code', failureCode),
  ],
  status: failureCode === null ? isOk : isError(failureCode),
})

const toExport = (spans: readonly Span[], version: string) => ({
  resourceSpans: [
    {
      resource: { attributes: [...text('service.name', 'clipline'), ...text('service.version', version)] },
      scopeSpans: [{ scope: { name: 'clipline', version }, spans }],
    },
  ],
})
