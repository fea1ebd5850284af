/** Problems with jobs, conversations and batches. */
import type { ProblemKind } from './problem-kind.ts'

export const jobProblems = {
  already_finished: {
    status: 409,
    title: 'The job has ended',
    isRetryable: false,
    advice: 'A job that has ended cannot be canceled. Read it to see how it ended.',
  },
  no_draft: {
    status: 409,
    title: 'There is no draft',
    isRetryable: true,
    advice:
      'There is one from the first generation on, for as long as the provider keeps the session of the job or the conversation.',
  },
  session_lost: {
    status: 409,
    title: 'The provider no longer knows this conversation',
    isRetryable: false,
    advice:
      'What was made in it is gone at the provider; files that were exported are kept here. Begin a new one with POST /v1/sessions.',
  },
  not_finished: {
    status: 409,
    title: 'The job has not ended',
    isRetryable: true,
    advice: 'Only a job that has ended can be erased. Cancel it, or wait for its end.',
  },
  not_failed: {
    status: 409,
    title: 'The job has not failed',
    isRetryable: false,
    advice: 'Only a failed job can be run again. Read it to see where it is, or submit it anew.',
  },
  cost_not_accepted: {
    status: 409,
    title: 'Running the job again would generate again',
    isRetryable: false,
    advice:
      'A message that may have been paid for already would be sent once more. Send accept_cost: true to accept that, or name a later from_stage.',
  },
  batch_not_open: {
    status: 409,
    title: 'The batch takes no more lines',
    isRetryable: false,
    advice: 'It was closed or canceled. Lines that it took before stay. Make another batch for the rest.',
  },
  batch_not_redrivable: {
    status: 409,
    title: 'There is nothing of the batch to run again',
    isRetryable: false,
    advice:
      'Failed jobs of a batch that was closed run again, one redrive at a time; the detail says what is missing.',
  },
  duplicate_job: {
    status: 409,
    title: 'A job with this dedupe key exists',
    isRetryable: false,
    advice: 'The earlier job holds the key until its ttl_s is over. Use it, or choose another on_conflict.',
  },
  batch_full: {
    status: 413,
    title: 'The batch has as many lines as it may have',
    isRetryable: false,
    advice: 'A batch has 1,000,000 lines at most. What was taken stays; make another batch for the rest.',
  },
  job_refused: {
    status: 422,
    title: 'What the mapping made of the event is not acceptable as a job',
    isRetryable: false,
    advice:
      'The event is kept; the errors point into the job. Mend the mapping or the defaults, then POST …/retry.',
  },
  unknown_skill: {
    status: 422,
    title: 'There is no such skill',
    isRetryable: false,
    advice: 'GET /v1/skills lists them.',
  },
  unknown_session: {
    status: 422,
    title: 'There is no such conversation',
    isRetryable: false,
    advice: 'GET /v1/sessions lists them.',
  },
  session_skill_differs: {
    status: 422,
    title: 'The conversation is of another skill',
    isRetryable: false,
    advice:
      'A conversation keeps the skill that it was begun with. Leave skill out, or begin another conversation.',
  },
  missing_input: {
    status: 422,
    title: 'The skill needs an input that is not there',
    isRetryable: false,
    advice: 'GET /v1/skills/{name} lists what it requires.',
  },
  budget_exceeded: {
    status: 422,
    title: 'A budget does not allow this',
    isRetryable: true,
    advice:
      'The first message alone would cost more than what is left: of max_credits of the job or the batch, or of max_credits_per_day of the tenant, which is renewed at midnight UTC. Nothing was stored or spent.',
  },
} as const satisfies Record<string, ProblemKind>
