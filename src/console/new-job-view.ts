/** A small form for a job, with an estimate before anything is spent. */
import { newIdempotencyKey } from './api.ts'
import { filePicker } from './file-picker.ts'
import { fill, make } from './make.ts'
import { moment } from './moment.ts'
import { hashOf, type Page } from './page.ts'
import { problemNotice } from './problem.ts'
import type { Job, Preview, Skill } from './shapes.ts'
import { plural, toBytes } from './words.ts'

const usualSkill = 'text-to-video-higgsfield'
const ratios = ['16:9', '9:16', '1:1', '4:5']

export const newJobView = (page: Page): HTMLElement => {
  page.setTitle('New job')
  const fields = createFields(page)
  const answer = make('div', { 'aria-live': 'polite' })
  // One for each thing that is asked for: a second press of the button makes no second job.
  let sent = { text: '', key: newIdempotencyKey() }

  const run = async (isDry: boolean): Promise<void> => {
    const request = fields.read()
    if (request === null)
      return fill(answer, make('p', { class: 'notice' }, 'The files are still on their way.'))
    const text = JSON.stringify(request)
    if (text !== sent.text) sent = { text, key: newIdempotencyKey() }
    setBusy(true)
    try {
      if (isDry) {
        const body = { ...request, dry_run: true }
        fill(answer, estimateOf(await page.api.send<Preview>('POST', 'v1/jobs', { body })))
      } else {
        const job = await page.api.send<Job>('POST', 'v1/jobs', { body: request, idempotencyKey: sent.key })
        location.hash = hashOf(`jobs/${encodeURIComponent(job.id)}`)
      }
    } catch (error) {
      fill(answer, problemNotice(error))
    } finally {
      setBusy(false)
    }
  }
  const dry = make(
    'button',
    { type: 'button', onclick: () => form.reportValidity() && void run(true) },
    'Estimate',
  )
  const submit = make('button', { type: 'submit', class: 'primary' }, 'Make the video')
  const setBusy = (isBusy: boolean): void => {
    dry.disabled = isBusy
    submit.disabled = isBusy
  }
  const form = make(
    'form',
    {
      class: 'card form',
      onsubmit: (event) => {
        event.preventDefault()
        void run(false)
      },
    },
    ...fields.elements,
    answer,
    make('div', { class: 'actions' }, dry, submit),
  )
  return make('section', { class: 'narrow' }, make('div', { class: 'head' }, make('h1', {}, 'New job')), form)
}

const createFields = (page: Page) => {
  const skill = make(
    'select',
    { id: 'skill', onchange: () => describe() },
    ...page.skills.map(({ name, title }) => make('option', { value: name }, title)),
  )
  if (page.skills.some(({ name }) => name === usualSkill)) skill.value = usualSkill
  const about = make('p', { class: 'quiet small', id: 'skill-about' })
  const describe = (): void => {
    const chosen = page.skills.find(({ name }) => name === skill.value)
    about.textContent = chosen === undefined ? '' : aboutOf(chosen)
  }
  describe()

  const prompt = make('textarea', {
    id: 'prompt',
    rows: 4,
    required: true,
    placeholder: 'a 5-second clip of a fox running through a snowy forest at dusk',
  })
  const steps = make('textarea', { id: 'steps', rows: 2, placeholder: 'add lo-fi background music' })
  const files = filePicker(page, 'files')
  const ratio = make(
    'select',
    { id: 'ratio' },
    make('option', { value: '' }, 'from prompt'),
    ...ratios.map((value) => make('option', { value }, value)),
  )
  const seconds = make('input', { id: 'seconds', type: 'number', min: 1, max: 600, step: 'any' })
  const tags = make('input', { id: 'tags', placeholder: 'autumn, teaser' })
  const credits = make('input', { id: 'credits', type: 'number', min: 0, step: 1 })

  const read = (): object | null => {
    const uploadIds = files.uploadIds()
    if (uploadIds === null) return null
    const output = {
      ...(ratio.value !== '' && { aspect_ratio: ratio.value }),
      ...(seconds.value !== '' && { duration_s: Number(seconds.value) }),
    }
    return {
      skill: skill.value,
      prompt: prompt.value,
      steps: split(steps.value, '\n'),
      inputs: uploadIds.map((id) => ({ upload_id: id })),
      output,
      tags: split(tags.value, ','),
      ...(credits.value !== '' && { max_credits: Number(credits.value) }),
    }
  }
  const elements = [
    labeled('skill', 'Skill', skill, about),
    labeled('prompt', 'Prompt', prompt),
    labeled('files', 'Files', files.element),
    labeled('steps', 'Then, one change a line', steps),
    make(
      'div',
      { class: 'fields' },
      labeled('ratio', 'Shape', ratio),
      labeled('seconds', 'Seconds', seconds),
      labeled('tags', 'Tags', tags),
      labeled('credits', 'Credits at most', credits),
    ),
  ]
  return { elements, read }
}

const labeled = (id: string, label: string, ...content: readonly Node[]): HTMLElement =>
  make('div', { class: 'field' }, make('label', { for: id }, label), ...content)

const split = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')

const aboutOf = ({ summary, accepts, required_inputs, max_size_bytes, typical_seconds }: Skill): string => {
  const kinds = [...new Set(accepts.map(({ kind }) => kind))].join(', ')
  const needs = required_inputs.map(({ kind, min }) => plural(min, kind)).join(', ')
  return [
    summary,
    needs !== '' && `Needs ${needs}.`,
    kinds !== '' && `Takes ${kinds} up to ${toBytes(max_size_bytes)}.`,
    `Usually takes ${typical_seconds.min}–${typical_seconds.max} s.`,
  ]
    .filter(Boolean)
    .join(' ')
}

const estimateOf = ({ estimate, warnings }: Preview): HTMLElement =>
  make(
    'div',
    { class: 'notice good' },
    make(
      'strong',
      {},
      `About ${plural(estimate.credits, 'credit')} and ${Math.round(estimate.seconds)} s of work`,
    ),
    make('p', {}, 'It would start ', moment(estimate.start_at), '. Nothing was spent.'),
    warnings.length > 0 && make('ul', {}, ...warnings.map(({ message }) => make('li', {}, message))),
  )
