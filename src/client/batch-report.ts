/** What became of a batch's lines, over as many connections as it takes: every row once, and in order. */
import { CliplineError } from './error.ts'
import { readChunks } from './incoming.ts'
import { createPatience, type PatienceOptions } from './patience.ts'
import type { Transport } from './transport.ts'

export interface BatchReport {
  readonly batchId: string
  readonly part: 'results' | 'errors'
  readonly format: 'ndjson' | 'csv'
}

/** Rows as they are written, with their ends, some at a time. Rejects when the service refuses, or nothing moves. */
export async function* readReport(
  { open }: Transport,
  report: BatchReport,
  options: PatienceOptions = {},
): AsyncGenerator<readonly string[], void, undefined> {
  const { signal } = options
  const patience = createPatience(options)
  const position = createPosition(report)
  for (let isOpened = false; ; ) {
    try {
      const response = await open(position.path(), { signal })
      isOpened = true
      for await (const rows of rowsOf(response, report.format, signal)) {
        const fresh = position.take(rows)
        if (fresh.length === 0) continue
        patience.moved()
        yield fresh
      }
      return
    } catch (error) {
      if (!isOpened) throw error
      position.restart()
      await patience.afterBreak(error)
    }
  }
}

/** The rows of one answer. Throws where it does not end as it should. */
async function* rowsOf(
  response: Response,
  format: BatchReport['format'],
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  const splitter = createSplitter(format)
  for await (const chunk of readChunks(response, { what: 'the list', signal }))
    yield splitter.split(decoder.decode(chunk, { stream: true }))
  if (!splitter.isAtEnd()) throw new CliplineError('unreachable', 'the list broke off in the middle of a row')
}

/** Cuts text into rows. In a table, a cell in quotes may hold ends of lines. */
const createSplitter = (format: BatchReport['format']) => {
  let rest = ''
  let row = ''
  return {
    split(text: string): string[] {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      const rows: string[] = []
      for (const line of lines) {
        row += `${line}\n`
        if (format === 'csv' && !hasEvenQuotes(row)) continue
        rows.push(row)
        row = ''
      }
      return rows
    },
    isAtEnd: () => rest === '' && row === '',
  }
}

const hasEvenQuotes = (text: string): boolean => text.split('"').length % 2 === 1

/** What a row is about: a job, or a line that became none. */
interface Subject {
  readonly line: number
  readonly jobId: string | null
}

/** Where a report is: behind a job, or among the rows about one line, of which a batch of several streams has more. */
const createPosition = ({ batchId, part, format }: BatchReport) => {
  const hasHeader = format === 'csv'
  let isHeaderTold = false
  let isHeaderNext = hasHeader
  let last: Subject | null = null
  let rowsOfLastLine: readonly string[] = []
  /** They were given out, and come again. */
  let again: string[] = []

  const isAgain = (row: string): boolean => {
    const at = again.indexOf(row)
    if (at >= 0) again.splice(at, 1)
    return at >= 0
  }

  const remember = (rows: readonly string[]): void => {
    const lastRow = rows.at(-1)
    if (lastRow === undefined) return
    const end = toSubject(lastRow, format)
    const isOfLastLine = (row: string): boolean => {
      const { line, jobId } = toSubject(row, format)
      return jobId === null && line === end.line
    }
    const start = end.jobId === null ? rows.findLastIndex((row) => !isOfLastLine(row)) + 1 : rows.length
    const goesOn = start === 0 && end.line === last?.line
    rowsOfLastLine = goesOn ? [...rowsOfLastLine, ...rows] : rows.slice(start)
    last = end
  }

  return {
    path(): string {
      const after = last === null ? null : (last.jobId ?? String(last.line - 1))
      const query = new URLSearchParams({ format, ...(after !== null && { after }) })
      return `/v1/batches/${encodeURIComponent(batchId)}/${part}?${query}`
    },

    /** The rows that were not given out yet. */
    take(given: readonly string[]): readonly string[] {
      if (given.length === 0) return given
      const header = isHeaderNext ? given.slice(0, 1) : []
      isHeaderNext = false
      const rows = given.slice(header.length).filter((row) => !isAgain(row))
      remember(rows)
      if (isHeaderTold || header.length === 0) return rows
      isHeaderTold = true
      return [...header, ...rows]
    },

    /** What comes next is a new answer. */
    restart(): void {
      isHeaderNext = hasHeader
      again = [...rowsOfLastLine]
    },
  }
}

const toSubject = (row: string, format: BatchReport['format']): Subject => {
  if (format === 'csv') {
    const [line, , jobId] = [...row.matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(?:,|\r?\n)/g)].map(
      ([, cell]) => cell,
    )
    return { line: Number(line), jobId: jobId || null }
  }
  const { line, job_id, job } = JSON.parse(row) as {
    readonly line: number
    readonly job_id?: string | null
    readonly job?: { readonly id: string }
  }
  return { line, jobId: job?.id ?? job_id ?? null }
}
