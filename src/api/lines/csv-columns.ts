/** What the columns of a table of lines mean: dotted names are fields of a job, cells are text (api.md §4). */
import type { Fault } from '../../actions/fault.ts'

type ToValue = (cell: string) => unknown

const asText: ToValue = (cell) => cell
/** What is no number stays text, which the schema then refuses in its own words. */
const asNumber: ToValue = (cell) => (/^-?\d{1,15}(\.\d{1,15})?$/.test(cell.trim()) ? Number(cell) : cell)
const listBy =
  (separator: string, toItem: ToValue = asText): ToValue =>
  (cell) =>
    cell
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== '')
      .map(toItem)

const texts = [
  'custom_id',
  'skill',
  'prompt',
  'language',
  'session_id',
  'priority',
  'run_at',
  'on_unknown',
  'output.format',
  'output.quality',
  'output.aspect_ratio',
  'output.resolution',
  'callback.url',
  'callback.secret',
  'dedupe.key',
  'dedupe.on_conflict',
]
const numbers = ['output.duration_s', 'start_deadline_s', 'deadline_s', 'max_credits', 'dedupe.ttl_s']

interface Column {
  readonly path: readonly string[]
  readonly toValue: ToValue
}

const columns: ReadonlyMap<string, Column> = new Map([
  ...texts.map((name) => [name, { path: name.split('.'), toValue: asText }] as const),
  ...numbers.map((name) => [name, { path: name.split('.'), toValue: asNumber }] as const),
  ['tags', { path: ['tags'], toValue: listBy(';') }],
  ['callback.events', { path: ['callback', 'events'], toValue: listBy(';') }],
  ['steps', { path: ['steps'], toValue: listBy('\n') }],
  ['input_urls', { path: ['inputs'], toValue: listBy(';', (url) => ({ url })) }],
  ['input_upload_ids', { path: ['inputs'], toValue: listBy(';', (id) => ({ upload_id: id })) }],
])

/** Whatever follows is the name of an entry, dots and all. */
const openColumns = [
  ['metadata', /^metadata\.(.+)$/],
  ['callback.headers', /^callback\.headers\.(.+)$/],
] as const

const findColumn = (name: string): Column | null => {
  const known = columns.get(name)
  if (known !== undefined) return known
  for (const [parent, shape] of openColumns) {
    const entry = shape.exec(name)?.[1]
    if (entry !== undefined && entry !== '__proto__')
      return { path: [...parent.split('.'), entry], toValue: asText }
  }
  return null
}

export type CsvHeader =
  | { readonly ok: true; readonly toBody: (cells: readonly string[]) => Record<string, unknown> }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Reads the first record of a table. Empty cells say nothing; two columns of inputs add up. */
export const readCsvHeader = (names: readonly string[]): CsvHeader => {
  const trimmed = names.map((name) => name.trim())
  const found = trimmed.map(findColumn)
  const faults = trimmed.flatMap((name, index) => {
    const fault = (code: string, detail: string): Fault[] => [{ pointer: `/${index}`, code, detail }]
    if (found[index] === null)
      return fault('unknown_field', `${JSON.stringify(name.slice(0, 100))} is no column; ${accepted}`)
    return trimmed.indexOf(name) === index ? [] : fault('not_accepted', `${name} is there twice`)
  })
  if (faults.length > 0) return { ok: false, faults }
  const header = found.filter((column) => column !== null)
  return { ok: true, toBody: (cells) => toBody(header, cells) }
}

const accepted = `accepted: ${[...columns.keys(), 'metadata.…', 'callback.headers.…'].join(', ')}`

const toBody = (header: readonly Column[], cells: readonly string[]): Record<string, unknown> => {
  const body: Record<string, unknown> = {}
  header.forEach(({ path, toValue }, index) => {
    const cell = cells[index] ?? ''
    if (cell !== '') place(body, path, toValue(cell))
  })
  return body
}

const place = (into: Record<string, unknown>, path: readonly string[], value: unknown): void => {
  const [name = '', ...rest] = path
  const before = into[name]
  if (rest.length > 0) {
    const inner = (before ?? {}) as Record<string, unknown>
    into[name] = inner
    place(inner, rest, value)
  } else into[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
}
