/** The examples of conversations, beside those of `examples.ts`. */
import { type OperationExample, exampleOrigin as origin, withJson } from './operation-example.ts'

const sessionId = 'ses_0198c0de-7000-7000-8000-00000000000a'
const messageId = 'msg_0198c0de-7000-7000-8000-00000000000b'
const self = `${origin}/v1/sessions/${sessionId}`
const timeline = 'Timeline (2 tracks): 1. Video: fox (0-5s) 2. BGM: lo-fi (0-5s, 35%)'

const exampleSession = {
  id: sessionId,
  skill: 'text-to-video-higgsfield',
  language: 'en',
  metadata: { customer: '42' },
  provider: { task_id: null, session_id: null },
  timeline: null,
  job_id: null,
  queued: 0,
  credits_spent: 0,
  lost_at: null,
  created_at: '2026-09-01T12:00:00.000Z',
  links: {
    self,
    messages: `${self}/messages`,
    timeline: `${self}/timeline`,
    exports: `${self}/exports`,
    jobs: `${origin}/v1/jobs?session_id=${sessionId}`,
  },
}

const usedSession = {
  ...exampleSession,
  provider: { task_id: '7301', session_id: '5529798706099999999' },
  timeline,
  credits_spent: 150,
}

const trackTimeline = {
  summary: timeline,
  exportable: true,
  duration_s: 5,
  tracks: [
    { kind: 'video', volume_percent: null, segments: [{ start_s: 0, duration_s: 5, label: 'fox' }] },
    { kind: 'audio', volume_percent: 35, segments: [{ start_s: 0, duration_s: 5, label: 'lo-fi' }] },
  ],
}

/** `queuedJob` and `exportedJob` are those of the other examples. */
export const sessionExamples = (
  queuedJob: object,
  exportedJob: object,
): Readonly<Record<string, OperationExample>> => {
  const inSession = { session_id: sessionId, steps: [], output: {}, metadata: {}, tags: [] }
  const message = { ...queuedJob, ...inSession, purpose: 'message', prompt: 'make it shorter' }
  const queuedExport = { ...queuedJob, ...inSession, purpose: 'export', prompt: '' }
  const endedExport = { ...exportedJob, ...inSession, purpose: 'export', prompt: '' }
  return {
    createSession: {
      requestBody: withJson({
        skill: 'text-to-video-higgsfield',
        language: 'en',
        metadata: { customer: '42' },
      }),
      responses: { 201: exampleSession },
    },
    listSessions: { responses: { 200: { data: [usedSession], next_cursor: null } } },
    getSession: { responses: { 200: usedSession } },
    sendMessage: {
      requestBody: withJson({ text: 'make it shorter' }),
      responses: {
        200: { action: 'status', reply: timeline, timeline: trackTimeline },
        202: { action: 'generate', reply: 'I am on it.', job: message },
      },
    },
    listMessages: {
      responses: {
        200: {
          data: [
            {
              id: messageId,
              role: 'user',
              action: 'status',
              text: 'show tracks',
              job_id: null,
              at: '2026-09-01T12:02:00.000Z',
            },
          ],
          next_cursor: null,
        },
      },
    },
    getSessionTimeline: { responses: { 200: trackTimeline } },
    listExports: { responses: { 200: { data: [endedExport], next_cursor: null } } },
    createExport: {
      requestBody: withJson({ output: { quality: 'high' } }),
      responses: { 202: queuedExport, 200: endedExport },
    },
  }
}
