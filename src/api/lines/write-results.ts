/** What became of the lines of a batch, as NDJSON or CSV, a page at a time. */
import type { LineRejection, LineResult } from '../../store/batch-results.ts'
import { toLineProblem } from '../schemas/line-out.ts'
import { toJobOut } from '../to-job-out.ts'

export const resultFormats = ['ndjson', 'csv'] as const
export type ResultFormat = (typeof resultFormats)[number]

export const resultMediaTypes: Record<ResultFormat, string> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
}

type Cell = string | number | null

export async function* writeResults(
  pages: AsyncIterable<readonly LineResult[]>,
  format: ResultFormat,
  publicUrl: string,
): AsyncGenerator<string> {
  if (format === 'csv') yield toCsvRow(resultColumns)
  for await (const page of pages)
    yield page
      .map((result) => (format === 'csv' ? toResultRow(result, publicUrl) : toResultJson(result, publicUrl)))
      .join('')
}

export async function* writeErrors(
  {
    rejections,
    failed,
  }: {
    readonly rejections: AsyncIterable<readonly LineRejection[]> | Iterable<readonly LineRejection[]>
    readonly failed: AsyncIterable<readonly LineResult[]>
  },
  format: ResultFormat,
  publicUrl: string,
): AsyncGenerator<string> {
  const write = (error: LineError): string => (format === 'csv' ? toErrorRow(error) : toLine(error))
  if (format === 'csv') yield toCsvRow(errorColumns)
  for await (const page of rejections)
    yield page.map((rejection) => write(toRejectionOut(rejection, publicUrl))).join('')
  for await (const page of failed) yield page.map((result) => write(toFailedOut(result, publicUrl))).join('')
}

const toLine = (value: object): string => `${JSON.stringify(value)}\n`

const toResultJson = ({ line, job }: LineResult, publicUrl: string): string =>
  toLine({ line, custom_id: job.customId, job: toJobOut(job, publicUrl) })

const resultColumns = [
  'line',
  'custom_id',
  'job_id',
  'state',
  'failure.code',
  'failure.message',
  'credits.spent',
  'artifact.id',
  'artifact.url',
  'artifact.size_bytes',
  'artifact.sha256',
  'artifact.duration_s',
  'created_at',
  'finished_at',
]

const toResultRow = ({ line, job }: LineResult, publicUrl: string): string => {
  const { artifact, failure, credits, ...shown } = toJobOut(job, publicUrl)
  return toCsvRow([
    line,
    job.customId,
    shown.id,
    shown.state,
    failure?.code ?? null,
    failure?.message ?? null,
    credits.spent,
    artifact?.id ?? null,
    artifact?.url ?? null,
    artifact?.size_bytes ?? null,
    artifact?.sha256 ?? null,
    artifact?.duration_s ?? null,
    shown.created_at,
    shown.finished_at,
  ])
}

interface LineError {
  readonly line: number
  readonly custom_id: string | null
  readonly job_id: string | null
  /** Of a line that did not become a job. */
  readonly problem: ReturnType<typeof toLineProblem> | null
  /** Of a job. */
  readonly failure: { readonly code: string; readonly message: string } | null
}

const toRejectionOut = (rejection: LineRejection, publicUrl: string): LineError => ({
  line: rejection.line,
  custom_id: rejection.customId,
  job_id: null,
  problem: toLineProblem(rejection, publicUrl),
  failure: null,
})

const toFailedOut = ({ line, job }: LineResult, publicUrl: string): LineError => ({
  line,
  custom_id: job.customId,
  job_id: job.id,
  problem: null,
  failure: toJobOut(job, publicUrl).failure,
})

const errorColumns = ['line', 'custom_id', 'job_id', 'code', 'detail']

const toErrorRow = ({ line, custom_id, job_id, problem, failure }: LineError): string =>
  toCsvRow([
    line,
    custom_id,
    job_id,
    problem?.code ?? failure?.code ?? null,
    problem?.detail ?? failure?.message ?? null,
  ])

/** RFC 4180. */
const toCsvRow = (cells: readonly Cell[]): string => `${cells.map(toCell).join(',')}\r\n`

/** A text that spreadsheets would read as a formula: whoever opens the table did not write it (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r]/

const toCell = (cell: Cell): string => {
  const text = typeof cell === 'string' && formula.test(cell) ? `'${cell}` : String(cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
