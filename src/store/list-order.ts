import type { ListCursor } from './jobs.ts'

/** The condition of a list that is ordered by {@link newestFirst}, for what comes after the cursor. */
export const olderThan = (after: ListCursor | null) =>
  after === null
    ? {}
    : {
        OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { lt: after.id } }],
      }

export const newestFirst = [{ createdAt: 'desc' as const }, { id: 'desc' as const }]

export interface ListPage {
  readonly limit: number
  readonly after: ListCursor | null
}
