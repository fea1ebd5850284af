/** The examples of batches. */
import {
  type OperationExample,
  exampleOrigin as origin,
  type RequestBody,
  withJson,
} from './operation-example.ts'

const batchId = 'bat_0198c0de-7000-7000-8000-000000000030'
const self = `${origin}/v1/batches/${batchId}`

const links = {
  self,
  lines: `${self}/lines`,
  close: `${self}/close`,
  cancel: `${self}/cancel`,
  redrive: null,
  jobs: `${origin}/v1/jobs?batch_id=${batchId}`,
  results: `${self}/results`,
  errors: `${self}/errors`,
}

const noJobs = { held: 0, queued: 0, running: 0, waiting: 0, succeeded: 0, failed: 0, canceled: 0 }

const openBatch = {
  id: batchId,
  name: 'autumn catalog',
  state: 'open',
  defaults: { skill: 'text-to-video-higgsfield', output: { aspect_ratio: '9:16' } },
  callback: { url: 'https://example.com/hooks/clipline', events: ['batch.completed'], headers: {} },
  max_credits: 50_000,
  all_or_nothing: false,
  metadata: { season: 'autumn' },
  lines: { accepted: 0, rejected: 0, total: 0 },
  jobs: noJobs,
  credits: { estimated: 0, spent: 0, at_risk: 0 },
  progress: 0,
  eta: null,
  redrive: null,
  created_at: '2026-09-01T12:00:00.000Z',
  closed_at: null,
  finished_at: null,
  links,
}

const runningBatch = {
  ...openBatch,
  state: 'running',
  lines: { accepted: 400, rejected: 1, total: 401 },
  jobs: { ...noJobs, queued: 200, running: 60, waiting: 40, succeeded: 97, failed: 3 },
  credits: { estimated: 40_000, spent: 9_900, at_risk: 0 },
  progress: 0.25,
  eta: '2026-09-01T12:40:00.000Z',
  closed_at: '2026-09-01T12:00:10.000Z',
  links: { ...links, lines: null, close: null, redrive: `${self}/redrive` },
}

const endedBatch = {
  ...runningBatch,
  state: 'completed_with_errors',
  jobs: { ...noJobs, succeeded: 397, failed: 3 },
  credits: { estimated: 40_000, spent: 39_800, at_risk: 0 },
  progress: 1,
  eta: null,
  finished_at: '2026-09-01T12:41:00.000Z',
  links: { ...runningBatch.links, cancel: null },
}

const cancelingBatch = {
  ...runningBatch,
  state: 'canceling',
  eta: null,
  links: { ...runningBatch.links, cancel: null, redrive: null },
}

const redrivenBatch = {
  ...endedBatch,
  state: 'running',
  finished_at: null,
  redrive: {
    requested_at: '2026-09-01T13:00:00.000Z',
    failure_codes: ['render_timeout'],
    accept_cost: false,
    redriven: 0,
    skipped: 0,
    done: false,
  },
  links: runningBatch.links,
}

const lines = {
  accepted: 400,
  rejected: 1,
  duplicates: 0,
  total: 401,
  errors: [
    {
      line: 17,
      custom_id: 'order-17',
      problem: {
        type: `${origin}/docs/problems/unknown_skill`,
        title: 'There is no such skill',
        status: 422,
        detail: '/skill is not a skill; GET /v1/skills lists them',
        code: 'unknown_skill',
        retryable: false,
        errors: [
          { pointer: '/skill', code: 'unknown_skill', detail: 'is not a skill; GET /v1/skills lists them' },
        ],
      },
    },
  ],
}

const ndjson = {
  schema: { type: 'string' as const },
  example:
    '{"custom_id": "order-1", "prompt": "a fox in the snow"}\n{"custom_id": "order-2", "prompt": "a hare in the grass"}\n',
}

const csv = {
  schema: { type: 'string' as const },
  example:
    'custom_id,prompt,output.aspect_ratio,metadata.order,input_urls\norder-1,a fox in the snow,9:16,1,https://example.com/fox.jpg\n',
}

const linesBody: RequestBody = {
  required: true,
  content: {
    'application/x-ndjson': ndjson,
    'text/csv': csv,
    'application/json': {
      schema: { type: 'array', items: { type: 'object' } },
      example: [{ custom_id: 'order-1', prompt: 'a fox in the snow' }],
    },
  },
}

const batchRequest = {
  name: openBatch.name,
  defaults: openBatch.defaults,
  callback: { url: openBatch.callback.url },
  max_credits: openBatch.max_credits,
  metadata: openBatch.metadata,
}

const withLines = (described: RequestBody | undefined): RequestBody => {
  const body = withJson(batchRequest)(described)
  if ('$ref' in body) return body
  return { ...body, content: { ...body.content, 'application/x-ndjson': ndjson, 'text/csv': csv } }
}

export const batchExamples: Readonly<Record<string, OperationExample>> = {
  createBatch: {
    requestBody: withLines,
    responses: {
      201: openBatch,
      202: {
        ...runningBatch,
        defaults: {},
        callback: null,
        max_credits: null,
        metadata: {},
        ingest: lines,
      },
    },
  },
  listBatches: { responses: { 200: { data: [runningBatch], next_cursor: null } } },
  getBatch: { responses: { 200: endedBatch, 202: runningBatch } },
  addBatchLines: { requestBody: () => linesBody, responses: { 200: lines } },
  closeBatch: { responses: { 200: endedBatch, 202: runningBatch } },
  cancelBatch: { responses: { 202: cancelingBatch } },
  redriveBatch: {
    requestBody: withJson({ failure_codes: ['render_timeout'] }),
    responses: { 202: redrivenBatch },
  },
  getBatchResults: { responses: {} },
  getBatchErrors: { responses: {} },
}
