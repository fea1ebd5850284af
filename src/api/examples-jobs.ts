/** The examples of jobs, their events and their artifacts. */
import {
  exampleDigest,
  exampleJobId as jobId,
  type OperationExample,
  exampleOrigin as origin,
  withJson,
} from './operation-example.ts'

const artifactId = 'art_0198c0de-7000-7000-8000-000000000002'

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
  sha256: exampleDigest,
  width: 1080,
  height: 1920,
  duration_s: 5,
  video_codec: 'h264',
  audio_codec: 'aac',
  expires_at: '2026-10-01T12:01:10.000Z',
}

export const queuedJob = {
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

export const exampleJob = {
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

export const jobExamples: Readonly<Record<string, OperationExample>> = {
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
          { name: 'day_credits', used: 4_150, max: 10_000 },
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
  listEvents: { responses: { 200: { data: [exampleEvent], next_cursor: 'NzQxLjE', gap: null } } },
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
}
