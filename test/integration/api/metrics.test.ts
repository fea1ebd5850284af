import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestBed, type TestBed } from '../../support/app.ts'

/** A collector as OpenTelemetry has it, on a port of its own. */
const startCollector = async () => {
  const requests: { url: string | undefined; body: unknown }[] = []
  let arrived: () => void = () => undefined
  const server = createServer((request: IncomingMessage, response) => {
    void json(request).then((body) => {
      requests.push({ url: request.url, body })
      response.end('{}')
      arrived()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async spans(isEnough: (spans: readonly Span[]) => boolean): Promise<readonly Span[]> {
      for (;;) {
        const spans = requests.flatMap(({ body }) => spansOf(body))
        if (isEnough(spans)) return spans
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
}

const spansOf = (body: unknown): Span[] =>
  (body as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans),
  )

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the service', () => {
  let bed: TestBed
  let workerPort: number
  let collector: Awaited<ReturnType<typeof startCollector>>

  beforeAll(async () => {
    workerPort = await freePort()
    collector = await startCollector()
    bed = await startTestBed({
      config: { WORKER_PORT: workerPort, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    })
  })
  afterAll(async () => {
    await bed?.stop()
    await collector?.close()
  })

  const finish = async (body: object) => {
    const submitted = await bed.fetch('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify({ prompt: 'a fox in the snow', ...body }),
    })
    return (await submitted.json()) as { readonly id: string; readonly state: string }
  }

  const readMetrics = async (): Promise<string> => {
    const response = await bed.fetch('/metrics')
    expect(response.status).toBe(200)
    return response.text()
  }

  /** The value of a line, by its name and labels as they stand there. */
  const figureOf = (text: string, name: string): number => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `))
    return Number(line?.slice(name.length + 1))
  }

  /** A job's end is told to its client before its worker has counted it. */
  const reaches = async (name: string, figure: number): Promise<void> => {
    while (figureOf(await readMetrics(), name) !== figure);
  }

  test('counts requests, jobs, tries of stages, calls to the provider and batched writes', async () => {
    const job = await finish({ tags: ['secret-project'] })
    expect(job.state).toBe('succeeded')
    await bed.fetch(`/v1/jobs/${job.id}`)
    await bed.fetch('/v1/nothing/here')
    await reaches('clipline_jobs_finished_total{state="succeeded",failure_code=""}', 1)
    const text = await readMetrics()
    const value = (name: string) => figureOf(text, name)
    expect(value('clipline_http_requests_total{method="POST",route="/v1/jobs",status="200"}')).toBe(1)
    expect(value('clipline_http_requests_total{method="GET",route="/v1/jobs/:id",status="200"}')).toBe(1)
    expect(value('clipline_http_requests_total{method="GET",route="none",status="404"}')).toBe(1)
    expect(value('clipline_http_request_duration_seconds_count{method="POST",route="/v1/jobs"}')).toBe(1)
    expect(value('clipline_attempt_duration_seconds_count{stage="generate",outcome="done"}')).toBe(1)
    expect(
      value('clipline_provider_call_duration_seconds_count{operation="send_message",outcome="ended"}'),
    ).toBe(1)
    expect(
      value('clipline_provider_call_duration_seconds_count{operation="create_session",outcome="ok"}'),
    ).toBe(1)
    expect(value('clipline_write_operations_total{writer="jobs"}')).toBeGreaterThan(3)
    expect(value('clipline_write_operations_total{writer="new_jobs"}')).toBe(1)
    expect(value('clipline_write_operations_total{writer="permits"}')).toBeGreaterThan(0)
    expect(value('clipline_leases_held')).toBeGreaterThanOrEqual(0)
    expect(value('clipline_queue_jobs{state="queued"}')).toBeGreaterThanOrEqual(0)
    expect(value('clipline_database_connections{pool="main",state="waiting"}')).toBe(0)
    expect(value('nodejs_eventloop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
  })

  test('counts ends that no worker wrote', async () => {
    const canceled = await bed.fetch('/v1/jobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a fox', run_at: new Date(Date.now() + 86_400_000).toISOString() }),
    })
    const { id } = (await canceled.json()) as { id: string }
    await bed.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' })
    await reaches('clipline_jobs_finished_total{state="canceled",failure_code=""}', 1)
  })

  test('names no tenant, job, key, tag or path of a client in any label', async () => {
    const job = await finish({ tags: ['secret-project'] })
    await bed.fetch('/v1/secret-path?token=secret-token')
    const text = await readMetrics()
    for (const word of [job.id, 'secret', 'ten_', 'key_', 'clk_', 'nmv_']) expect(text).not.toContain(word)
  })

  test('gives its metrics to nobody without the scope admin, and on the port of the worker to everybody', async () => {
    expect((await fetch(`${bed.url}/metrics`)).status).toBe(401)
    const made = await bed.fetch('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'reader', scopes: ['jobs:read', 'usage:read'] }),
    })
    const { key } = (await made.json()) as { key: string }
    expect((await bed.fetch('/metrics', { headers: { authorization: `Bearer ${key}` } })).status).toBe(403)
    const response = await fetch(`http://127.0.0.1:${workerPort}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await response.text()).toMatch(/^clipline_leases_held \d+$/m)
  })

  test('sends the collector a trace of each job: its stages, under the job', async () => {
    const job = await finish({})
    const traceId = job.id.slice(4).replaceAll('-', '')
    const spans = await collector.spans((all) =>
      all.some((span) => span.traceId === traceId && span.name === 'job'),
    )
    expect(new Set(collector.requests.map(({ url }) => url))).toEqual(new Set(['/v1/traces']))
    const ours = spans.filter((span) => span.traceId === traceId)
    const root = ours.find(({ name }) => name === 'job')
    const stages = ours.filter(({ name }) => name !== 'job')
    expect(new Set(stages.map(({ name }) => name))).toEqual(
      new Set(['auth', 'session', 'generate', 'confirm', 'export', 'render', 'deliver']),
    )
    for (const span of stages) {
      expect(span.parentSpanId).toBe(root?.spanId)
      expect(BigInt(span.startTimeUnixNano) <= BigInt(span.endTimeUnixNano)).toBe(true)
    }
  })
})
