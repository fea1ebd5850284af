import type { z } from 'zod'
import { type Fault, toFaults } from './fault.ts'

/** A request that is refused, with everything that is wrong with it at once (api.md §0). */
export interface Refusal {
  readonly outcome: 'refused'
  /** Some fault is against the schema; otherwise all are of sense only. */
  readonly isMalformed: boolean
  readonly faults: readonly Fault[]
}

/** A body as its schema reads it, unless that, or whoever looked before, found something wrong. */
export const readBody = <Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  found: { readonly malformed?: readonly Fault[]; readonly senseless: readonly Fault[] },
): { readonly outcome: 'read'; readonly data: z.output<Schema> } | Refusal => {
  const { success, data, error } = schema.safeParse(body)
  const malformed = [...(found.malformed ?? []), ...(success ? [] : toFaults(schema, body, error.issues))]
  if (success && malformed.length + found.senseless.length === 0) return { outcome: 'read', data }
  return {
    outcome: 'refused',
    isMalformed: malformed.length > 0,
    faults: [...malformed, ...found.senseless],
  }
}
