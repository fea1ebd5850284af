/** One example for each operation of the OpenAPI document. A test holds them against the schemas. */
import { batchExamples } from './examples-batches.ts'
import { intakeExamples } from './examples-intakes.ts'
import { managementExamples } from './examples-management.ts'
import { resumableExamples } from './examples-resumable.ts'
import { sessionExamples } from './examples-sessions.ts'
import { usageExamples } from './examples-usage.ts'
import {
  type OperationExample,
  exampleOrigin as origin,
  type RequestBody,
  withJson,
} from './operation-example.ts'

const jobId = 'job_0198c0de-7000-7000-8000-000000000001'
const artifactId = 'art_0198c0de-7000-7000-8000-000000000002'
const uploadId = 'upl_0198c0de-7000-7000-8000-000000000003'
const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

const linksOf = (isEnded: boolean) => ({
  self: `${origin}/v1/jobs/${jobId}`,
  events: `${origin}/v1/jobs/${jobId}/events`,
  attempts: `${origin}/v1/jobs/${jobId}/attempts`,
  cancel: isEnded ? null : `${origin}/v1/jobs/${jobId}/cancel`,
  redrive: null,
  explain: `${origin}/v1/jobs/${jobId}/explain`,
  timeline: isEnded ? `${origin}/v1/jobs/${jobId}/timeline` : null,
  artifact: isEnded ? `${origin}/v1/artifacts/${artifactId}/content` : null,
})

const exampleArtifact = {
  id: artifactId,
  url: `${origin}/v1/artifacts/${artifactId}/content`,
  content_type: 'video/mp4',
  size_bytes: 4_194_304,
  sha256: digest,
  width: 1080,
  height: 1920,
  duration_s: 5,
  video_codec: 'h264',
  audio_codec: 'aac',
  expires_at: '2026-10-01T12:01:10.000Z',
}

const queuedJob = {
  id: jobId,
  state: 'queued',
  stage: 'auth',
  purpose: 'video',
  skill: 'text-to-video-higgsfield',
  prompt: 'a fox running through a snowy forest at dusk',
  steps: ['add lo-fi background music'],
  inputs: [],
  output: { aspect_ratio: '9:16', duration_s: 5 },
  priority: 'normal',
  attempt: 1,
  progress: 0,
  timeline: null,
  message: null,
  artifact: null,
  failure: null,
  credits: { estimated: 150, spent: 0, at_risk: 0 },
  warnings: [],
  provider: { task_id: null, session_id: null, render_id: null, url: null },
  session_id: null,
  batch_id: null,
  custom_id: null,
  metadata: { order: '42' },
  tags: ['autumn'],
  timings: {},
  created_at: '2026-09-01T12:00:00.000Z',
  started_at: null,
  finished_at: null,
  links: linksOf(false),
}

const exampleJob = {
  ...queuedJob,
  state: 'succeeded',
  stage: 'deliver',
  progress: 1,
  timeline: 'Timeline (2 tracks): 1. Video: fox (0-5s) 2. BGM: lo-fi (0-5s, 35%)',
  message: 'Your video is ready.',
  artifact: exampleArtifact,
  credits: { estimated: 150, spent: 150, at_risk: 0 },
  provider: {
    task_id: '7301',
    session_id: '5529798706099999999',
    render_id: 'render_0198c0de-7000-7000-8000-000000000004',
    url: 'https://provider.example/render_1.mp4',
  },
  timings: { queued_ms: 12, auth_ms: 3, session_ms: 210, generate_ms: 41_300, render_ms: 22_100 },
  started_at: '2026-09-01T12:00:00.012Z',
  finished_at: '2026-09-01T12:01:10.000Z',
  links: linksOf(true),
}

const exampleEvent = {
  id: 'evt_0198c0de-7000-7000-8000-000000000005',
  seq: 1,
  type: 'job.queued',
  job_id: jobId,
  at: '2026-09-01T12:00:00.000Z',
  data: { skill: 'text-to-video-higgsfield' },
}

const exampleUpload = {
  id: uploadId,
  filename: 'portrait.jpg',
  content_type: 'image/jpeg',
  size_bytes: 482_113,
  sha256: digest,
  width: 1200,
  height: 1600,
  duration_s: null,
  created_at: '2026-09-01T12:00:00.000Z',
  expires_at: '2026-09-02T12:00:00.000Z',
}

const exampleSkill = {
  name: 'image-to-video-higgsfield',
  title: 'Image to Video – Higgsfield',
  summary: 'Animates one or more photos into a video that follows the prompt.',
  attribution: { source: 'image-to-video-higgsfield', version: '1.0.0' },
  accepts: [{ kind: 'image', content_types: ['image/jpeg'], extensions: ['jpg', 'jpeg'], sent_as: 'file' }],
  max_size_bytes: 20_000_000,
  required_inputs: [{ kind: 'image', min: 1 }],
  defaults: { format: 'mp4', quality: 'high', resolution: '1080p' },
  credit_estimates: { generation: 100, edit: 50 },
  typical_seconds: { min: 30, max: 90 },
}

const checks = { database: { ok: true, ms: 2 }, queue: { ok: true, ms: 1 }, storage: { ok: true, ms: 3 } }

const uploadBody: RequestBody = {
  required: true,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { file: { type: 'array', items: { type: 'string', format: 'binary' } } },
      },
    },
    'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
    'application/json': {
      schema: {
        type: 'object',
        required: ['url'],
        additionalProperties: false,
        properties: { url: { type: 'string', maxLength: 2048 } },
      },
      example: { url: 'https://example.com/portrait.jpg' },
    },
  },
}

