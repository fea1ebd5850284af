/** What was told to the endpoints of clients, and the endpoints. */
import type { ListOf } from './api.ts'
import { badge } from './badge.ts'
import { refresh } from './batches-view.ts'
import { emptyState } from './empty-state.ts'
import { endpointList } from './endpoint-list.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page, repeat } from './page.ts'
import { pager } from './pager.ts'
import type { Delivery } from './shapes.ts'
import { cells, table } from './table.ts'

const everyMs = 5_000
const states = ['waiting', 'delivered', 'failed', 'exhausted']

const columns = [
  { title: 'State' },
  { title: 'To' },
  { title: 'Event', isExtra: true },
  { title: 'Tries', isNumber: true, isExtra: true },
  { title: 'Last answer', isExtra: true },
  { title: 'Age', isNumber: true },
]

export const callbacksView = (page: Page): HTMLElement => {
  page.setTitle('Callbacks')
  const endpoints = make('div')
  const deliveries = make('div')
  const read = async (): Promise<Node> => listOf(page, await readDeliveries(page))
  void load(endpoints, () => endpointList(page))
  void load(deliveries, read)
  repeat(page, everyMs, async () => {
    if (!deliveries.contains(document.activeElement)) await refresh(deliveries, read)
  })
  return make(
    'section',
    {},
    make('div', { class: 'head' }, make('h1', {}, 'Callbacks')),
    make('h2', {}, 'Endpoints'),
    endpoints,
    make('h2', {}, 'Deliveries'),
    filterOf(page),
    deliveries,
  )
}

const readDeliveries = ({ api, query, signal }: Page) =>
  api.get<ListOf<Delivery>>(
    'v1/callback-deliveries',
    {
      state: query.get('state'),
      endpoint_id: query.get('endpoint_id'),
      job_id: query.get('job_id'),
      cursor: query.get('cursor'),
      limit: 50,
    },
    signal,
  )

const filterOf = ({ query }: Page): HTMLElement => {
  const kept = { endpoint_id: query.get('endpoint_id'), job_id: query.get('job_id') }
  const select = make(
    'select',
    {
      onchange: () => {
        location.hash = hashOf('callbacks', { ...kept, state: select.value })
      },
    },
    make('option', { value: '' }, 'any'),
    ...states.map((state) => make('option', { value: state }, state)),
  )
  select.value = query.get('state') ?? ''
  const narrowed = Object.values(kept).some((value) => value !== null)
  return make(
    'div',
    { class: 'filter' },
    make(
      'div',
      { class: 'fields' },
      make('label', {}, 'State', select),
      narrowed && make('a', { class: 'button', href: '#/callbacks' }, 'Show all deliveries'),
    ),
  )
}

const listOf = (page: Page, { data, next_cursor }: ListOf<Delivery>): Node =>
  data.length === 0
    ? emptyState(
        page.query.size > 0 ? 'No delivery fits' : 'No callbacks yet',
        make('p', {}, 'Give a job a callback, or register an endpoint for the events of all jobs.'),
      )
    : make(
        'div',
        {},
        table('Deliveries', columns, data.map(rowOf)),
        pager('callbacks', page.query, next_cursor),
      )

const rowOf = (delivery: Delivery): HTMLElement => {
  const last = delivery.tries.at(-1)
  return make(
    'tr',
    {},
    ...cells(
      columns,
      badge(delivery.state),
      make(
        'a',
        { class: 'prompt', href: hashOf(`callbacks/${encodeURIComponent(delivery.id)}`) },
        delivery.url ?? 'an endpoint that is gone',
      ),
      delivery.event.type,
      delivery.tries.length,
      make('span', { class: 'quiet' }, last === undefined ? '–' : (last.http_status ?? last.error)),
      moment(delivery.created_at),
    ),
  )
}
