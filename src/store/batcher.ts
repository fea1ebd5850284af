import type { Clock } from '../clock.ts'

/**
 * Natural batching: while one statement is in flight the next operations gather, then they go out together
 * (architecture.md §5). An idle batcher adds no latency; a busy one may be told to rest between its statements, where
 * fewer of them are worth more than a few milliseconds.
 *
 * A batch that fails as a whole falls back to its parts, so that one bad operation cannot fail its neighbors; `isFatal`
 * tells the errors for which that would be pointless (the connection is gone).
 */
export interface Batcher<Operation, Result> {
  run(operation: Operation): Promise<Result>
  /** Resolves when nothing is queued or in flight. */
  idle(): Promise<void>
  readonly stats: { statements: number; operations: number }
}

/** How long the operations that jobs wait for gather: far less than a step of a job takes at such a load. */
export const shortRestMs = 25

export interface BatcherOptions<Operation, Result> {
  /** Carries out the operations in one statement; answers one result per operation, in order. */
  readonly flush: (operations: readonly Operation[]) => Promise<readonly Result[]>
  /** Of operations in a statement, each counting as much as `weightOf` says, or 1. */
  readonly maxBatch: number
  readonly weightOf?: (operation: Operation) => number
  readonly maxInFlight: number
  readonly isFatal: (error: unknown) => boolean
  /**
   * The shortest time between the starts of two statements, while operations come in numbers: a statement costs its
   * process and the database much the same whether it carries one operation or twenty. One that came alone, or fills
   * its batch, waits for nothing.
   */
  readonly rest?: { readonly clock: Clock; readonly ms: number }
}

interface Entry<Operation, Result> {
  readonly operation: Operation
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

export const createBatcher = <Operation, Result>(
  options: BatcherOptions<Operation, Result>,
): Batcher<Operation, Result> => {
  const waiting: Entry<Operation, Result>[] = []
  const stats = { statements: 0, operations: 0 }
  let inFlight = 0
  let isScheduled = false
  let isResting = false
  let lastStartMs = Number.NEGATIVE_INFINITY
  let lastSize = 0
  let idleWaiters: (() => void)[] = []

  const flush = async (entries: readonly Entry<Operation, Result>[]): Promise<void> => {
    stats.statements += 1
    stats.operations += entries.length
    const results = await options.flush(entries.map(({ operation }) => operation))
    entries.forEach((entry, index) => {
      entry.resolve(results[index] as Result)
    })
  }

  const flushOrSplit = async (entries: readonly Entry<Operation, Result>[]): Promise<void> => {
    try {
      await flush(entries)
    } catch (error) {
      if (entries.length === 1 || options.isFatal(error)) {
        for (const entry of entries) entry.reject(error)
        return
      }
      for (const entry of entries) await flushOrSplit([entry])
    }
  }

  /** How many of those that wait go out together. */
  const countOfNext = (): { readonly count: number; readonly isFull: boolean } => {
    const { maxBatch, weightOf = () => 1 } = options
    let weight = 0
    let count = 0
    for (const { operation } of waiting) {
      weight += weightOf(operation)
      if (weight > maxBatch && count > 0) break
      count += 1
    }
    return { count, isFull: weight >= maxBatch }
  }

  /** Milliseconds until the next statement may start. */
  const restLeftMs = (isFull: boolean): number => {
    const { rest } = options
    if (rest === undefined || isFull) return 0
    if (lastSize <= 1 && waiting.length <= 1) return 0
    return Math.max(0, lastStartMs + rest.ms - rest.clock.monotonicMs())
  }

  const pump = (): void => {
    while (inFlight < options.maxInFlight && waiting.length > 0) {
      const { count, isFull } = countOfNext()
      const restMs = restLeftMs(isFull)
      if (restMs > 0) {
        pumpAfter(restMs)
        return
      }
      lastStartMs = options.rest?.clock.monotonicMs() ?? 0
      const entries = waiting.splice(0, count)
      lastSize = entries.length
      inFlight += 1
      void flushOrSplit(entries).finally(() => {
        inFlight -= 1
        pump()
        if (inFlight === 0 && waiting.length === 0) {
          for (const resolve of idleWaiters) resolve()
          idleWaiters = []
        }
      })
    }
  }

  const pumpAfter = (ms: number): void => {
    if (isResting) return
    isResting = true
    options.rest?.clock.after(ms, () => {
      isResting = false
      pump()
    })
  }

  // Everything that is asked for in one turn of the event loop shares a statement.
  const schedule = (): void => {
    if (isScheduled || inFlight >= options.maxInFlight) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      pump()
    })
  }

  return {
    stats,
    run: (operation) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ operation, resolve, reject })
        schedule()
      }),
    idle: () =>
      inFlight === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise<void>((resolve) => idleWaiters.push(resolve)),
  }
}
