/** The webhooks that come in, each with its address. */
import type { ListOf } from './api.ts'
import { emptyState } from './empty-state.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page } from './page.ts'
import { pager } from './pager.ts'
import { cells, table } from './table.ts'

export interface Intake {
  readonly id: string
  readonly name: string
  readonly verifier: { readonly type: string }
  readonly mapping: string
  readonly defaults: Readonly<Record<string, unknown>>
  readonly created_at: string
  readonly links: { readonly receive: string }
}

const columns = [
  { title: 'Intake' },
  { title: 'Verified by', isExtra: true },
  { title: 'Address', isExtra: true },
  { title: 'Age', isNumber: true },
]

export const intakesView = (page: Page): HTMLElement => {
  page.setTitle('Intakes')
  const place = make('div')
  void load(place, async () => {
    const query = { cursor: page.query.get('cursor'), limit: 50 }
    return listOf(page, await page.api.get<ListOf<Intake>>('v1/intakes', query, page.signal))
  })
  return make('section', {}, make('div', { class: 'head' }, make('h1', {}, 'Intakes')), place)
}

const listOf = (page: Page, { data, next_cursor }: ListOf<Intake>): Node =>
  data.length === 0
    ? emptyState(
        'No intakes yet',
        make(
          'p',
          {},
          'An intake lets the webhooks of another service make jobs. POST /v1/intakes makes one.',
        ),
      )
    : make('div', {}, table('Intakes', columns, data.map(rowOf)), pager('intakes', page.query, next_cursor))

const rowOf = ({ id, name, verifier, links, created_at }: Intake): HTMLElement =>
  make(
    'tr',
    {},
    ...cells(
      columns,
      make('a', { class: 'prompt', href: hashOf(`intakes/${encodeURIComponent(id)}`) }, name),
      verifier.type,
      make('code', {}, links.receive),
      moment(created_at),
    ),
  )
