/** Turns payloads into what tenants want of them, with JSONata (api.md §6). */
import type { Clock } from '../clock.ts'
import { longestMapping, type MappingFailure, type MappingResult, type MappingTask } from './mapping.ts'
import { type MappingProcess, openMappingProcess } from './mapping-process.ts'

export type Mapped =
  /** Null where the mapping found nothing. */
  | { readonly outcome: 'mapped'; readonly json: string | null }
  | { readonly outcome: 'failed'; readonly failure: MappingFailure }
  /** Too many wait already. */
  | { readonly outcome: 'busy' }

export interface Mapper {
  /** What is wrong with an expression; null when it can be run. */
  check(tenantId: string, mapping: string): Promise<MappingFailure | 'busy' | null>
  /** `payload` is JSON. */
  map(tenantId: string, mapping: string, payload: string): Promise<Mapped>
  close(): Promise<void>
}

interface Settings {
  readonly clock: Clock
  readonly processes?: number
  readonly timeoutMs?: number
  readonly memoryMb?: number
  readonly mostWaiting?: number
}

interface Waiting {
  readonly task: MappingTask
  readonly resolve: (result: MappingResult) => void
  readonly reject: (error: unknown) => void
}

const tooLong: MappingFailure = {
  detail: `must have at most ${longestMapping} characters`,
  position: longestMapping,
}

/**
 * A few processes for all tenants, who take turns. No tenant has more than one task running, so that one whose mapping
 * loops until it is killed holds up itself; and no more than so many tasks wait, of each tenant.
 */
export const openMapper = ({
  clock,
  processes = 2,
  timeoutMs = 500,
  memoryMb = 64,
  mostWaiting = 100,
}: Settings): Mapper => {
  const all = Array.from({ length: processes }, () => openMappingProcess({ clock, timeoutMs, memoryMb }))
  const idle: MappingProcess[] = [...all]
  /** By tenant; whose turn it is comes first. */
  const waiting = new Map<string, Waiting[]>()
  const running = new Set<string>()

  /** The next task of the tenant whose turn it is, who goes to the end of the line. */
  const takeNext = (tenantId: string): Waiting | undefined => {
    const [next, ...others] = waiting.get(tenantId) ?? []
    waiting.delete(tenantId)
    if (others.length > 0) waiting.set(tenantId, others)
    return next
  }

  const pump = (): void => {
    const tenantId = [...waiting.keys()].find((waitingId) => !running.has(waitingId))
    const free = tenantId === undefined ? undefined : idle.pop()
    const entry = tenantId === undefined || free === undefined ? undefined : takeNext(tenantId)
    if (tenantId === undefined || free === undefined || entry === undefined) return
    running.add(tenantId)
    void free
      .run(entry.task)
      .then(entry.resolve, entry.reject)
      .finally(() => {
        running.delete(tenantId)
        idle.push(free)
        pump()
      })
    pump()
  }

  /** Null when too many wait. */
  const enter = (tenantId: string, task: MappingTask): Promise<MappingResult> | null => {
    const line = waiting.get(tenantId) ?? []
    if (line.length >= mostWaiting) return null
    return new Promise((resolve, reject) => {
      line.push({ task, resolve, reject })
      waiting.set(tenantId, line)
      pump()
    })
  }

  return {
    async check(tenantId, mapping) {
      if (mapping.length > longestMapping) return tooLong
      const result = await enter(tenantId, { type: 'check', mapping })
      if (result === null) return 'busy'
      return result.outcome === 'failed' ? result.failure : null
    },

    async map(tenantId, mapping, payload) {
      const result = await enter(tenantId, { type: 'map', mapping, payload })
      if (result === null) return { outcome: 'busy' }
      if (result.outcome === 'sound') throw new Error('the mapping process answered another question')
      return result
    },

    async close() {
      await Promise.all(all.map((process) => process.close()))
    },
  }
}
