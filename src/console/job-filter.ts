/** What of the jobs is shown. The filter stands in the address, so it can be kept and passed on. */
import { make } from './make.ts'
import { hashOf, type Page } from './page.ts'
import { jobStates, stages } from './shapes.ts'
import { toWords } from './words.ts'

export const filterNames = [
  'state',
  'stage',
  'skill',
  'failure_code',
  'tag',
  'batch_id',
  'session_id',
] as const

const failureCodes = [
  'invalid_input',
  'unsupported_media_type',
  'media_too_large',
  'input_unreachable',
  'provider_auth_failed',
  'provider_session_lost',
  'out_of_credits',
  'export_not_allowed',
  'provider_rate_limited',
  'provider_unavailable',
  'provider_rejected',
  'generation_failed',
  'generation_timeout',
  'generation_outcome_unknown',
  'awaiting_input',
  'draft_not_exportable',
  'render_failed',
  'render_timeout',
  'artifact_invalid',
  'storage_failed',
  'budget_exceeded',
  'deadline_exceeded',
  'start_deadline_exceeded',
  'canceled',
  'internal',
]

export const jobFilter = ({ query, skills }: Page): HTMLElement => {
  const apply = (): void => {
    const values = new FormData(form)
    const id = textOf(values, 'id')
    location.hash =
      id === ''
        ? hashOf('jobs', Object.fromEntries(filterNames.map((name) => [name, textOf(values, name)])))
        : hashOf(`jobs/${encodeURIComponent(id)}`)
  }
  const choice = (name: string, label: string, options: readonly (readonly [string, string])[]) => {
    const select = make(
      'select',
      { name, onchange: apply },
      make('option', { value: '' }, 'any'),
      ...options.map(([value, title]) => make('option', { value }, title)),
    )
    select.value = query.get(name) ?? ''
    return make('label', {}, label, select)
  }
  const text = (name: string, label: string, placeholder: string) => {
    const input = make('input', {
      name,
      type: 'search',
      placeholder,
      spellcheck: 'false',
      autocomplete: 'off',
      onchange: apply,
    })
    input.value = query.get(name) ?? ''
    return make('label', {}, label, input)
  }
  const same = (value: string) => [value, toWords(value)] as const
  const rare = make(
    'details',
    {},
    make('summary', {}, 'More filters'),
    make(
      'div',
      { class: 'fields' },
      choice('stage', 'Stage', stages.map(same)),
      choice('failure_code', 'Failure', failureCodes.map(same)),
      text('batch_id', 'Batch', 'bat_…'),
      text('session_id', 'Conversation', 'ses_…'),
    ),
  )
  rare.open = ['stage', 'failure_code', 'batch_id', 'session_id'].some((name) => query.has(name))
  const form = make(
    'form',
    {
      class: 'filter',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault()
        apply()
      },
    },
    make(
      'div',
      { class: 'fields' },
      choice('state', 'State', jobStates.map(same)),
      choice(
        'skill',
        'Skill',
        skills.map(({ name }) => [name, name] as const),
      ),
      text('tag', 'Tag', 'autumn'),
      text('id', 'Open by id', 'job_…'),
      make('button', { type: 'submit', class: 'hidden-label' }, 'Apply'),
    ),
    rare,
  )
  return form
}

const textOf = (values: FormData, name: string): string => String(values.get(name) ?? '').trim()
