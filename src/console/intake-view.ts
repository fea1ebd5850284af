/** One intake: how it makes jobs of events, and the events of which it could not. */
import { type ListOf, path } from './api.ts'
import { badge } from './badge.ts'
import { actionButton } from './dialog.ts'
import { facts } from './facts.ts'
import type { Intake } from './intakes-view.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { notify } from './notify.ts'
import { hashOf, type Page } from './page.ts'
import { pager } from './pager.ts'
import { plural } from './words.ts'

interface IntakeFailure {
  readonly id: string
  readonly event_id: string
  readonly state: 'open' | 'resolved'
  readonly problem: { readonly detail: string }
  readonly tries: number
  readonly job_id: string | null
  readonly created_at: string
}

export const intakeView = (page: Page): HTMLElement => {
  const [id = ''] = page.ids
  page.setTitle('Intake')
  const place = make('div')
  const failures = make('div')
  const readFailures = async (): Promise<Node> => {
    const query = { cursor: page.query.get('cursor'), limit: 50 }
    const found = await page.api.get<ListOf<IntakeFailure>>(
      path`v1/intakes/${id}/failures`,
      query,
      page.signal,
    )
    return failuresOf(page, id, found, () => void load(failures, readFailures))
  }
  void load(place, async () => intakeOf(await page.api.get<Intake>(path`v1/intakes/${id}`, {}, page.signal)))
  void load(failures, readFailures)
  return make(
    'section',
    {},
    make('p', { class: 'crumb' }, make('a', { href: '#/intakes' }, '← Intakes')),
    place,
    make('h2', {}, 'Events that made no job'),
    failures,
  )
}

const intakeOf = ({ id, name, verifier, mapping, defaults, links, created_at }: Intake): HTMLElement =>
  make(
    'div',
    {},
    make('div', { class: 'head' }, make('h1', {}, name)),
    make(
      'div',
      { class: 'columns' },
      make(
        'div',
        { class: 'card' },
        make('h2', {}, 'Mapping'),
        make('pre', { class: 'code', tabindex: 0, 'aria-label': 'Mapping' }, mapping),
        Object.keys(defaults).length > 0 && make('h2', {}, 'Defaults'),
        Object.keys(defaults).length > 0 &&
          make(
            'pre',
            { class: 'code', tabindex: 0, 'aria-label': 'Defaults' },
            JSON.stringify(defaults, null, 2),
          ),
      ),
      make(
        'aside',
        { class: 'card', 'aria-label': 'Facts' },
        facts(
          ['Id', make('code', { class: 'id' }, id)],
          ['Address', make('code', { class: 'id' }, links.receive)],
          ['Verified by', verifier.type],
          ['Created', moment(created_at)],
        ),
      ),
    ),
  )

const failuresOf = (
  page: Page,
  intakeId: string,
  { data, next_cursor }: ListOf<IntakeFailure>,
  onChanged: () => void,
): Node => {
  if (data.length === 0)
    return make('p', { class: 'quiet' }, 'None. Every event became a job, or was ignored.')
  return make(
    'div',
    {},
    make(
      'ul',
      { class: 'cards' },
      ...data.map((failure) => make('li', { class: 'card' }, cardOf(page, intakeId, failure, onChanged))),
    ),
    pager(`intakes/${encodeURIComponent(intakeId)}`, page.query, next_cursor),
  )
}

const cardOf = (page: Page, intakeId: string, failure: IntakeFailure, onChanged: () => void): HTMLElement => {
  const place = path`v1/intakes/${intakeId}/failures/${failure.id}`
  const body = make('div')
  const { state, problem, event_id, tries, job_id, created_at } = failure
  return make(
    'div',
    {},
    make(
      'div',
      { class: 'line' },
      badge(state),
      make('code', {}, event_id),
      make('span', { class: 'quiet' }, plural(tries, 'try', 'tries')),
      make('span', { class: 'end quiet' }, moment(created_at)),
    ),
    make('p', { class: 'words' }, problem.detail),
    body,
    make(
      'div',
      { class: 'actions start' },
      state === 'open' &&
        actionButton('Try again', async () => {
          await page.api.send('POST', `${place}/retry`)
          notify('The event became a job.')
          onChanged()
        }),
      actionButton('Show its body', async () => {
        const { payload } = await page.api.get<{ payload: string | null }>(place, {}, page.signal)
        body.replaceChildren(
          make('pre', { class: 'code', tabindex: 0, 'aria-label': 'Body' }, payload ?? 'It is gone.'),
        )
      }),
      job_id !== null &&
        make('a', { class: 'button', href: hashOf(`jobs/${encodeURIComponent(job_id)}`) }, 'Its job'),
    ),
  )
}
