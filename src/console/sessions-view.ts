/** The conversations of the tenant. */
import { type ListOf, newIdempotencyKey } from './api.ts'
import { badge } from './badge.ts'
import { ask } from './dialog.ts'
import { emptyState } from './empty-state.ts'
import { load } from './load.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page } from './page.ts'
import { pager } from './pager.ts'
import type { Session } from './session-view.ts'
import { cells, table } from './table.ts'
import { toCount, toShortId } from './words.ts'

const columns = [
  { title: 'Conversation' },
  { title: 'Draft', isExtra: true },
  { title: 'State' },
  { title: 'Credits', isNumber: true, isExtra: true },
  { title: 'Age', isNumber: true },
]

export const sessionsView = (page: Page): HTMLElement => {
  page.setTitle('Conversations')
  const place = make('div')
  void load(place, async () => {
    const query = { cursor: page.query.get('cursor'), limit: 50 }
    return listOf(page, await page.api.get<ListOf<Session>>('v1/sessions', query, page.signal))
  })
  return make(
    'section',
    {},
    make(
      'div',
      { class: 'head' },
      make('h1', {}, 'Conversations'),
      make('button', { type: 'button', class: 'end', onclick: () => askSkill(page) }, 'New conversation…'),
    ),
    place,
  )
}

const listOf = (page: Page, { data, next_cursor }: ListOf<Session>): Node =>
  data.length === 0
    ? emptyState(
        'No conversations yet',
        make('p', {}, 'In a conversation, a video is made and changed message by message.'),
      )
    : make(
        'div',
        {},
        table('Conversations', columns, data.map(rowOf)),
        pager('sessions', page.query, next_cursor),
      )

const rowOf = (session: Session): HTMLElement =>
  make(
    'tr',
    {},
    ...cells(
      columns,
      make(
        'a',
        { class: 'prompt', href: hashOf(`sessions/${encodeURIComponent(session.id)}`) },
        `${session.skill} ${toShortId(session.id)}`,
      ),
      make('span', { class: 'quiet prompt' }, session.timeline ?? '–'),
      badge(stateOf(session)),
      toCount(session.credits_spent),
      moment(session.created_at),
    ),
  )

const stateOf = ({ lost_at, job_id }: Session): string => {
  if (lost_at !== null) return 'lost'
  return job_id === null ? 'idle' : 'running'
}

const askSkill = ({ api, skills }: Page): void => {
  const idempotencyKey = newIdempotencyKey()
  const skill = make(
    'select',
    { id: 'session-skill' },
    ...skills.map(({ name, title }) => make('option', { value: name }, title)),
  )
  ask({
    title: 'Begin a conversation',
    content: [make('label', { for: 'session-skill' }, 'Skill'), skill],
    confirm: 'Begin',
    async act() {
      const body = { skill: skill.value }
      const session = await api.send<Session>('POST', 'v1/sessions', {
        body,
        idempotencyKey: `${idempotencyKey}-${skill.value}`,
      })
      location.hash = hashOf(`sessions/${encodeURIComponent(session.id)}`)
    },
  })
}
