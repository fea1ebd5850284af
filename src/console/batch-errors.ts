import { path } from './api.ts'
import { make } from './make.ts'
import { hashOf, type Page } from './page.ts'
import type { BatchError } from './shapes.ts'
import { cells, table } from './table.ts'
import { toWords } from './words.ts'

const most = 200

const columns = [
  { title: 'Line', isNumber: true },
  { title: 'Own id', isExtra: true },
  { title: 'What' },
  { title: 'Job' },
]

/** The first of a batch's errors; the stream may be long, and is not read to its end. */
export const errorList = async (page: Page, batchId: string): Promise<Node> => {
  const errors = await readSome(page, batchId)
  if (errors.length === 0) return make('p', { class: 'quiet' }, 'Nothing went wrong.')
  return make(
    'div',
    {},
    table('Errors', columns, errors.slice(0, most).map(rowOf)),
    errors.length > most && make('p', { class: 'quiet' }, `The first ${most}. Download them to see all.`),
  )
}

const readSome = async (page: Page, batchId: string): Promise<BatchError[]> => {
  const response = await page.api.open(`${path`v1/batches/${batchId}/errors`}?format=ndjson`, {
    signal: page.signal,
  })
  const errors: BatchError[] = []
  if (response.body === null) return errors
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (errors.length <= most) {
    const { value, done } = await reader.read()
    const lines = `${text}${value ?? ''}`.split('\n')
    text = done ? '' : (lines.pop() ?? '')
    for (const line of lines) if (line.trim() !== '') errors.push(JSON.parse(line) as BatchError)
    if (done) return errors
  }
  await reader.cancel()
  return errors
}

const rowOf = ({ line, custom_id, job_id, problem, failure }: BatchError): HTMLElement =>
  make(
    'tr',
    {},
    ...cells(
      columns,
      line,
      custom_id === null ? '' : make('code', {}, custom_id),
      make(
        'div',
        {},
        make('span', { class: 'bad-text' }, problem?.title ?? toWords(failure?.code ?? '')),
        make('div', { class: 'quiet small' }, problem?.detail ?? failure?.message),
      ),
      job_id === null ? '–' : make('a', { href: hashOf(`jobs/${encodeURIComponent(job_id)}`) }, 'open'),
    ),
  )
