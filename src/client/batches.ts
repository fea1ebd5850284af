import { randomUUID } from 'node:crypto'
import { readReport } from './batch-report.ts'
import { type BatchSource, openLines } from './batch-source.ts'
import { pages } from './lists.ts'
import { type SendProgress, sendSource } from './outgoing.ts'
import type {
  Batch,
  BatchLines,
  BatchRedriveRequest,
  BatchRequest,
  BatchState,
  Job,
  Problem,
} from './shapes.ts'
import { type Transport, unwrap } from './transport.ts'
import { type OpenedSource, openSource, type UploadSource } from './upload-source.ts'
import { type WaitForBatchOptions, waitForBatch } from './wait-for-batch.ts'

export interface SubmitBatchOptions extends BatchRequest {
  readonly signal?: AbortSignal
  /** Is told the empty batch, before any line is sent: its id is what a broken submission is known by. */
  readonly onCreated?: (batch: Batch) => void
  readonly onProgress?: (progress: SendProgress & { readonly sentLines: number | null }) => void
}

export interface SendLinesOptions {
  /** What the file is: `ndjson`, `csv` with a row of names, or a `json` array. */
  readonly format: BatchFormat
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: SendProgress) => void
}

export interface ReadReportOptions {
  readonly signal?: AbortSignal
  /** How long nothing may move before that is thrown; five minutes when left out. */
  readonly patienceMs?: number
}

export type BatchFormat = 'ndjson' | 'csv' | 'json'

export interface SubmittedBatch {
  /** The batch as it was closed. */
  readonly batch: Batch
  /** What came of its lines. Bad ones hold up nothing. */
  readonly lines: BatchLines
}

export interface BatchResult {
  readonly line: number
  readonly custom_id: string | null
  readonly job: Job
}

/** A line that became no job has a `problem`, a job that failed a `failure`. */
export interface BatchFault {
  readonly line: number
  readonly custom_id: string | null
  readonly job_id: string | null
  readonly problem: Omit<Problem, 'instance' | 'request_id'> | null
  readonly failure: Job['failure']
}

export interface Batches {
  /** Makes a batch of lines and starts it. Lines are streamed: any number of them takes the same memory. */
  submit(lines: BatchSource, options?: SubmitBatchOptions): Promise<SubmittedBatch>
  /** The same with lines that stand in a file already. */
  submitFile(source: UploadSource, options: SubmitBatchOptions & SendLinesOptions): Promise<SubmittedBatch>
  /** An empty batch, which takes lines until it is closed. */
  create(request?: BatchRequest): Promise<Batch>
  /** Adds lines to an open batch; what it has already by its `custom_id` changes nothing. */
  send(batchId: string, lines: BatchSource, options?: { readonly signal?: AbortSignal }): Promise<BatchLines>
  close(batchId: string): Promise<Batch>
  get(batchId: string): Promise<Batch>
  list(filter?: { readonly state?: BatchState[] }): AsyncGenerator<Batch, void, undefined>
  /** Waits until the batch has ended. Throws `WaitTimedOut` when that takes too long. */
  wait(batchId: string, options?: WaitForBatchOptions): Promise<Batch>
  /**
   * Every line that became a job, in order, with the job as it stands; over as many connections as it takes, each one
   * once.
   */
  results(batchId: string, options?: ReadReportOptions): AsyncGenerator<BatchResult, void, undefined>
  /** The lines that became no jobs, then the jobs that failed; likewise. */
  errors(batchId: string, options?: ReadReportOptions): AsyncGenerator<BatchFault, void, undefined>
  /** Results or errors as a file's bytes; likewise. */
  report(
    batchId: string,
    part: 'results' | 'errors',
    format: 'ndjson' | 'csv',
    options?: ReadReportOptions,
  ): Promise<ReadableStream<Uint8Array>>
  cancel(batchId: string): Promise<Batch>
  /** Runs its failed jobs again; `accept_cost: true` for those that would send a paid message again. */
  redrive(batchId: string, request?: BatchRedriveRequest): Promise<Batch>
}

