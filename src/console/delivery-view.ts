/** One delivery, with what came of every try. */
import { path } from './api.ts'
import { badge } from './badge.ts'
import { actionButton } from './dialog.ts'
import { facts } from './facts.ts'
import { load } from './load.ts'
import { fill, make } from './make.ts'
import { moment, timeOfDay } from './moment.ts'
import { notify } from './notify.ts'
import { hashOf, type Page, repeat } from './page.ts'
import type { Delivery } from './shapes.ts'
import { toDuration, toShortId } from './words.ts'

const everyMs = 2_000

export const deliveryView = (page: Page): HTMLElement => {
  const [id = ''] = page.ids
  page.setTitle('Delivery')
  const place = make('div')
  const read = () => page.api.get<Delivery>(path`v1/callback-deliveries/${id}`, {}, page.signal)
  void load(place, async () => showDelivery(page, await read(), read))
  return make(
    'section',
    {},
    make('p', { class: 'crumb' }, make('a', { href: '#/callbacks' }, '← Callbacks')),
    place,
  )
}

const showDelivery = (page: Page, first: Delivery, read: () => Promise<Delivery>): HTMLElement => {
  const head = make('div')
  const tries = make('div', { class: 'card' })
  const side = make('aside', { class: 'card', 'aria-label': 'Facts' })
  let shown = first
  const show = (delivery: Delivery): void => {
    shown = delivery
    fill(head, headOf(delivery))
    fill(tries, make('h2', {}, 'Tries'), triesOf(delivery))
    fill(side, factsOf(delivery))
  }
  show(first)
  const again = actionButton('Deliver again', async () => {
    await page.api.send('POST', path`v1/callback-deliveries/${first.id}/redeliver`)
    notify('It is delivered again.')
    show(await read())
  })
  repeat(page, everyMs, async () => {
    if (shown.state !== 'waiting') return
    const next = await read().catch((error: unknown) =>
      error instanceof Error ? shown : Promise.reject(error),
    )
    if (JSON.stringify(next) !== JSON.stringify(shown)) show(next)
  })
  return make(
    'div',
    {},
    head,
    make('div', { class: 'actions start' }, again),
    make('div', { class: 'columns' }, make('div', { class: 'wide' }, tries), side),
  )
}

const headOf = ({ state, url }: Delivery): HTMLElement =>
  make(
    'header',
    { class: 'head' },
    make('h1', { class: 'title' }, badge(state), make('span', {}, url ?? 'an endpoint that is gone')),
  )

const factsOf = (delivery: Delivery): HTMLElement =>
  facts(
    ['Id', make('code', { class: 'id' }, delivery.id)],
    ['Event', delivery.event.type],
    ['Created', moment(delivery.created_at)],
    ['Next try', delivery.next_try_at && moment(delivery.next_try_at)],
    ['Job', delivery.job_id && linkTo('jobs', delivery.job_id)],
    ['Batch', delivery.batch_id && linkTo('batches', delivery.batch_id)],
  )

const linkTo = (place: string, id: string): HTMLElement =>
  make('a', { href: hashOf(`${place}/${encodeURIComponent(id)}`) }, toShortId(id))

const triesOf = ({ tries }: Delivery): HTMLElement =>
  tries.length === 0
    ? make('p', { class: 'quiet' }, 'It has not been tried yet.')
    : make(
        'ol',
        { class: 'attempts' },
        ...tries.map(({ no, started_at, ms, outcome, http_status, error, response }) =>
          make(
            'li',
            {},
            make(
              'div',
              { class: 'line' },
              badge(outcome),
              make('strong', {}, http_status ?? error ?? ''),
              make('span', { class: 'quiet' }, `try ${no}`),
              make('span', { class: 'quiet' }, toDuration(ms)),
              make('span', { class: 'end quiet' }, timeOfDay(started_at)),
            ),
            http_status !== null && error !== null && make('p', { class: 'bad-text' }, error),
            response !== null &&
              response !== '' &&
              make('pre', { class: 'code', tabindex: 0, 'aria-label': 'Response' }, response),
          ),
        ),
      )
