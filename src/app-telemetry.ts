/** What the service tells of itself: where facts go, and the figures that are read when somebody asks. */
import type { Logger } from 'pino'
import type { AppSettings } from './app-settings.ts'
import type { Clock } from './clock.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Store } from './store/client.ts'
import { createQueueDepthStore } from './store/queue-depths.ts'
import { logTelemetry, type Telemetry, tellAll } from './telemetry.ts'
import { createTraces, type Traces } from './traces.ts'
import { version } from './version.ts'

export interface OpenTelemetry {
  readonly telemetry: Telemetry
  readonly metrics: Metrics
  readonly traces: Traces | null
}

/** Every fact goes to the log, into the metrics, and into the traces where somebody collects them. */
export const openTelemetry = ({ traceEndpoint }: AppSettings, clock: Clock, log: Logger): OpenTelemetry => {
  const logged = logTelemetry(log)
  const metrics = createMetrics({
    onUnreadable: (figure, error) => logged.state('metrics.unreadable', { figure, error }),
  })
  const counted = tellAll([logged, metrics])
  if (traceEndpoint === null) return { telemetry: counted, metrics, traces: null }
  const onDropped = (spans: number, error: unknown) => counted.state('traces.dropped', { spans, error })
  const traces = createTraces({ endpoint: traceEndpoint, clock, version, onDropped })
  return { telemetry: tellAll([counted, traces]), metrics, traces }
}

/** The connections of this process, and the lines of the whole fleet, as some worker has counted them. */
export const watchStores = (metrics: Metrics, stores: readonly [Store, ...Store[]]): void => {
  const pools = {
    main: stores.map(({ pool }) => pool),
    jobs: stores.map(({ jobPool }) => jobPool),
    leases: stores.map(({ leasePool }) => leasePool),
  }
  // Before what asks the database for its figures, which would wait among the others.
  metrics.watch({
    name: 'clipline_database_connections',
    help: 'Connections of this process by pool: open, idle, and requests that wait for one.',
    kind: 'gauge',
    labels: ['pool', 'state'],
    read: () =>
      Object.entries(pools).flatMap(([pool, those]) => [
        { labels: { pool, state: 'open' }, value: sumOf(those.map(({ totalCount }) => totalCount)) },
        { labels: { pool, state: 'idle' }, value: sumOf(those.map(({ idleCount }) => idleCount)) },
        { labels: { pool, state: 'waiting' }, value: sumOf(those.map(({ waitingCount }) => waitingCount)) },
      ]),
  })
  const depths = createQueueDepthStore({ pool: stores[0].pool })
  metrics.watch({
    name: 'clipline_queue_jobs',
    help: 'Jobs by state, of the whole fleet, counted every few seconds; jobs for later are left out.',
    kind: 'gauge',
    labels: ['state'],
    read: async () => (await depths.read()).map(({ state, jobs }) => ({ labels: { state }, value: jobs })),
  })
  metrics.watch({
    name: 'clipline_queue_oldest_due_seconds',
    help: 'For how long the job that has been due longest has been due; only where some are.',
    kind: 'gauge',
    labels: ['state'],
    read: async () =>
      (await depths.read()).flatMap(({ state, oldestMs }) =>
        oldestMs === null ? [] : [{ labels: { state }, value: oldestMs / 1_000 }],
      ),
  })
}

const sumOf = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0)

export interface BatchedWrites {
  readonly stats: { readonly statements: number; readonly operations: number }
}

/** Counts what batched writers do. The returned function adds one of them, under a name of its own. */
export const watchWrites = (metrics: Metrics): ((name: string, writes: BatchedWrites) => void) => {
  const writers = new Map<string, BatchedWrites>()
  for (const what of ['statements', 'operations'] as const)
    metrics.watch({
      name: `clipline_write_${what}_total`,
      help: `Batched writes: ${what}. Operations over statements is the size of a batch.`,
      kind: 'counter',
      labels: ['writer'],
      read: () => [...writers].map(([writer, { stats }]) => ({ labels: { writer }, value: stats[what] })),
    })
  return (name, writes) => void writers.set(name, writes)
}
