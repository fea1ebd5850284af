/** Why a job is not further yet, asked again while it waits. */
import { path } from './api.ts'
import { fill, make } from './make.ts'
import { moment } from './moment.ts'
import { type Page, repeat } from './page.ts'
import { isAborted, ProblemError } from './problem.ts'
import type { Explanation, Job } from './shapes.ts'
import { plural, toWords } from './words.ts'

const everyMs = 3_000

export interface ExplainPanel {
  readonly element: HTMLElement
  update(job: Job): void
}

export const explainPanel = (page: Page, jobId: string): ExplainPanel => {
  const element = make('section', { class: 'card', 'aria-label': 'Why it waits' })
  element.hidden = true
  let isWaiting = false
  let isStarted = false

  const read = async (): Promise<void> => {
    if (!isWaiting) return
    try {
      show(await page.api.get<Explanation>(path`v1/jobs/${jobId}/explain`, {}, page.signal))
    } catch (error) {
      // It explains, and is missed by nobody where it cannot; the job itself shows what is wrong.
      if (!isAborted(error) && !(error instanceof ProblemError) && !(error instanceof TypeError)) throw error
    }
  }
  const show = (explanation: Explanation): void => {
    element.hidden = !isWaiting || explanation.waiting_for === null
    fill(element, contentOf(explanation))
  }
  return {
    element,
    update({ state }) {
      isWaiting = state === 'queued' || state === 'waiting'
      if (!isWaiting) element.hidden = true
      if (!isWaiting || isStarted) return
      isStarted = true
      void read()
      repeat(page, everyMs, read)
    },
  }
}

const contentOf = (explanation: Explanation): HTMLElement => {
  const { waiting_for, ahead, limits, next_attempt_at, last_failure, predicted_start_at, suggestions } =
    explanation
  return make(
    'div',
    {},
    make('h2', {}, `Waits for ${toWords(waiting_for?.kind ?? '')}`),
    make('p', {}, waiting_for?.detail),
    make(
      'p',
      { class: 'quiet line' },
      ahead > 0 && make('span', {}, `${plural(ahead, 'job')} ahead`),
      next_attempt_at !== null && make('span', {}, 'next look ', moment(next_attempt_at)),
      predicted_start_at !== null && make('span', {}, 'start expected ', moment(predicted_start_at)),
      ...limits
        .filter(({ used }) => used > 0)
        .map(({ name, used, max }) => make('span', {}, `${toWords(name)} ${used} of ${max}`)),
    ),
    last_failure !== null &&
      make('p', { class: 'bad-text' }, `${toWords(last_failure.code)}: ${last_failure.message ?? ''}`),
    suggestions.length > 0 && make('ul', {}, ...suggestions.map((text) => make('li', {}, text))),
  )
}
