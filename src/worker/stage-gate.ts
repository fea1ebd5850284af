import type { StageName } from '../job/plan.ts'
import { createSlots } from './slots.ts'

const noLimit = (): Promise<() => void> => Promise.resolve(() => undefined)

/** Bulkheads: how many jobs of this process may be in a stage at a time. A stage that is not named has no limit. */
export const createStageGate = (
  limits: Partial<Record<StageName, number>>,
): ((stage: StageName) => Promise<() => void>) => {
  const slots = new Map(Object.entries(limits).map(([stage, limit]) => [stage, createSlots(limit)]))
  return async (stage) => {
    const places = slots.get(stage)
    if (places === undefined) return noLimit()
    await places.take()
    return () => places.give()
  }
}