export const examples: Readonly<Record<string, OperationExample>> = {
  ...resumableExamples,
  ...batchExamples,
  ...intakeExamples,
  ...managementExamples,
  ...usageExamples,
  ...sessionExamples(queuedJob, exampleJob),
  createJob: {
    requestBody: withJson({
      skill: 'text-to-video-higgsfield',
      prompt: 'a fox running through a snowy forest at dusk',
      steps: ['add lo-fi background music'],
      output: { aspect_ratio: '9:16', duration_s: 5 },
      callback: { url: 'https://example.com/hooks/clipline' },
      metadata: { order: '42' },
      tags: ['autumn'],
    }),
    responses: { 202: queuedJob, 200: exampleJob },
  },
  listJobs: { responses: { 200: { data: [exampleJob], next_cursor: null } } },
  getJob: { responses: { 200: exampleJob, 202: queuedJob } },
  cancelJob: {
    responses: {
      200: {
        outcome: 'canceled',
        credits_spent: 0,
        job: {
          ...queuedJob,
          state: 'canceled',
          finished_at: '2026-09-01T12:00:09.000Z',
          links: { ...linksOf(false), cancel: null },
        },
      },
      202: { outcome: 'canceling', credits_spent: 0, job: { ...queuedJob, state: 'running' } },
    },
  },
  deleteJob: { responses: {} },
  explainJob: {
    responses: {
      200: {
        state: 'queued',
        stage: 'auth',
        waiting_for: {
          kind: 'tenant_concurrency',
          detail: 'The tenant has 10 jobs at work, as many as it may.',
          until: null,
        },
        ahead: 4,
        limits: [
          { name: 'tenant_concurrency', used: 10, max: 10 },
          { name: 'account_concurrency', used: 10, max: 1000 },
          { name: 'worker_slots', used: 10, max: 1000 },
        ],
        next_attempt_at: '2026-09-01T12:00:00.000Z',
        last_failure: null,
        predicted_start_at: '2026-09-01T12:00:40.000Z',
        suggestions: ['Wait for the jobs at work, or raise max_concurrency of the tenant.'],
      },
    },
  },
  getTimeline: {
    responses: {
      200: {
        summary: 'Timeline (2 tracks): 1. Video: fox (0-5s) 2. BGM: lo-fi (0-5s, 35%)',
        exportable: true,
        duration_s: 5,
        tracks: [
          {
            kind: 'video',
            volume_percent: null,
            segments: [{ start_s: 0, duration_s: 5, label: 'fox' }],
          },
          { kind: 'audio', volume_percent: 35, segments: [{ start_s: 0, duration_s: 5, label: 'lo-fi' }] },
        ],
      },
    },
  },
  redriveJob: {
    requestBody: withJson({ from_stage: 'render' }),
    responses: {
      202: {
        job: { ...queuedJob, stage: 'render', attempt: 2, progress: 0.76 },
        from_stage: 'render',
        reused: ['session', 'messages', 'render'],
        rerun: ['render', 'deliver'],
        estimated_credits: 0,
      },
    },
  },
  listAttempts: {
    responses: {
      200: {
        data: [
          {
            attempt: 1,
            stage: 'session',
            message_no: 0,
            try: 0,
            outcome: 'done',
            failure_code: null,
            detail: {},
            calls: [
              {
                operation: 'creating a session',
                method: 'POST',
                path: '/api/tasks/me/with-session/nemo_agent',
                at_ms: 2,
                ms: 205,
                request: {
                  content_type: 'application/json',
                  size_bytes: 29,
                  body: '{"task_name":"A fox at dusk"}',
                },
                response: {
                  status: 200,
                  content_type: 'application/json',
                  size_bytes: 97,
                  body: '{"code":0,"data":{"task_id":"7","session_id":"7309"}}',
                },
                error: null,
              },
            ],
            calls_omitted: 0,
            started_at: '2026-09-01T12:00:00.015Z',
            finished_at: '2026-09-01T12:00:00.225Z',
            ms: 210,
          },
        ],
        next_cursor: null,
      },
    },
  },
  listJobEvents: { responses: { 200: { data: [exampleEvent], next_cursor: null } } },
  listEvents: { responses: { 200: { data: [exampleEvent], next_cursor: 'NzQxLjE' } } },
  createUpload: { requestBody: () => uploadBody, responses: { 201: exampleUpload } },
  listUploads: { responses: { 200: { data: [exampleUpload], next_cursor: null } } },
  getUpload: { responses: { 200: exampleUpload } },
  deleteUpload: { responses: {} },
  getArtifact: { responses: { 200: exampleArtifact } },
  getArtifactContent: { responses: {} },
  createArtifactLink: {
    requestBody: withJson({ ttl_s: 86_400 }),
    responses: {
      201: {
        url: `${origin}/v1/artifacts/${artifactId}/content?token=v1.WzE3ODg.c2lnbmF0dXJl`,
        expires_at: '2026-09-02T12:00:00.000Z',
      },
    },
  },
  createStreamToken: {
    requestBody: withJson({ job_id: jobId, ttl_s: 900 }),
    responses: {
      201: {
        token: 'v1.WzE3ODg.c2lnbmF0dXJl',
        url: `${origin}/v1/jobs/${jobId}/events?token=v1.WzE3ODg.c2lnbmF0dXJl`,
        expires_at: '2026-09-01T12:15:00.000Z',
      },
    },
  },
  listSkills: { responses: { 200: { data: [exampleSkill], next_cursor: null } } },
  getSkill: { responses: { 200: exampleSkill } },
  getCredits: {
    responses: {
      200: { available: 900, frozen: 100, total: 1000, token_expires_at: '2026-09-08T12:00:00.000Z' },
    },
  },
  getLiveness: { responses: { 200: { alive: true } } },
  getReadiness: { responses: { 200: { ready: true, checks } } },
}
