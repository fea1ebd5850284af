/** One batch: how its jobs stand, what went wrong, its results. */
import { path } from './api.ts'
import { badge } from './badge.ts'
import { batchActions } from './batch-actions.ts'
import { errorList } from './batch-errors.ts'
import { countNames, countsBar } from './counts-bar.ts'
import { facts } from './facts.ts'
import { disclosure, load } from './load.ts'
import { fill, make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page, throttle } from './page.ts'
import { isAborted, problemNotice } from './problem.ts'
import type { Batch } from './shapes.ts'
import { toCount, toPercent, toWords } from './words.ts'

const everyMs = 2_000

export const batchView = (page: Page): HTMLElement => {
  const [id = ''] = page.ids
  page.setTitle('Batch')
  const place = make('div')
  const read = () => page.api.get<Batch>(path`v1/batches/${id}`, {}, page.signal)
  void load(place, async () => showBatch(page, await read(), read))
  return make(
    'section',
    {},
    make('p', { class: 'crumb' }, make('a', { href: '#/batches' }, '← Batches')),
    place,
  )
}

const showBatch = (page: Page, first: Batch, read: () => Promise<Batch>): HTMLElement => {
  const head = make('div')
  const problems = make('div')
  const counts = make('section', { class: 'card', 'aria-label': 'Jobs' })
  const side = make('aside', { class: 'card', 'aria-label': 'Facts' })
  const errors = disclosure('What went wrong', () => errorList(page, first.id))
  let shown = ''
  let timer: ReturnType<typeof setTimeout> | undefined

  const show = (batch: Batch): void => {
    const text = JSON.stringify(batch)
    if (text !== shown) {
      shown = text
      page.setTitle(batch.name ?? 'Batch')
      fill(head, headOf(batch), batchActions(page, batch, refresh))
      fill(counts, ...countsOf(batch))
      fill(side, factsOf(batch))
    }
    clearTimeout(timer)
    if (batch.finished_at === null && !page.signal.aborted) timer = setTimeout(refresh, everyMs)
  }
  const refresh = throttle(page, 300, async () => {
    try {
      show(await read())
      fill(problems)
    } catch (error) {
      if (isAborted(error)) return
      fill(problems, problemNotice(error))
      timer = setTimeout(refresh, everyMs)
    }
  })
  page.signal.addEventListener('abort', () => clearTimeout(timer))
  show(first)
  return make(
    'div',
    {},
    head,
    problems,
    make('div', { class: 'columns' }, make('div', { class: 'wide' }, counts, errors.element), side),
  )
}

const headOf = ({ name, id, state }: Batch): HTMLElement =>
  make(
    'header',
    { class: 'head' },
    make('h1', { class: 'title' }, badge(state), make('span', {}, name ?? id)),
  )

const countsOf = ({ id, jobs }: Batch): readonly HTMLElement[] => [
  countsBar(jobs),
  make(
    'ul',
    { class: 'legend' },
    ...countNames
      .filter((name) => jobs[name] > 0)
      .map((name) =>
        make(
          'li',
          {},
          make('span', { class: `swatch ${name}`, 'aria-hidden': 'true' }),
          // Held jobs are queued ones that their batch does not let go of yet; no list names them.
          name === 'held'
            ? make('span', {}, `${toCount(jobs[name])} ${name}`)
            : make(
                'a',
                { href: hashOf('jobs', { batch_id: id, state: name }) },
                `${toCount(jobs[name])} ${name}`,
              ),
        ),
      ),
  ),
]

const factsOf = (batch: Batch): HTMLElement =>
  facts(
    ['Id', make('code', { class: 'id' }, batch.id)],
    ['Created', moment(batch.created_at)],
    ['Finished', batch.finished_at && moment(batch.finished_at)],
    ['Progress', batch.finished_at === null && toPercent(batch.progress)],
    ['Done by', batch.finished_at === null && batch.eta && moment(batch.eta)],
    ['Lines', `${toCount(batch.lines.accepted)} taken, ${toCount(batch.lines.rejected)} refused`],
    ['Credits', `${toCount(batch.credits.spent)} of about ${toCount(batch.credits.estimated)}`],
    ['At risk', batch.credits.at_risk > 0 && toCount(batch.credits.at_risk)],
    ['Run again', batch.redrive && redriveOf(batch.redrive)],
    ['Jobs', make('a', { href: hashOf('jobs', { batch_id: batch.id }) }, 'all of them')],
  )

const redriveOf = ({ redriven, skipped, done }: NonNullable<Batch['redrive']>): string =>
  `${toCount(redriven)} ${toWords(done ? 'run_again' : 'so_far')}${skipped > 0 ? `, ${toCount(skipped)} skipped` : ''}`
