/** One conversation: what was said, what the draft holds, and a place to say more. */
import { path } from './api.ts'
import { composer } from './composer.ts'
import { facts } from './facts.ts'
import { disclosure, load } from './load.ts'
import { fill, make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page, repeat, throttle } from './page.ts'
import { isAborted, problemNotice } from './problem.ts'
import { draftPanel } from './timeline-panel.ts'
import { createTranscript } from './transcript.ts'
import { toCount } from './words.ts'

export interface Session {
  readonly id: string
  readonly skill: string
  readonly language: string | null
  readonly timeline: string | null
  /** The job that it is at. */
  readonly job_id: string | null
  readonly queued: number
  readonly credits_spent: number
  readonly lost_at: string | null
  readonly created_at: string
}

const everyMs = 2_000

export const sessionView = (page: Page): HTMLElement => {
  const [id = ''] = page.ids
  page.setTitle('Conversation')
  const place = make('div')
  const read = () => page.api.get<Session>(path`v1/sessions/${id}`, {}, page.signal)
  void load(place, async () => showSession(page, await read(), read))
  return make(
    'section',
    {},
    make('p', { class: 'crumb' }, make('a', { href: '#/sessions' }, '← Conversations')),
    place,
  )
}

const showSession = (page: Page, first: Session, read: () => Promise<Session>): HTMLElement => {
  const problems = make('div')
  const side = make('aside', { class: 'card', 'aria-label': 'Facts' })
  const transcript = createTranscript(page, first.id)
  const timeline = disclosure('Timeline of the draft', () =>
    draftPanel(page, path`v1/sessions/${first.id}/timeline`),
  )
  let drafted = first.timeline

  const show = (session: Session): void => {
    fill(side, factsOf(session))
    if (session.timeline !== drafted) timeline.reload()
    drafted = session.timeline
  }
  const update = async (): Promise<void> => {
    try {
      const [session] = await Promise.all([read(), transcript.update()])
      show(session)
      fill(problems)
    } catch (error) {
      if (!isAborted(error)) fill(problems, problemNotice(error))
    }
  }
  show(first)
  const refresh = throttle(page, 300, update)
  refresh()
  repeat(page, everyMs, async () => refresh())
  return make(
    'div',
    {},
    make('div', { class: 'head' }, make('h1', {}, first.skill)),
    problems,
    make(
      'div',
      { class: 'columns' },
      make(
        'div',
        { class: 'wide' },
        make(
          'div',
          { class: 'card' },
          transcript.element,
          first.lost_at === null
            ? composer(page, first.id, refresh)
            : make(
                'p',
                { class: 'notice' },
                'The provider no longer knows this conversation. Begin a new one.',
              ),
        ),
        timeline.element,
      ),
      side,
    ),
  )
}

const factsOf = (session: Session): HTMLElement =>
  facts(
    ['Id', make('code', { class: 'id' }, session.id)],
    ['Created', moment(session.created_at)],
    ['Language', session.language],
    [
      'At work on',
      session.job_id && make('a', { href: hashOf(`jobs/${encodeURIComponent(session.job_id)}`) }, 'this job'),
    ],
    ['Waiting', session.queued > 0 && toCount(session.queued)],
    ['Credits', toCount(session.credits_spent)],
    ['Draft', session.timeline],
    ['Lost', session.lost_at && moment(session.lost_at)],
    ['Jobs', make('a', { href: hashOf('jobs', { session_id: session.id }) }, 'all of them')],
  )
