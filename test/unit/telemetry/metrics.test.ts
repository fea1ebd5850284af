import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics, type Metrics } from '../../../src/metrics.ts'

let opened: Metrics[] = []
afterEach(() => {
  for (const metrics of opened) metrics.close()
  opened = []
})

const open = (): { metrics: Metrics; unreadable: string[] } => {
  const unreadable: string[] = []
  const metrics = createMetrics({ onUnreadable: (figure) => void unreadable.push(figure) })
  opened.push(metrics)
  return { metrics, unreadable }
}

const linesOf = async (metrics: Metrics, start: string): Promise<string[]> =>
  (await metrics.render()).split('\n').filter((line) => line.startsWith(start))

const deliver = (metrics: Metrics, ms: number) =>
  metrics.state('delivery.attempted', {
    deliveryId: 'dlv_1',
    jobId: null,
    outcome: 'retry',
    httpStatus: 500,
    ms,
  })

describe('metrics', () => {
  test('put durations into buckets, each of which holds all that is shorter', async () => {
    const { metrics } = open()
    for (const ms of [10, 11, 700, 60_000]) deliver(metrics, ms)
    const name = 'clipline_callback_duration_seconds'
    expect(await linesOf(metrics, name)).toEqual([
      `${name}_bucket{outcome="retry",le="0.01"} 1`,
      `${name}_bucket{outcome="retry",le="0.05"} 2`,
      `${name}_bucket{outcome="retry",le="0.1"} 2`,
      `${name}_bucket{outcome="retry",le="0.25"} 2`,
      `${name}_bucket{outcome="retry",le="0.5"} 2`,
      `${name}_bucket{outcome="retry",le="1"} 3`,
      `${name}_bucket{outcome="retry",le="2.5"} 3`,
      `${name}_bucket{outcome="retry",le="5"} 3`,
      `${name}_bucket{outcome="retry",le="15"} 3`,
      `${name}_bucket{outcome="retry",le="+Inf"} 4`,
      `${name}_sum{outcome="retry"} 60.721`,
      `${name}_count{outcome="retry"} 4`,
    ])
    expect(await metrics.render()).toContain(`# TYPE ${name} histogram`)
  })

  test('count facts by their labels, the same however often they are asked for', async () => {
    const { metrics } = open()
    metrics.state('job.finished', { jobId: 'job_1', attempt: 1, state: 'failed', failureCode: 'internal' })
    metrics.state('job.finished', { jobId: 'job_2', attempt: 1, state: 'succeeded', failureCode: null })
    metrics.state('job.finished', { jobId: 'job_3', attempt: 2, state: 'succeeded', failureCode: null })
    const expected = [
      'clipline_jobs_finished_total{state="failed",failure_code="internal"} 1',
      'clipline_jobs_finished_total{state="succeeded",failure_code=""} 2',
    ]
    expect(await linesOf(metrics, 'clipline_jobs_finished_total')).toEqual(expected)
    expect(await linesOf(metrics, 'clipline_jobs_finished_total')).toEqual(expected)
  })

  test('count what is logged as a warning or an error, by kind', async () => {
    const { metrics } = open()
    metrics.state('dispatch.failed', { error: new Error('away') })
    metrics.state('dispatch.rang', { jobs: 1, deliveries: 0 })
    expect(await linesOf(metrics, 'clipline_incidents_total')).toEqual([
      'clipline_incidents_total{fact="dispatch.failed"} 1',
    ])
  })

  test('leave out what cannot be read, say so, and show the rest', async () => {
    const { metrics, unreadable } = open()
    metrics.watch({
      name: 'clipline_test_away',
      help: 'x',
      kind: 'gauge',
      labels: ['state'],
      read: () => Promise.reject(new Error('the database is away')),
    })
    metrics.watch({
      name: 'clipline_test_here',
      help: 'x',
      kind: 'gauge',
      labels: ['state'],
      read: () => [{ labels: { state: 'queued' }, value: 7 }],
    })
    expect(await linesOf(metrics, 'clipline_test_')).toEqual(['clipline_test_here{state="queued"} 7'])
    expect(unreadable).toEqual(['clipline_test_away'])
  })

  test('keep odd words in their labels', async () => {
    const { metrics } = open()
    metrics.state('http.answered', { method: 'GET', route: '/a"b\\c', status: 200, ms: 1 })
    expect(await linesOf(metrics, 'clipline_http_requests_total')).toEqual([
      'clipline_http_requests_total{method="GET",route="/a\\"b\\\\c",status="200"} 1',
    ])
  })
})
