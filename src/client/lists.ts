import { unwrap } from './transport.ts'

/** As many as the service gives at a time. */
const pageSize = 100

interface Page<Entry> {
  readonly data: readonly Entry[]
  readonly next_cursor: string | null
}

/** Every entry of a list, read page by page as they are asked for. */
export async function* pages<Entry>(
  readPage: (page: {
    limit: number
    cursor?: string
  }) => Promise<{ data?: Page<Entry>; error?: unknown; response: Response }>,
): AsyncGenerator<Entry, void, undefined> {
  let cursor: string | null = null
  do {
    const page: Page<Entry> = await unwrap<Page<Entry>>(
      readPage({ limit: pageSize, ...(cursor !== null && { cursor }) }),
    )
    yield* page.data
    cursor = page.next_cursor
  } while (cursor !== null)
}
