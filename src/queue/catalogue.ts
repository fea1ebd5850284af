import { z } from 'zod'

/**
 * What a queue carries: never work, only the news that a row is due. `ringNo` is the row's count of rings; together
 * they make the id under which a bell is in the queue at most once.
 */
export const Bell = z.strictObject({ id: z.string().min(1), ringNo: z.int().nonnegative() })
export type Bell = Readonly<z.infer<typeof Bell>> & {
  /** Goes before all that wait; BullMQ keeps that beside the message. */
  readonly isUrgent?: boolean
}

interface QueueEntry {
  /** Between the message, in which the row's id has its name, and the bell. */
  readonly message: z.ZodType<Bell>
}

/** Every queue with its message. */
export const catalogue = {
  jobs: {
    message: z.codec(z.strictObject({ jobId: z.string(), ringNo: z.int() }), Bell, {
      decode: ({ jobId, ringNo }) => ({ id: jobId, ringNo }),
      encode: ({ id, ringNo }) => ({ jobId: id, ringNo }),
    }),
  },
  deliveries: {
    message: z.codec(z.strictObject({ deliveryId: z.string(), ringNo: z.int() }), Bell, {
      decode: ({ deliveryId, ringNo }) => ({ id: deliveryId, ringNo }),
      encode: ({ id, ringNo }) => ({ deliveryId: id, ringNo }),
    }),
  },
} as const satisfies Record<string, QueueEntry>

export type QueueName = keyof typeof catalogue

export const queueNames = Object.keys(catalogue) as QueueName[]

/**
 * How every bell is kept: it is tried once, because the row owns all retries, and it leaves nothing behind, because a
 * finished bell's id would silently swallow a later one (guarantees.md §5.1-4).
 */
export const bellOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const

/** The id of a bell in its queue. BullMQ refuses ids with a colon and ids of digits alone. */
export const bellIdOf = ({ id, ringNo }: Bell): string => `${id}-${ringNo}`
