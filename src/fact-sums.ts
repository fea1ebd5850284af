/**
 * Counters and histograms for what is counted at every step of every job: a fact costs an addition or two. The library
 * hashes the labels at each call, which takes ten times as long; here it only sees the sums, when somebody asks.
 */
import { Counter, type Metric, type Registry } from 'prom-client'

export interface SumOptions {
  readonly registry: Registry
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

interface Labeled {
  readonly labels: Readonly<Record<string, string>>
}

/** What is summed up for each combination of labels; made when it first occurs. */
const createSums = <Sum extends object>(names: readonly string[], empty: () => Sum) => {
  const sums = new Map<string, Sum & Labeled>()
  return {
    all: () => [...sums.values()],
    of(values: readonly string[]): Sum {
      const key = values.length === 1 ? (values[0] ?? '') : values.join('\n')
      const known = sums.get(key)
      if (known !== undefined) return known
      const labels = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
      const made = { ...empty(), labels }
      sums.set(key, made)
      return made
    },
  }
}

/** Counts one more of the given labels, which stand in the order of their names. */
export type Count = (...labels: string[]) => void

export const createCount = (options: SumOptions): Count => {
  const add = createSum(options)
  return (...values) => add(1, ...values)
}

/** Adds so much to what is summed up for the given labels. */
export type Add = (amount: number, ...labels: string[]) => void

export const createSum = ({ registry, name, help, labels }: SumOptions): Add => {
  const sums = createSums(labels, () => ({ value: 0 }))
  new Counter({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels: of, value } of sums.all()) this.inc(of, value)
    },
  })
  return (amount, ...values) => {
    sums.of(values).value += amount
  }
}

/** Notes that something took so many seconds. */
export type Observe = (seconds: number, ...labels: string[]) => void

export const createHistogram = ({
  registry,
  name,
  help,
  labels,
  buckets,
}: SumOptions & { readonly buckets: readonly number[] }): Observe => {
  const sums = createSums(labels, () => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }))
  const samples = () =>
    sums.all().flatMap(({ labels: of, counts, count, sum }) => {
      let below = 0
      const steps = buckets.map((le, index) => {
        below += counts[index] ?? 0
        return { metricName: `${name}_bucket`, labels: { ...of, le }, value: below }
      })
      return [
        ...steps,
        { metricName: `${name}_bucket`, labels: { ...of, le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels: of, value: sum },
        { metricName: `${name}_count`, labels: of, value: count },
      ]
    })
  const metric = { name, get: async () => ({ name, help, type: 'histogram', values: samples() }) }
  // A registry asks a metric for nothing but its name and its samples.
  registry.registerMetric(metric as unknown as Metric<string>)
  return (seconds, ...values) => {
    const found = sums.of(values)
    found.count += 1
    found.sum += seconds
    const index = buckets.findIndex((bound) => seconds <= bound)
    if (index !== -1) found.counts[index] = (found.counts[index] ?? 0) + 1
  }
}
