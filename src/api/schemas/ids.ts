import { z } from 'zod'

/** An id in a path. Any text is taken: what is no id of ours is not found. */
export const idParams = z.object({ id: z.string() })

export const idempotencyHeaders = z.object({ 'idempotency-key': z.string().max(255).optional() })
