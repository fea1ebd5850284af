/**
 * What can be counted, as Prometheus reads it. Facts are counted as they are stated; what only has a state is read when
 * somebody asks. No label names a tenant, a key or a job: their number has no bound, and their names are not everybody's.
 */
import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import { createCount, createHistogram, createSum } from './fact-sums.ts'
import { type FactName, type Facts, isIncident, type Telemetry } from './telemetry.ts'

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** A figure that is read when somebody asks for it. */
export interface Figure {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly labels?: readonly string[]
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>
}

export interface Metrics extends Telemetry {
  readonly contentType: string
  /** A figure that cannot be read is left out, and the others are told. */
  watch(figure: Figure): void
  render(): Promise<string>
  close(): void
}

const seconds = {
  http: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  attempt: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 900],
  call: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 30, 60, 300, 900],
  callback: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
}

export const createMetrics = ({
  onUnreadable,
}: {
  readonly onUnreadable: (figure: string, error: unknown) => void
}): Metrics => {
  const registry = new Registry()
  const handlers = countFacts(registry)
  const incidents = createCount({
    registry,
    name: 'clipline_incidents_total',
    help: 'Facts that were logged as warnings or errors.',
    labels: ['fact'],
  })
  const lag = monitorEventLoopDelay({ resolution: 20 })
  lag.enable()

  const watch = ({ name, help, kind, labels = [], read }: Figure): void => {
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    const collect = async (set: (sample: Sample) => void): Promise<void> => {
      try {
        for (const sample of await read()) set(sample)
      } catch (error) {
        onUnreadable(name, error)
      }
    }
    if (kind === 'gauge')
      new Gauge({
        ...options,
        async collect() {
          this.reset()
          await collect(({ labels: of = {}, value }) => this.set(of, value))
        },
      })
    else
      new Counter({
        ...options,
        async collect() {
          this.reset()
          await collect(({ labels: of = {}, value }) => this.inc(of, value))
        },
      })
  }
  for (const figure of processFigures(lag)) watch(figure)

  return {
    contentType: registry.contentType,
    state(fact, details) {
      ;(handlers[fact] as ((details: unknown) => void) | undefined)?.(details)
      if (isIncident(fact)) incidents(fact)
    },
    watch,
    render: () => registry.metrics(),
    close: () => lag.disable(),
  }
}

type Handlers = { readonly [N in FactName]?: (details: Facts[N]) => void }

const countFacts = (registry: Registry): Handlers => {
  const count = (name: string, help: string, labels: readonly string[]) =>
    createCount({ registry, name, help, labels })
  const time = (name: string, help: string, labels: readonly string[], buckets: readonly number[]) =>
    createHistogram({ registry, name, help, labels, buckets })

  const requests = count('clipline_http_requests_total', 'Requests that were answered.', [
    'method',
    'route',
    'status',
  ])
  const requestSeconds = time(
    'clipline_http_request_duration_seconds',
    'From a request to the end of its answer; waits and streams last as long as they are asked to.',
    ['method', 'route'],
    seconds.http,
  )
  const jobs = count('clipline_jobs_finished_total', 'Jobs that ended.', ['state', 'failure_code'])
  const attempts = time(
    'clipline_attempt_duration_seconds',
    'Tries of stages by their outcome: done, wait, fail, canceled or released.',
    ['stage', 'outcome'],
    seconds.attempt,
  )
  const failures = count('clipline_attempt_failures_total', 'Tries of stages that failed.', [
    'stage',
    'failure_code',
  ])
  const calls = time(
    'clipline_provider_call_duration_seconds',
    'Calls to the provider; the outcome is ok, the ending of a message, or a failure code.',
    ['operation', 'outcome'],
    seconds.call,
  )
  const callbacks = time(
    'clipline_callback_duration_seconds',
    'Tries to deliver callbacks by their outcome: delivered, gone, retry or refused.',
    ['outcome'],
    seconds.callback,
  )
  const unexplained = createSum({
    registry,
    name: 'clipline_credits_unexplained_total',
    help: 'Credits taken from or added to provider accounts that no message of theirs explains.',
    labels: ['direction'],
  })
  return {
    'http.answered': ({ method, route, status, ms }) => {
      requests(method, route, String(status))
      requestSeconds(ms / 1_000, method, route)
    },
    'job.finished': ({ state, failureCode }) => jobs(state, failureCode ?? ''),
    'attempt.finished': ({ stage, outcome, failureCode, ms }) => {
      attempts(ms / 1_000, stage, outcome)
      if (failureCode !== null) failures(stage, failureCode)
    },
    'provider.answered': ({ operation, outcome, ms }) => calls(ms / 1_000, operation, outcome),
    'credits.unexplained': ({ credits }) => unexplained(credits, 'taken'),
    'credits.added': ({ credits }) => unexplained(credits, 'added'),
    'delivery.attempted': ({ outcome, ms }) => callbacks(ms / 1_000, outcome),
  }
}

const nanosecondsPerSecond = 1e9

/** Under the names that dashboards for Node know. */
const processFigures = (lag: ELDHistogram): Figure[] => [
  {
    name: 'nodejs_eventloop_lag_seconds',
    help: 'Delay of the event loop since it was last asked for.',
    kind: 'gauge',
    labels: ['quantile'],
    read: () => {
      const samples = ([50, 99, 100] as const).map((percentile) => ({
        labels: { quantile: String(percentile / 100) },
        value: lag.count === 0 ? 0 : lag.percentile(percentile) / nanosecondsPerSecond,
      }))
      lag.reset()
      return samples
    },
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process.',
    kind: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage()
      return [{ value: (user + system) / 1e6 }]
    },
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process holds.',
    kind: 'gauge',
    read: () => [{ value: process.memoryUsage.rss() }],
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory that live objects take.',
    kind: 'gauge',
    read: () => [{ value: process.memoryUsage().heapUsed }],
  },
  {
    name: 'process_uptime_seconds',
    help: 'How long the process has run.',
    kind: 'gauge',
    read: () => [{ value: process.uptime() }],
  },
]
