/** The stages of a job in their order, with the time each took, and how far the whole is. */
import { fill, make } from './make.ts'
import { progressBar, setProgress } from './progress-bar.ts'
import { type Job, type Stage, stages } from './shapes.ts'
import { toDuration, toPercent } from './words.ts'

export interface Pipeline {
  readonly element: HTMLElement
  update(job: Job): void
  setProgress(part: number): void
}

type StageState = 'done' | 'now' | 'failed' | 'skipped' | 'next'

const marks: Readonly<Record<StageState, string>> = {
  done: '✓',
  now: '●',
  failed: '✕',
  skipped: '–',
  next: '○',
}

export const createPipeline = (): Pipeline => {
  const bar = progressBar(0, 'Progress of the job')
  const part = make('span', { class: 'figure' })
  const steps = make('ol', { class: 'pipeline' })
  let known = 0
  const setPart = (progress: number): void => {
    known = Math.max(known, progress)
    setProgress(bar, known)
    part.textContent = toPercent(known)
  }
  return {
    element: make(
      'section',
      { class: 'card', 'aria-label': 'Pipeline' },
      steps,
      make('div', { class: 'progress whole' }, bar, part),
    ),
    setProgress: setPart,
    update(job) {
      if (job.state !== 'running' && job.state !== 'waiting') known = 0
      setPart(job.progress)
      bar.className = job.state
      fill(steps, ...stages.map((stage) => stepOf(job, stage)))
    },
  }
}

const stepOf = (job: Job, stage: Stage): HTMLElement => {
  const state = stateOf(job, stage)
  const ms = job.timings[`${stage}_ms`]
  return make(
    'li',
    { class: state, 'aria-current': state === 'now' ? 'step' : null },
    make('span', { class: 'mark', 'aria-hidden': 'true' }, marks[state]),
    make('span', { class: 'name' }, stage),
    make('span', { class: 'sr' }, state),
    make('span', { class: 'took quiet' }, ms === undefined ? '' : toDuration(ms)),
  )
}

const stateOf = (job: Job, stage: Stage): StageState => {
  const at = stages.indexOf(job.stage)
  const index = stages.indexOf(stage)
  const isTimed = job.timings[`${stage}_ms`] !== undefined
  if (job.state === 'succeeded') return isTimed || index === at ? 'done' : 'skipped'
  if (index === at) {
    if (job.state === 'failed' || job.state === 'canceled') return 'failed'
    return job.state === 'queued' && job.started_at === null ? 'next' : 'now'
  }
  if (index < at) return isTimed ? 'done' : 'skipped'
  return 'next'
}
