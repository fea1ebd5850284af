import { type ListOf, newIdempotencyKey, path } from './api.ts'
import { badge } from './badge.ts'
import { actionButton } from './dialog.ts'
import { make } from './make.ts'
import { notify } from './notify.ts'
import { hashOf, type Page } from './page.ts'
import type { Delivery, Endpoint } from './shapes.ts'
import { plural, toWords } from './words.ts'

/** The registered endpoints, each with what it needs of an operator. */
export const endpointList = async (page: Page): Promise<Node> => {
  const { data } = await page.api.get<ListOf<Endpoint>>('v1/callback-endpoints', { limit: 100 }, page.signal)
  return data.length === 0
    ? make('p', { class: 'quiet' }, 'None is registered. Jobs can still name a callback of their own.')
    : make(
        'ul',
        { class: 'cards' },
        ...data.map((endpoint) => make('li', { class: 'card' }, cardOf(page, endpoint))),
      )
}

const cardOf = (page: Page, endpoint: Endpoint): HTMLElement => {
  const turn = (name: string, action: 'enable' | 'disable', news: string) =>
    actionButton(name, async () => {
      const next = await page.api.send<Endpoint>('POST', path`v1/callback-endpoints/${endpoint.id}/${action}`)
      card.replaceWith(cardOf(page, next))
      notify(news)
    })
  const card = make(
    'div',
    {},
    make('div', { class: 'line' }, badge(endpoint.state), make('strong', { class: 'words' }, endpoint.url)),
    endpoint.description !== null && make('p', {}, endpoint.description),
    make(
      'p',
      { class: 'quiet small' },
      endpoint.events.join(', '),
      endpoint.disabled_reason !== null && ` · disabled: ${toWords(endpoint.disabled_reason)}`,
      endpoint.failures > 0 && ` · ${plural(endpoint.failures, 'failure')} in a row`,
    ),
    make(
      'div',
      { class: 'actions start' },
      endpoint.state === 'disabled'
        ? turn('Enable', 'enable', 'The endpoint is enabled; what had to wait is delivered.')
        : turn('Disable', 'disable', 'The endpoint is disabled; what comes due for it waits.'),
      actionButton('Send a test', async () => {
        const delivery = await page.api.send<Delivery>(
          'POST',
          path`v1/callback-endpoints/${endpoint.id}/test`,
          { idempotencyKey: newIdempotencyKey() },
        )
        location.hash = hashOf(`callbacks/${encodeURIComponent(delivery.id)}`)
      }),
      make(
        'a',
        { class: 'button', href: hashOf('callbacks', { endpoint_id: endpoint.id }) },
        'Its deliveries',
      ),
    ),
  )
  return card
}
