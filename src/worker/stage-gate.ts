import type { StageName } from '../job/plan.ts'
import { createSlots } from './slots.ts'

const noLimit = (): Promise<() => void> => Promise.resolve(() => undefined)

/**
 * Bulkheads: how many jobs of this process may be in a stage at a time. A stage that is not named has no limit. Whoever
 * is told to stop while it stands in line leaves the line.
 */
export const createStageGate = (
  limits: Partial<Record<StageName, number>>,
): ((stage: StageName, signal: AbortSignal) => Promise<() => void>) => {
  const slots = new Map(Object.entries(limits).map(([stage, limit]) => [stage, createSlots(limit)]))
  return async (stage, signal) => {
    const places = slots.get(stage)
    if (places === undefined) return noLimit()
    await places.take(signal)
    return () => places.give()
  }
}
