/** Every try of every stage, with what was said to the provider (what is secret was taken out by the service). */
import { type ListOf, path } from './api.ts'
import { badge } from './badge.ts'
import { actionButton } from './dialog.ts'
import { make } from './make.ts'
import { timeOfDay } from './moment.ts'
import type { Page } from './page.ts'
import { saveText } from './save.ts'
import type { Attempt, Exchanged, ProviderCall } from './shapes.ts'
import { toBytes, toDuration, toWords } from './words.ts'

export const attemptList = async (page: Page, jobId: string): Promise<Node> => {
  const place = path`v1/jobs/${jobId}/attempts`
  const { data } = await page.api.get<ListOf<Attempt>>(place, {}, page.signal)
  if (data.length === 0) return make('p', { class: 'quiet' }, 'No stage has been tried yet.')
  const har = actionButton('Download as HAR', async () => {
    const response = await page.api.open(`${place}?format=har`)
    saveText(`${jobId}.har`, await response.text())
  })
  return make(
    'div',
    {},
    make('ul', { class: 'attempts' }, ...data.map((attempt) => make('li', {}, attemptOf(attempt)))),
    make('div', { class: 'actions start' }, har),
  )
}

const attemptOf = (attempt: Attempt): HTMLElement => {
  const line = [
    badge(attempt.outcome),
    make('strong', {}, attempt.stage),
    make('span', { class: 'quiet' }, `attempt ${attempt.attempt}, try ${attempt.try + 1}`),
    make('span', { class: 'quiet' }, toDuration(attempt.ms)),
    attempt.failure_code !== null && make('span', { class: 'bad-text' }, toWords(attempt.failure_code)),
    make('span', { class: 'end quiet' }, timeOfDay(attempt.started_at)),
  ]
  if (attempt.calls.length === 0) return make('div', { class: 'line' }, ...line)
  return make(
    'details',
    {},
    make('summary', { class: 'line' }, ...line),
    ...attempt.calls.map(callOf),
    attempt.calls_omitted > 0 &&
      make('p', { class: 'quiet' }, `${attempt.calls_omitted} more were not kept.`),
  )
}

const callOf = (call: ProviderCall): HTMLElement =>
  make(
    'div',
    { class: 'call' },
    make(
      'div',
      { class: 'line' },
      make('strong', {}, call.operation),
      make('code', {}, `${call.method} ${call.path}`),
      call.response !== null &&
        make('span', { class: call.response.status < 400 ? 'good-text' : 'bad-text' }, call.response.status),
      make('span', { class: 'quiet' }, toDuration(call.ms)),
    ),
    call.error !== null && make('p', { class: 'bad-text' }, call.error),
    exchanged('Request', call.request),
    call.response && exchanged('Response', call.response),
  )

const exchanged = (title: string, { content_type, size_bytes, body }: Exchanged): HTMLElement | null => {
  if (body === null && size_bytes === null) return null
  const about = [title, content_type, size_bytes !== null && toBytes(size_bytes)].filter(Boolean).join(' · ')
  return make(
    'div',
    {},
    make('div', { class: 'quiet small' }, about),
    body !== null && make('pre', { class: 'code', tabindex: 0, 'aria-label': title }, body),
  )
}
