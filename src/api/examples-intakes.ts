/** The examples of intakes. */
import {
  exampleJobId as jobId,
  type OperationExample,
  exampleOrigin as origin,
  withJson,
} from './operation-example.ts'

const at = '2026-09-01T12:00:00.000Z'
const intakeId = 'int_0198c0de-7000-7000-8000-000000000030'
const failureId = 'ifl_0198c0de-7000-7000-8000-000000000031'
const self = `${origin}/v1/intakes/${intakeId}`
const mapping = '{"prompt": "a video for " & product.title, "metadata": {"order": $string(id)}}'

const intake = {
  id: intakeId,
  name: 'orders of the shop',
  verifier: {
    type: 'hmac-sha256',
    header: 'x-shop-signature',
    encoding: 'base64',
    prefix: '',
    id_header: 'x-shop-event',
    replay_window_s: 86_400,
  },
  mapping,
  defaults: { output: { aspect_ratio: '9:16' } },
  created_at: at,
  updated_at: at,
  links: { self, receive: `${origin}/in/${intakeId}`, test: `${self}/test`, failures: `${self}/failures` },
}

const request = {
  name: intake.name,
  verifier: {
    type: 'hmac-sha256',
    header: 'x-shop-signature',
    encoding: 'base64',
    id_header: 'x-shop-event',
  },
  mapping,
  defaults: intake.defaults,
}

const failure = {
  id: failureId,
  intake_id: intakeId,
  event_id: 'evt-4711',
  state: 'open',
  problem: {
    code: 'job_refused',
    detail: '/prompt is required and must be a string',
    errors: [{ pointer: '/prompt', code: 'missing', detail: 'is required and must be a string' }],
  },
  content_type: 'application/json',
  tries: 1,
  job_id: null,
  created_at: at,
  tried_at: at,
  expires_at: '2026-10-01T12:00:00.000Z',
  links: {
    self: `${self}/failures/${failureId}`,
    retry: `${self}/failures/${failureId}/retry`,
    job: null,
  },
}

const taken = {
  outcome: 'accepted',
  event_id: 'evt-4711',
  job_id: jobId,
  links: { job: `${origin}/v1/jobs/${jobId}` },
}
const takenAgain = { ...taken, outcome: 'duplicate' }

const job = { prompt: 'a video for Red kettle', metadata: { order: '42' }, output: { aspect_ratio: '9:16' } }

const trial = {
  outcome: 'accepted',
  mapped: job,
  preview: {
    valid: true,
    estimate: { credits: 100, start_at: at, seconds: 90 },
    warnings: [],
    normalized: {
      ...job,
      skill: 'free-video-generation-api',
      steps: [],
      inputs: [],
      priority: 'normal',
      on_unknown: 'fail',
      tags: [],
      dry_run: false,
    },
  },
  problems: [],
}

export const intakeExamples: Readonly<Record<string, OperationExample>> = {
  createIntake: {
    requestBody: withJson(request),
    responses: { 201: { ...intake, secret: 'kU9w0h1QmQJrVzq3nq0JmFzq1m0d8n2l7bq3T1c8u5E' } },
  },
  listIntakes: { responses: { 200: { data: [intake], next_cursor: null } } },
  getIntake: { responses: { 200: intake } },
  updateIntake: {
    requestBody: withJson({ mapping }),
    responses: { 200: { ...intake, secret: null } },
  },
  testIntake: {
    requestBody: withJson({ payload: { id: 42, product: { title: 'Red kettle' } } }),
    responses: { 200: trial },
  },
  listIntakeFailures: { responses: { 200: { data: [failure], next_cursor: null } } },
  getIntakeFailure: {
    responses: { 200: { ...failure, payload: '{"id": 42, "product": {}}' } },
  },
  retryIntakeFailure: { responses: { 200: takenAgain, 202: taken } },
  receiveEvent: { responses: { 200: takenAgain, 202: taken } },
}
