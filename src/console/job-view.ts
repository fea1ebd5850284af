/** One job: where it is, what it made, what went wrong, and everything that happened. Live until it ends. */
import { path } from './api.ts'
import { attemptList } from './attempt-list.ts'
import { eventLog } from './event-log.ts'
import { follow } from './event-stream.ts'
import { explainPanel } from './explain-panel.ts'
import { jobActions } from './job-actions.ts'
import { jobFacts, jobHead } from './job-head.ts'
import { disclosure, load } from './load.ts'
import { fill, make } from './make.ts'
import { type Page, repeat, throttle } from './page.ts'
import { createPipeline } from './pipeline-strip.ts'
import { createPlayer } from './player.ts'
import { isAborted, problemNotice } from './problem.ts'
import type { Job, JobEvent } from './shapes.ts'
import { draftPanel } from './timeline-panel.ts'
import { toWords } from './words.ts'

const refreshMs = 500
const unfollowedMs = 10_000
const terminal = ['job.succeeded', 'job.failed', 'job.canceled']

const isFinished = ({ state }: Job): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'canceled'

export const jobView = (page: Page): HTMLElement => {
  const [id = ''] = page.ids
  page.setTitle('Job')
  const place = make('div')
  const read = () => page.api.get<Job>(path`v1/jobs/${id}`, {}, page.signal)
  void load(place, async () => {
    const first = await read()
    return showJob(page, first, read)
  })
  return make('section', {}, make('p', { class: 'crumb' }, make('a', { href: '#/jobs' }, '← Jobs')), place)
}

const showJob = (page: Page, first: Job, read: () => Promise<Job>): HTMLElement => {
  const head = make('div')
  const problems = make('div')
  const outcome = make('div')
  const words = make('div')
  const side = make('aside', { class: 'card', 'aria-label': 'Facts' })
  const pipeline = createPipeline()
  const player = createPlayer(page)
  const explain = explainPanel(page, first.id)
  const events = eventLog()
  const attempts = disclosure('Attempts', () => attemptList(page, first.id))
  const timeline = disclosure('Timeline of the draft', () =>
    draftPanel(page, path`v1/jobs/${first.id}/timeline`),
  )
  const json = disclosure('JSON', async () => jsonOf(job))
  let job = first
  let shown = ''
  let isFollowed = false

  const show = (next: Job): void => {
    job = next
    pipeline.update(next)
    explain.update(next)
    player.update(next)
    // The rest is made anew, and only when something is: a button keeps its focus.
    const text = JSON.stringify({ ...next, progress: 0 })
    if (text === shown) return
    shown = text
    page.setTitle(`${toWords(next.state)} · ${next.prompt.slice(0, 40)}`)
    fill(head, jobHead(next), jobActions(page, next, { onChanged }))
    fill(outcome, failureCard(next), warningCard(next))
    fill(words, messageCard(next))
    fill(side, jobFacts(next))
    json.reload()
  }
  const refresh = throttle(page, refreshMs, async () => {
    try {
      show(await read())
      fill(problems)
    } catch (error) {
      if (!isAborted(error)) fill(problems, problemNotice(error))
    }
  })
  const watch = (after: number): void => {
    let isOver = false
    const onEvent = (event: JobEvent): void => {
      events.add(event)
      isOver = terminal.includes(event.type)
      if (event.type === 'job.progress') pipeline.setProgress(Number(event.data['progress']))
      else refresh()
      if (event.type === 'job.stage_finished' || isOver) attempts.reload()
    }
    const stream = {
      path: `${path`v1/jobs/${job.id}/events`}?after=${after}`,
      signal: page.signal,
      onEvent,
      onLive: (isLive: boolean) => {
        isFollowed = isLive
      },
      isOver: () => isOver,
    }
    void follow(page.api, stream)
  }
  const onChanged = (next: Job | null): void => {
    const wasFinished = isFinished(job)
    if (next !== null) show(next)
    else refresh()
    if (wasFinished) watch(events.lastSeq())
  }

  show(first)
  watch(0)
  // Where no stream can be had, and while somebody else may run a failed job again, it is asked for.
  repeat(page, unfollowedMs, async () => {
    if (!isFollowed && job.state !== 'succeeded') refresh()
  })
  return make(
    'div',
    { class: 'job' },
    head,
    problems,
    make(
      'div',
      { class: 'columns' },
      make(
        'div',
        { class: 'wide' },
        pipeline.element,
        explain.element,
        outcome,
        player.element,
        words,
        events.element,
        attempts.element,
        timeline.element,
        json.element,
      ),
      side,
    ),
  )
}

const failureCard = ({ failure }: Job): HTMLElement | null =>
  failure === null
    ? null
    : make(
        'div',
        { class: 'notice bad' },
        make('strong', {}, toWords(failure.code)),
        make('p', {}, failure.message),
        make('p', {}, failure.hint),
      )

const warningCard = ({ warnings }: Job): HTMLElement | null =>
  warnings.length === 0
    ? null
    : make(
        'div',
        { class: 'notice' },
        make('strong', {}, 'Warnings'),
        make('ul', {}, ...warnings.map(({ message }) => make('li', {}, message))),
      )

const messageCard = ({ message, timeline, failure }: Job): HTMLElement | null => {
  const words = message === failure?.message ? null : message
  if (words === null && timeline === null) return null
  return make(
    'div',
    { class: 'card' },
    make('h2', {}, words === null ? 'The draft' : 'The provider said'),
    words !== null && make('p', { class: 'words' }, words),
    timeline !== null && make('p', { class: 'words quiet' }, timeline),
  )
}

const jsonOf = (job: Job): HTMLElement =>
  make('pre', { class: 'code', tabindex: 0 }, JSON.stringify(job, null, 2))
