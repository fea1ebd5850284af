/** Batches over an API kit: sending lines, and stepping what the worker role does with them. */
import type { LightMyRequestResponse } from 'fastify'
import { type KeepBatchesDeps, keepBatches } from '../../../src/actions/keep-batches.ts'
import { createQueueGauge } from '../../../src/actions/queue-gauge.ts'
import { toBatchOut } from '../../../src/api/schemas/batch-out.ts'
import { systemClock } from '../../../src/clock.ts'
import { cancelJob, failJob } from '../../../src/job/decide.ts'
import type { FailureCode } from '../../../src/job/failure.ts'
import { createBatchWorkStore } from '../../../src/store/batch-work.ts'
import { createTallyStore } from '../../../src/store/tallies.ts'
import { type ApiKit, publicUrl } from './kit.ts'

export interface BatchKit {
  readonly deps: KeepBatchesDeps
  /** Makes an open batch and gives its id. */
  create(body?: object): Promise<string>
  send(batchId: string, lines: readonly unknown[], query?: string): Promise<LightMyRequestResponse>
  sendText(
    batchId: string,
    text: string | Buffer,
    options?: { type?: string; query?: string; headers?: Record<string, string> },
  ): Promise<LightMyRequestResponse>
  post(batchId: string, verb: string, payload?: object): Promise<LightMyRequestResponse>
  read(batchId: string): Promise<Record<string, never>>
  /** Has the keeper do whatever there is to do. */
  keep(): Promise<void>
  jobIds(batchId: string): Promise<string[]>
  /** Works on a due job until it has ended that way. */
  finish(jobId: string, verb: 'succeed' | 'fail' | 'cancel', code?: FailureCode): Promise<void>
}

export const toNdjson = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('')

export const openBatchKit = (kit: ApiKit, settings: { readonly queueBound?: number } = {}): BatchKit => {
  const { pool } = kit.store
  const deps: KeepBatchesDeps = {
    ...kit.deps,
    batchWork: createBatchWorkStore({ pool }),
    tallies: createTallyStore({ pool }),
    queue: createQueueGauge(kit.deps.tenants.countQueued, systemClock),
    telemetry: { state: () => undefined },
    queueBound: settings.queueBound ?? 1_000_000,
    showBatch: (batch, figures) => toBatchOut(batch, figures, { publicUrl, nowMs: Date.now() }),
  }
  const sendText: BatchKit['sendText'] = (batchId, text, { type, query = '', headers = {} } = {}) =>
    kit.send({
      method: 'POST',
      url: `/v1/batches/${batchId}/lines${query}`,
      headers: { 'content-type': type ?? 'application/x-ndjson', ...headers },
      payload: text,
    })
  return {
    deps,
    sendText,
    async create(body = {}) {
      const response = await kit.send({ method: 'POST', url: '/v1/batches', payload: body })
      if (response.statusCode !== 201) throw new Error(response.body)
      return response.json().id
    },
    send: (batchId, lines, query = '') => sendText(batchId, toNdjson(lines), { query }),
    post: (batchId, verb, payload) =>
      kit.send({
        method: 'POST',
        url: `/v1/batches/${batchId}/${verb}`,
        ...(payload === undefined ? {} : { payload }),
      }),
    read: async (batchId) => (await kit.send({ method: 'GET', url: `/v1/batches/${batchId}` })).json(),
    async keep() {
      while (await keepBatches(deps, new AbortController().signal));
    },
    async jobIds(batchId) {
      const { rows } = await pool.query<{ id: string }>(
        'SELECT id FROM jobs WHERE batch_id = $1 ORDER BY id',
        [batchId],
      )
      return rows.map(({ id }) => id)
    },
    async finish(jobId, verb, code = 'generation_failed') {
      const claim = await kit.writer.claimJob(jobId)
      if (claim === null) throw new Error(`job ${jobId} is not due`)
      const { epoch, seq, stage } = claim.job
      const ending = {
        succeed: {
          patch: { progress: 1 },
          events: [{ type: 'job.succeeded', data: { artifact_id: null } }],
        } as const,
        fail: failJob(stage, code, 'no'),
        cancel: cancelJob(stage),
      }[verb]
      const { patch, events } = ending
      const { outcome } = await kit.writer.transitionJob({ verb, jobId, epoch, seq, patch, events })
      if (outcome !== 'applied') throw new Error(`job ${jobId} did not ${verb}`)
    },
  }
}
