import type { Job, JobRequest } from '../../src/job/job.ts'

export const makeRequest = (request: Partial<JobRequest> = {}): JobRequest => ({
  purpose: 'video',
  skill: 'free-video-generation-api',
  prompt: 'a fox in the snow',
  steps: [],
  inputs: [],
  output: {},
  language: null,
  callback: null,
  onUnknown: 'fail',
  maxCredits: null,
  metadata: {},
  tags: [],
  ...request,
})

/** A job as its holder sees it, at the beginning of its first stage unless a test says otherwise. */
export const makeJob = ({
  request,
  ...job
}: Partial<Omit<Job, 'request'>> & { request?: Partial<JobRequest> } = {}): Job => ({
  id: 'job_1',
  tenantId: 'ten_1',
  state: 'running',
  stage: 'auth',
  messageNo: 0,
  seq: 3,
  epoch: 1,
  attempt: 1,
  tries: 0,
  crashCount: 0,
  sessionId: null,
  accountId: 'acc_1',
  providerSessionId: null,
  providerTaskId: null,
  providerUserId: null,
  renderId: null,
  renderUrl: null,
  artifactId: null,
  notes: {},
  progress: 0,
  timeline: null,
  message: null,
  warnings: [],
  failureCode: null,
  creditsSpent: 0,
  creditsAtRisk: 0,
  timings: {},
  request: makeRequest(request),
  ...job,
})
