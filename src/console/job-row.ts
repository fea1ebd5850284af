import { badge } from './badge.ts'
import { fill, make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf } from './page.ts'
import { progressBar, setProgress } from './progress-bar.ts'
import type { Job, JobEvent } from './shapes.ts'
import { type Column, cells } from './table.ts'
import { toPercent, toWords } from './words.ts'

export const jobColumns: readonly Column[] = [
  { title: 'State' },
  { title: 'Prompt' },
  { title: 'Stage', isExtra: true },
  { title: 'Progress', isExtra: true },
  { title: 'Skill', isExtra: true },
  { title: 'Age', isNumber: true },
]

export interface JobRow {
  readonly element: HTMLElement
  update(job: Job): void
  /** True when the event says enough by itself. */
  take(event: JobEvent): boolean
}

/** They change nothing that a list of jobs shows, besides what a row takes from them itself. */
export const quietEvents: readonly string[] = [
  'job.progress',
  'job.message',
  'job.stage_started',
  'job.stage_finished',
]

export const createJobRow = (first: Job): JobRow => {
  const state = make('span')
  const stage = make('span')
  const bar = progressBar(0, 'Progress')
  const part = make('span', { class: 'quiet figure' })
  const prompt = make(
    'a',
    { class: 'prompt', href: hashOf(`jobs/${encodeURIComponent(first.id)}`) },
    first.prompt === '' ? toWords(first.purpose) : first.prompt,
  )
  const element = make(
    'tr',
    {},
    ...cells(
      jobColumns,
      state,
      make('div', {}, prompt, tagList(first)),
      stage,
      make('span', { class: 'progress' }, bar, part),
      make('span', { class: 'quiet nowrap' }, first.skill),
      moment(first.created_at),
    ),
  )

  const showProgress = (progress: number): void => {
    setProgress(bar, progress)
    part.textContent = toPercent(progress)
  }
  const showPlace = (stateName: string, place: string): void => {
    fill(state, badge(stateName))
    stage.textContent = place
  }
  const update = (job: Job): void => {
    showPlace(job.state, job.failure === null ? job.stage : toWords(job.failure.code))
    stage.className = job.failure === null ? '' : 'bad-text'
    showProgress(job.progress)
    bar.className = job.state
  }
  update(first)
  return {
    element,
    update,
    take({ type, data }) {
      switch (type) {
        case 'job.progress':
          showProgress(Number(data['progress']))
          return true
        case 'job.stage_started':
          showPlace('running', String(data['stage']))
          return true
        case 'job.waiting':
          showPlace('waiting', String(data['stage']))
          return true
        default:
          return quietEvents.includes(type)
      }
    },
  }
}

const tagList = ({ tags, batch_id, custom_id }: Job): HTMLElement | null => {
  if (tags.length === 0 && custom_id === null && batch_id === null) return null
  return make(
    'span',
    { class: 'tags' },
    custom_id !== null && make('code', {}, custom_id),
    ...tags.map((tag) => make('a', { class: 'tag', href: hashOf('jobs', { tag }) }, tag)),
  )
}
