/** What happened to a job, newest last, as it happens. */
import { make } from './make.ts'
import { timeOfDay } from './moment.ts'
import type { JobEvent } from './shapes.ts'
import { toDuration, toPercent, toWords } from './words.ts'

export interface EventLog {
  readonly element: HTMLElement
  add(event: JobEvent): void
  lastSeq(): number
}

const slackPx = 8

export const eventLog = (): EventLog => {
  const list = make('ol', { class: 'events' })
  const count = make('span', { class: 'quiet' })
  const box = make('div', { class: 'inside scroll', tabindex: 0, role: 'log', 'aria-label': 'Events' }, list)
  let last = 0
  let progress: HTMLElement | null = null
  return {
    element: make('details', { class: 'card fold', open: true }, make('summary', {}, 'Events ', count), box),
    lastSeq: () => last,
    add(event) {
      if (event.seq <= last) return
      last = event.seq
      count.textContent = String(last)
      const line = lineOf(event)
      // Who reads further up is not pulled away from there.
      const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < slackPx
      // Progress that rises again and again is one line.
      if (event.type === 'job.progress' && progress !== null) progress.replaceWith(line)
      else list.append(line)
      progress = event.type === 'job.progress' ? line : null
      if (isAtEnd) box.scrollTop = box.scrollHeight
    },
  }
}

const lineOf = (event: JobEvent): HTMLElement =>
  make(
    'li',
    {},
    timeOfDay(event.at),
    make('span', { class: `name ${toneOf(event.type)}` }, toWords(event.type.replace('job.', ''))),
    make('span', { class: 'words' }, toText(event)),
  )

const toneOf = (type: string): string => {
  if (type === 'job.succeeded') return 'good-text'
  return type === 'job.failed' ? 'bad-text' : ''
}

const toText = ({ type, data }: JobEvent): string => {
  const text = (name: string): string => (data[name] === undefined ? '' : String(data[name]))
  switch (type) {
    case 'job.stage_started':
      return text('stage')
    case 'job.stage_finished':
      return `${text('stage')} in ${toDuration(Number(data['ms']))}`
    case 'job.progress':
      return toPercent(Number(data['progress']))
    case 'job.message':
      return text('text')
    case 'job.waiting':
      return `${text('stage')}: ${toWords(text('reason'))}, looks again in ${toDuration(Number(data['due_in_ms']))}`
    case 'job.retrying':
      return `${text('stage')}: ${text('message')} (try ${text('try')}, again in ${toDuration(Number(data['delay_ms']))})`
    case 'job.failed':
      return `${toWords(text('code'))}: ${text('message')}`
    case 'job.redriven':
      return `attempt ${text('attempt')}, from ${text('stage')}`
    case 'job.rescued':
    case 'job.canceled':
      return text('stage')
    case 'job.queued':
      return text('skill')
    default:
      return ''
  }
}
