import { z } from 'zod'

/** A page of a list (api.md §0), with the name of the parameter that its cursor goes into. */
export const listOf = <Item extends z.ZodType>(item: Item, cursorName: 'cursor' | 'after' = 'cursor') =>
  z.object({
    data: z.array(item),
    next_cursor: z
      .string()
      .nullable()
      .describe(`Goes into ?${cursorName}= for the next page; null on the last.`),
  })

export const limitQuery = z.coerce.number().int().min(1).max(100).default(20)

const separator = '.'

/** A place in a list that is ordered by creation, newest first, as clients see it: opaque. */
const formatListCursor = ({ createdAt, id }: { readonly createdAt: Date; readonly id: string }): string =>
  Buffer.from(`${createdAt.getTime()}${separator}${id}`).toString('base64url')

const cursorShape = /^(\d{1,15})\.([a-z]{3}_[0-9a-f-]{36})$/

/** Reads a cursor that was given out before. */
export const cursorQuery = z
  .string()
  .max(200)
  .transform((text, context) => {
    const [, createdAtMs, id] = cursorShape.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? []
    if (createdAtMs !== undefined && id !== undefined) return { createdAt: new Date(Number(createdAtMs)), id }
    context.addIssue({ code: 'custom', message: 'must be a cursor that an earlier page gave' })
    return z.NEVER
  })

/** The page that a list answers: one more than asked for was read, to know whether there is more. */
export const toPage = <Item extends { readonly createdAt: Date; readonly id: string }, Out>(
  items: readonly Item[],
  limit: number,
  toOut: (item: Item) => Out,
): { data: Out[]; next_cursor: string | null } => {
  const shown = items.slice(0, limit)
  const last = shown.at(-1)
  return {
    data: shown.map(toOut),
    next_cursor: items.length > limit && last !== undefined ? formatListCursor(last) : null,
  }
}