/** Rejects with what is refused before the first row. */
const toBytes = async (rows: AsyncGenerator<readonly string[]>): Promise<ReadableStream<Uint8Array>> => {
  const encoder = new TextEncoder()
  let next = await rows.next()
  return new ReadableStream({
    async pull(controller) {
      if (next.done) return controller.close()
      controller.enqueue(encoder.encode(next.value.join('')))
      next = await rows.next()
    },
    async cancel() {
      await rows.return(undefined)
    },
  })
}

const contentTypes = { ndjson: 'application/x-ndjson', csv: 'text/csv', json: 'application/json' } as const

export const createBatches = (transport: Transport): Batches => {
  const { http } = transport
  const at = (id: string) => ({ params: { path: { id } } })
  /** What changes nothing the second time may be sent again; without a key it would not be. */
  const again = (id: string) => ({ ...at(id), headers: { 'Idempotency-Key': randomUUID() } })

  const create: Batches['create'] = async (request = {}) => {
    const header = { 'Idempotency-Key': randomUUID() }
    return (await unwrap(http.POST('/v1/batches', { params: { header }, body: request }))) as Batch
  }
  const close: Batches['close'] = (id) => unwrap(http.POST('/v1/batches/{id}/close', again(id)))
  const get: Batches['get'] = (id) => unwrap(http.GET('/v1/batches/{id}', at(id)))

  const send = async (
    batchId: string,
    source: OpenedSource,
    { format, onProgress, signal }: SendLinesOptions,
  ): Promise<BatchLines> => {
    const response = await sendSource(transport, {
      path: `/v1/batches/${encodeURIComponent(batchId)}/lines`,
      headers: { 'content-type': contentTypes[format], 'idempotency-key': randomUUID() },
      source,
      onProgress,
      signal,
    })
    return (await response.json()) as BatchLines
  }

  const submit = async (
    source: OpenedSource,
    {
      onCreated,
      format,
      onProgress,
      signal,
      ...request
    }: Omit<SubmitBatchOptions, 'onProgress'> & SendLinesOptions,
  ): Promise<SubmittedBatch> => {
    const batch = await create(request)
    onCreated?.(batch)
    const lines = await send(batch.id, source, {
      format,
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    })
    return { lines, batch: await close(batch.id) }
  }

  const report: Batches['report'] = async (batchId, part, format, options) =>
    toBytes(readReport(transport, { batchId, part, format }, options))

  async function* readEntries<Entry>(
    batchId: string,
    part: 'results' | 'errors',
    options: ReadReportOptions | undefined,
  ): AsyncGenerator<Entry, void, undefined> {
    for await (const rows of readReport(transport, { batchId, part, format: 'ndjson' }, options))
      for (const row of rows) yield JSON.parse(row) as Entry
  }

  return {
    create,
    close,
    get,
    report,

    submit(lines, { onProgress, ...options } = {}) {
      let sentLines = 0
      const source = openLines(lines, (count) => {
        sentLines = count
      })
      const told = onProgress && { onProgress: (sent: SendProgress) => onProgress({ ...sent, sentLines }) }
      return submit(source, { ...options, ...told, format: 'ndjson' })
    },

    async submitFile(source, { onProgress, ...options }) {
      const told = onProgress && {
        onProgress: (sent: SendProgress) => onProgress({ ...sent, sentLines: null }),
      }
      return submit(await openSource(source), { ...options, ...told })
    },

    send: (batchId, lines, options = {}) =>
      send(
        batchId,
        openLines(lines, () => undefined),
        { ...options, format: 'ndjson' },
      ),

    list: (filter = {}) =>
      pages((page) => http.GET('/v1/batches', { params: { query: { ...filter, ...page } } })),

    wait: (batchId, options = {}) => waitForBatch(() => get(batchId), batchId, options),

    results: (batchId, options) => readEntries(batchId, 'results', options),
    errors: (batchId, options) => readEntries(batchId, 'errors', options),

    cancel: (batchId) => unwrap(http.POST('/v1/batches/{id}/cancel', again(batchId))),

    redrive: (batchId, request = {}) =>
      unwrap(http.POST('/v1/batches/{id}/redrive', { ...at(batchId), body: request })),
  }
}
