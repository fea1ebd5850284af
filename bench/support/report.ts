import type { DrainMeasure } from './engine.ts'
import { median, quantile, rounded } from './numbers.ts'
import { countPerJob } from './statements.ts'

/** One engine measured once. */
export interface Repetition {
  readonly engine: string
  readonly drain: DrainMeasure | null
  /** What the mock's ledger holds against it. */
  readonly deviations: readonly string[]
  readonly latenciesMs: readonly number[] | null
}

export interface EngineReport {
  readonly engine: string
  readonly jobsPerSecond: number | null
  /** Against the bare loop of the same repetition. */
  readonly drainRatio: number | null
  readonly orchestratorCpuMs: number | null
  readonly storeCpuMs: number | null
  readonly submitsPerSecond: number | null
  readonly ownStatementsPerJob: number | null
  readonly queueStatementsPerJob: number | null
  readonly walBytesPerJob: number | null
  /** Latency of one job at a time beyond the bare loop's median of the same repetition. */
  readonly lightMedianMs: number | null
  readonly lightP99Ms: number | null
  readonly isLedgerExact: boolean
}

/** Medians over repetitions; each is a list of engines in the same order. */
export const toReport = (repetitions: readonly (readonly Repetition[])[]): readonly EngineReport[] =>
  (repetitions[0] ?? []).map(({ engine }) => {
    const own = repetitions.flatMap((each) => each.filter((entry) => entry.engine === engine))
    const drains = own.flatMap(({ drain }) => (drain === null ? [] : [drain]))
    const over = (pick: (drain: DrainMeasure) => number | null): number | null =>
      medianOf(drains.map(pick), 2)
    const statements = drains.map(({ statements, jobs }) =>
      statements.length === 0 ? null : countPerJob(statements, jobs),
    )
    return {
      engine,
      jobsPerSecond: over(({ jobs, seconds }) => jobs / seconds),
      drainRatio: medianOf(
        repetitions.map((each) => drainRatio(each, engine)),
        3,
      ),
      orchestratorCpuMs: over(({ orchestratorCpuMs }) => orchestratorCpuMs),
      storeCpuMs: over(({ storeCpuMs }) => storeCpuMs),
      submitsPerSecond: over(({ submitsPerSecond }) => submitsPerSecond),
      ownStatementsPerJob: medianOf(
        statements.map((count) => count?.own ?? null),
        2,
      ),
      queueStatementsPerJob: medianOf(
        statements.map((count) => count?.queue ?? null),
        2,
      ),
      walBytesPerJob: over(({ walBytesPerJob }) => walBytesPerJob),
      lightMedianMs: medianOf(
        repetitions.map((each) => overhead(each, engine, 0.5)),
        2,
      ),
      lightP99Ms: medianOf(
        repetitions.map((each) => overhead(each, engine, 0.99)),
        2,
      ),
      isLedgerExact: own.every(({ deviations }) => deviations.length === 0),
    }
  })

const medianOf = (values: readonly (number | null)[], digits: number): number | null => {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[]
  return known.length === 0 ? null : rounded(median(known), digits)
}

const drainRatio = (repetition: readonly Repetition[], engine: string): number | null => {
  const rateOf = (name: string) => {
    const drain = repetition.find((entry) => entry.engine === name)?.drain
    return drain ? drain.jobs / drain.seconds : Number.NaN
  }
  return rateOf(engine) / rateOf('bare')
}

const overhead = (repetition: readonly Repetition[], engine: string, share: number): number | null => {
  const latencies = (name: string) => repetition.find((entry) => entry.engine === name)?.latenciesMs ?? []
  return quantile(latencies(engine), share) - median(latencies('bare'))
}

const columns: readonly (readonly [string, (report: EngineReport) => string | number | null])[] = [
  ['engine', ({ engine }) => engine],
  ['jobs/s', ({ jobsPerSecond }) => jobsPerSecond],
  ['× bare', ({ drainRatio }) => drainRatio],
  ['CPU ms/job', ({ orchestratorCpuMs }) => orchestratorCpuMs],
  ['+ store', ({ storeCpuMs }) => storeCpuMs],
  ['submits/s', ({ submitsPerSecond }) => submitsPerSecond],
  ['SQL/job own', ({ ownStatementsPerJob }) => ownStatementsPerJob],
  ['queue', ({ queueStatementsPerJob }) => queueStatementsPerJob],
  ['WAL B/job', ({ walBytesPerJob }) => walBytesPerJob],
  ['light +ms', ({ lightMedianMs }) => lightMedianMs],
  ['p99', ({ lightP99Ms }) => lightP99Ms],
  ['ledger', ({ isLedgerExact }) => (isLedgerExact ? 'exact' : 'OFF')],
]

export const toTable = (reports: readonly EngineReport[]): string => {
  const rows = [
    columns.map(([title]) => title),
    columns.map(() => '---'),
    ...reports.map((report) => columns.map(([, pick]) => String(pick(report) ?? '–'))),
  ]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

const shownStatements = 40

/** What each engine asked of its database, the most expensive first. */
export const describeStatements = (repetition: readonly Repetition[]): string =>
  repetition
    .flatMap(({ engine, drain }) =>
      drain === null || drain.statements.length === 0 ? [] : [{ engine, drain }],
    )
    .map(({ engine, drain: { statements, jobs } }) => {
      const lines = statements
        .slice(0, shownStatements)
        .map(
          ({ calls, totalMs, rows, text }) =>
            `${(calls / jobs).toFixed(3)} calls/job ${(totalMs / jobs).toFixed(3)} ms/job ` +
            `${(totalMs / calls).toFixed(2)} ms/call ${(rows / calls).toFixed(1)} rows  ` +
            text.replace(/\s+/g, ' ').trim().slice(0, 110),
        )
      return [`\n${engine}:`, ...lines].join('\n')
    })
    .join('\n')
