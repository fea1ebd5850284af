import type { ListOf } from './api.ts'
import { badge } from './badge.ts'
import { countsBar } from './counts-bar.ts'
import { command, emptyState, serviceAddress } from './empty-state.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page, repeat } from './page.ts'
import { pager } from './pager.ts'
import { isAborted } from './problem.ts'
import type { Batch } from './shapes.ts'
import { cells, table } from './table.ts'
import { toCount } from './words.ts'

const everyMs = 5_000

const columns = [
  { title: 'State' },
  { title: 'Batch' },
  { title: 'Jobs' },
  { title: 'Total', isNumber: true, isExtra: true },
  { title: 'Failed', isNumber: true, isExtra: true },
  { title: 'Age', isNumber: true },
]

/** The batches of the tenant, newest first. */
export const batchesView = (page: Page): HTMLElement => {
  page.setTitle('Batches')
  const place = make('div')
  const read = async (): Promise<Node> => {
    const list = await page.api.get<ListOf<Batch>>(
      'v1/batches',
      { cursor: page.query.get('cursor'), limit: 50 },
      page.signal,
    )
    return listOf(page, list)
  }
  void load(place, read)
  repeat(page, everyMs, async () => {
    // A problem is shown by the first reading; here the list just stays as it is until the service is back.
    if (!place.contains(document.activeElement)) await refresh(place, read)
  })
  return make('section', {}, make('div', { class: 'head' }, make('h1', {}, 'Batches')), place)
}

/** Replaces what is shown, if it can be read; what cannot be read now is read the next time. */
export const refresh = async (place: HTMLElement, read: () => Promise<Node>): Promise<void> => {
  try {
    place.replaceChildren(await read())
  } catch (error) {
    if (!isAborted(error) && !(error instanceof Error)) throw error
  }
}

const listOf = (page: Page, { data, next_cursor }: ListOf<Batch>): Node =>
  data.length === 0
    ? emptyState(
        'No batches yet',
        make('p', {}, 'Many jobs at once, one a line:'),
        command(`clipline batch jobs.ndjson

# or
curl '${serviceAddress()}/v1/batches?name=autumn' \\
  -H "Authorization: Bearer $CLIPLINE_API_KEY" \\
  -H "Content-Type: application/x-ndjson" --data-binary @jobs.ndjson`),
      )
    : make('div', {}, table('Batches', columns, data.map(rowOf)), pager('batches', page.query, next_cursor))

const rowOf = (batch: Batch): HTMLElement => {
  const href = hashOf(`batches/${encodeURIComponent(batch.id)}`)
  const total = Object.values(batch.jobs).reduce((sum, count) => sum + count, 0)
  return make(
    'tr',
    {},
    ...cells(
      columns,
      badge(batch.state),
      make('a', { class: 'prompt', href }, batch.name ?? batch.id),
      countsBar(batch.jobs),
      toCount(total),
      make('span', { class: batch.jobs.failed > 0 ? 'bad-text' : 'quiet' }, toCount(batch.jobs.failed)),
      moment(batch.created_at),
    ),
  )
}
