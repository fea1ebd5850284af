import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { createTraces, type Traces } from '../../../src/traces.ts'
import { createManualClock } from '../../support/clock.ts'

const jobId = 'job_0198c0de-7000-7000-8000-000000000001'
const traceId = '0198c0de700070008000000000000001'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly startTimeUnixNano: string
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[]
}

let closeServer: () => Promise<unknown> = async () => undefined
afterEach(() => closeServer())

const startCollector = async (status = 200) => {
  const exports: Span[][] = []
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      exports.push([...((body as Export).resourceSpans[0]?.scopeSpans[0]?.spans ?? [])])
      response.writeHead(status).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeServer = () => new Promise((resolve) => server.close(resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, exports }
}

const open = (endpoint: string) => {
  const clock = createManualClock()
  const dropped: number[] = []
  const traces = createTraces({
    endpoint,
    clock,
    version: '1.0.0',
    onDropped: (spans) => void dropped.push(spans),
  })
  return { clock, dropped, traces }
}

const tryStage = (traces: Traces, stage = 'render') =>
  traces.state('attempt.finished', {
    jobId,
    stage,
    messageNo: 0,
    outcome: 'done',
    ms: 40,
    failureCode: null,
    note: 'words of the provider',
  })

describe('traces', () => {
  test('tell of a job under its own id, from its creation on, and of nothing that anybody wrote', async () => {
    const { url, exports } = await startCollector()
    const { traces } = open(`${url}/`)
    tryStage(traces)
    traces.state('job.finished', { jobId, attempt: 1, state: 'succeeded', failureCode: null })
    await traces.close()
    const spans = exports.flat()
    expect(spans.map(({ name, traceId: of }) => [name, of])).toEqual([
      ['render', traceId],
      ['job', traceId],
    ])
    expect(JSON.stringify(exports)).not.toContain('words')
  })

  test('have one span for the job itself, however often it is redriven', async () => {
    const { url, exports } = await startCollector()
    const { traces } = open(url)
    for (const attempt of [1, 2, 3])
      traces.state('job.finished', { jobId, attempt, state: 'failed', failureCode: 'internal' })
    await traces.close()
    expect(exports.flat()).toHaveLength(1)
  })

  test('go out in batches', async () => {
    const { url, exports } = await startCollector()
    const { traces } = open(url)
    for (let no = 0; no < 1_100; no += 1) tryStage(traces)
    await traces.close()
    expect(exports.map(({ length }) => length)).toEqual([512, 512, 76])
  })

  test('are dropped when the collector does not want them, and counted', async () => {
    const { url, exports } = await startCollector(503)
    const { traces, dropped } = open(url)
    tryStage(traces)
    await traces.close()
    expect([exports.length, dropped]).toEqual([1, [1]])
  })

  test('are dropped while the collector is away, and held up to a bound before', async () => {
    const { traces, dropped } = open('http://127.0.0.1:1')
    for (let no = 0; no < 5_000; no += 1) tryStage(traces)
    await traces.close()
    expect(dropped.reduce((sum, spans) => sum + spans, 0)).toBe(5_000)
  })
})
