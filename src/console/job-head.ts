import { badge } from './badge.ts'
import { facts } from './facts.ts'
import { make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf } from './page.ts'
import type { Job } from './shapes.ts'
import { toBytes, toDuration, toShortId, toWords } from './words.ts'

export const jobHead = (job: Job): HTMLElement =>
  make(
    'header',
    { class: 'head' },
    make('h1', { class: 'title' }, badge(job.state), make('span', {}, job.prompt || toWords(job.purpose))),
    job.steps.length > 0 &&
      make('ol', { class: 'steps quiet' }, ...job.steps.map((step) => make('li', {}, step))),
  )

export const jobFacts = (job: Job): HTMLElement =>
  facts(
    ['Id', make('code', { class: 'id' }, job.id)],
    ['Skill', job.skill],
    ['Created', moment(job.created_at)],
    ['Started', job.started_at && moment(job.started_at)],
    ['Finished', job.finished_at && moment(job.finished_at)],
    ['Took', tookOf(job)],
    ['Attempt', job.attempt > 1 && job.attempt],
    ['Priority', job.priority !== 'normal' && job.priority],
    ['Credits', creditsOf(job)],
    ['Output', Object.values(job.output).join(', ')],
    ['Inputs', job.inputs.length > 0 && inputList(job)],
    ['File', job.artifact && fileOf(job.artifact)],
    ['SHA-256', job.artifact && make('code', { class: 'id' }, job.artifact.sha256)],
    ['Kept until', job.artifact?.expires_at && moment(job.artifact.expires_at)],
    [
      'Batch',
      job.batch_id &&
        make('a', { href: hashOf(`batches/${encodeURIComponent(job.batch_id)}`) }, toShortId(job.batch_id)),
    ],
    ['Own id', job.custom_id && make('code', { class: 'id' }, job.custom_id)],
    [
      'Conversation',
      job.session_id &&
        make(
          'a',
          { href: hashOf(`sessions/${encodeURIComponent(job.session_id)}`) },
          toShortId(job.session_id),
        ),
    ],
    ['Tags', job.tags.length > 0 && tagsOf(job)],
    ...Object.entries(job.metadata).map(([name, value]) => [name, value] as const),
  )

const tookOf = ({ started_at, finished_at }: Job): string | null =>
  started_at === null || finished_at === null
    ? null
    : toDuration(Date.parse(finished_at) - Date.parse(started_at))

const creditsOf = ({ credits: { spent, estimated, at_risk } }: Job): string =>
  `${spent} of about ${estimated}${at_risk > 0 ? `, ${at_risk} at risk` : ''}`

const fileOf = (artifact: NonNullable<Job['artifact']>): string =>
  [
    artifact.width !== null && `${artifact.width}×${artifact.height}`,
    toDuration(artifact.duration_s * 1_000),
    artifact.video_codec,
    artifact.audio_codec,
    toBytes(artifact.size_bytes),
  ]
    .filter(Boolean)
    .join(', ')

const inputList = ({ inputs }: Job): HTMLElement =>
  make(
    'ul',
    { class: 'bare' },
    ...inputs.map((input) =>
      make('li', {}, make('code', { class: 'id' }, 'url' in input ? input.url : input.upload_id)),
    ),
  )

const tagsOf = ({ tags }: Job): HTMLElement =>
  make(
    'span',
    { class: 'tags' },
    ...tags.map((tag) => make('a', { class: 'tag', href: hashOf('jobs', { tag }) }, tag)),
  )
