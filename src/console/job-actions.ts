/** What can be done with a job. */
import { newIdempotencyKey, path } from './api.ts'
import { actionButton, ask } from './dialog.ts'
import { serviceAddress } from './empty-state.ts'
import { make } from './make.ts'
import { copy, notify } from './notify.ts'
import type { Page } from './page.ts'
import { type Job, stages } from './shapes.ts'
import { plural } from './words.ts'

export interface JobWatcher {
  /** The job as it is now, or null when it has to be read again. */
  onChanged(job: Job | null): void
}

export const jobActions = (page: Page, job: Job, watcher: JobWatcher): HTMLElement =>
  make(
    'div',
    { class: 'actions start' },
    job.links.cancel !== null && button('Cancel', () => askCancel(page, job, watcher)),
    job.links.redrive !== null && button('Run again…', () => askRedrive(page, job, watcher), 'primary'),
    actionButton('Copy id', () => copy(job.id, 'the id')),
    actionButton('Copy curl', () => copy(curlOf(job), 'the command')),
    job.finished_at !== null && button('Erase…', () => askErase(page, job), 'plain'),
  )

const button = (label: string, act: () => void, look?: string): HTMLElement =>
  make('button', { type: 'button', class: look, onclick: () => act() }, label)

const curlOf = ({ id }: Job): string =>
  `curl ${serviceAddress()}/v1/jobs/${id} -H "Authorization: Bearer $CLIPLINE_API_KEY"`

const askCancel = ({ api }: Page, job: Job, watcher: JobWatcher): void =>
  ask({
    title: 'Cancel this job?',
    content: [make('p', {}, 'What is under way at the provider is stopped. What was spent stays spent.')],
    confirm: 'Cancel the job',
    isDangerous: true,
    async act() {
      const { outcome, job: next } = await api.send<{ outcome: string; job: Job }>(
        'POST',
        path`v1/jobs/${job.id}/cancel`,
      )
      notify(outcome === 'canceled' ? 'The job is canceled.' : 'The job is being canceled.')
      watcher.onChanged(next)
    },
  })

interface Redriven {
  readonly job: Job
  readonly from_stage: string
  readonly estimated_credits: number
}

const askRedrive = ({ api }: Page, job: Job, watcher: JobWatcher): void => {
  const idempotencyKey = newIdempotencyKey()
  const stage = make(
    'select',
    { id: 'redrive-stage' },
    make('option', { value: '' }, 'where it is best mended'),
    ...stages.map((name) => make('option', { value: name }, name)),
  )
  const cost = make('input', { type: 'checkbox', id: 'redrive-cost' })
  ask({
    title: 'Run this job again?',
    content: [
      make('p', {}, job.failure?.hint),
      make('label', { for: 'redrive-stage' }, 'From stage'),
      stage,
      make(
        'label',
        { class: 'check', for: 'redrive-cost' },
        cost,
        'I accept that what may have been paid for already is paid again',
      ),
    ],
    confirm: 'Run again',
    async act() {
      const redriven = await api.send<Redriven>('POST', path`v1/jobs/${job.id}/redrive`, {
        body: { ...(stage.value !== '' && { from_stage: stage.value }), accept_cost: cost.checked },
        idempotencyKey: `${idempotencyKey}-${stage.value}-${cost.checked}`,
      })
      notify(
        `It runs again from ${redriven.from_stage}, for about ${plural(redriven.estimated_credits, 'credit')}.`,
      )
      watcher.onChanged(redriven.job)
    },
  })
}

const askErase = ({ api }: Page, job: Job): void =>
  ask({
    title: 'Erase this job?',
    content: [
      make(
        'p',
        {},
        'Its prompt, files, metadata and the words of the provider are removed. Ids, times and credits stay for the books. It cannot be undone.',
      ),
    ],
    confirm: 'Erase for good',
    isDangerous: true,
    async act() {
      await api.send('DELETE', path`v1/jobs/${job.id}`)
      notify('The job is erased.')
      location.hash = '#/jobs'
    },
  })
