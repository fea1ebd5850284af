/**
 * Virtual time. What happens is a queue of events; between two of them every promise callback that became ready runs,
 * so that a run depends on nothing but its seed.
 */
export interface Scheduler {
  readonly nowMs: number
  readonly events: number
  /** Runs `action` after `delayMs`; the returned function cancels it. */
  at(delayMs: number, action: () => void): () => void
  /** Runs the next event and lets all that it set going come to rest; false when nothing is left. */
  step(): Promise<boolean>
  /** Gives `setImmediate` and `Math.random` back to the rest of the program. */
  release(): void
}

interface Entry {
  readonly dueMs: number
  readonly order: number
  action: (() => void) | null
}

export const createScheduler = (): Scheduler => {
  const heap: Entry[] = []
  const turn = captureTurns()
  let nowMs = 0
  let order = 0
  let events = 0
  return {
    get nowMs() {
      return nowMs
    },
    get events() {
      return events
    },
    at(delayMs, action) {
      order += 1
      const entry: Entry = { dueMs: nowMs + Math.max(0, delayMs), order, action }
      push(heap, entry)
      return () => {
        entry.action = null
      }
    },
    async step() {
      for (let entry = pop(heap); entry !== undefined; entry = pop(heap)) {
        if (entry.action === null) continue
        nowMs = entry.dueMs
        events += 1
        entry.action()
        await turn.rest()
        return true
      }
      return false
    },
    release: turn.release,
  }
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

const push = (heap: Entry[], entry: Entry): void => {
  let child = heap.push(entry) - 1
  while (child > 0) {
    const parent = (child - 1) >> 1
    if (!isBefore(entry, heap[parent]!)) break
    heap[child] = heap[parent]!
    child = parent
  }
  heap[child] = entry
}

const pop = (heap: Entry[]): Entry | undefined => {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  let hole = 0
  for (;;) {
    let child = 2 * hole + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
    if (!isBefore(heap[child]!, last)) break
    heap[hole] = heap[child]!
    hole = child
  }
  heap[hole] = last
  return first
}

/**
 * Takes over what would tie a run to the real event loop: callbacks of `setImmediate` (the batcher's) run before the
 * next event, and `Math.random` (the writer's jitter) stands still.
 */
const captureTurns = () => {
  const { setImmediate: realImmediate } = globalThis
  const { random } = Math
  const waiting: (() => void)[] = []
  const capture = (callback: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate => {
    waiting.push(() => callback(...args))
    return undefined as unknown as NodeJS.Immediate
  }
  globalThis.setImmediate = Object.assign(capture, {
    __promisify__: realImmediate.__promisify__,
  }) as typeof setImmediate
  Math.random = () => 0.5
  return {
    /** A callback of `nextTick` runs when no promise callback is left: without a turn of the real event loop. */
    async rest(): Promise<void> {
      do {
        for (const callback of waiting.splice(0)) callback()
        await new Promise<void>((resolve) => process.nextTick(resolve))
      } while (waiting.length > 0)
    },
    release(): void {
      globalThis.setImmediate = realImmediate
      Math.random = random
    },
  }
}
