/**
 * The failure catalog: every reason for which a job may end in `failed` (api.md §1, upstream-protocol.md §5).
 * `retry` says whether a stage may try again by itself; `isRetryable` tells the client whether a redrive or a new
 * submit can help; `hint` says what a person can do.
 */
export interface FailureKind {
  readonly title: string
  /** May the stage be tried again by Clipline itself, within the stage's own schedule? */
  readonly retry: 'never' | 'schedule'
  /** May the client expect a redrive to help without changing the job? */
  readonly isRetryable: boolean
  readonly hint: string
}

export const failureCatalog = {
  invalid_input: {
    title: 'The job cannot be carried out as it was given',
    retry: 'never',
    isRetryable: false,
    hint: 'Correct the job and submit it again.',
  },
  unsupported_media_type: {
    title: 'The provider does not accept this type of file',
    retry: 'never',
    isRetryable: false,
    hint: 'Use mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a or aac.',
  },
  media_too_large: {
    title: 'A media file is too large',
    retry: 'never',
    isRetryable: false,
    hint: 'Compress or trim the file, or use a skill with a higher limit.',
  },
  input_unreachable: {
    title: 'An input URL could not be fetched',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Check that the URL is public and answers with the file itself.',
  },
  provider_auth_failed: {
    title: 'The provider refused the credentials',
    retry: 'never',
    isRetryable: true,
    hint: 'Check NEMO_TOKEN or the tenant’s provider account, then redrive the job.',
  },
  provider_session_lost: {
    title: 'The provider no longer knows the session',
    retry: 'never',
    isRetryable: true,
    hint: 'What was generated in that session is gone. A redrive starts a new session and generates again; a conversation has to be begun anew.',
  },
  out_of_credits: {
    title: 'The provider account has no credits left',
    retry: 'never',
    isRetryable: true,
    hint: 'Top up or register the account, then redrive the job.',
  },
  export_not_allowed: {
    title: 'The provider refused the export',
    retry: 'never',
    isRetryable: true,
    hint: 'This is about the plan or the attribution headers, not credits: upgrade the plan, then redrive from export.',
  },
  provider_rate_limited: {
    title: 'The provider is limiting the rate of calls',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Wait, then redrive; lower the tenant’s concurrency if it happens often.',
  },
  provider_unavailable: {
    title: 'The provider could not be reached or answered with an error',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Redrive when the provider is back.',
  },
  provider_rejected: {
    title: 'The provider rejected the request',
    retry: 'never',
    isRetryable: false,
    hint: 'Read the message; the same request will be rejected again.',
  },
  generation_failed: {
    title: 'The provider reported that the generation failed',
    retry: 'never',
    isRetryable: true,
    hint: 'Change the prompt or redrive; a redrive generates, and pays, again.',
  },
  generation_timeout: {
    title: 'The generation did not finish in time',
    retry: 'never',
    isRetryable: true,
    hint: 'A redrive looks at the session first and generates again only with accept_cost.',
  },
  generation_outcome_unknown: {
    title: 'The message was sent but nobody can tell whether it was carried out',
    retry: 'never',
    isRetryable: true,
    hint: 'Credits may have been spent. Look at the provider session, then redrive with accept_cost.',
  },
  awaiting_input: {
    title: 'The provider asked a question instead of generating',
    retry: 'never',
    isRetryable: true,
    hint: 'Read the message and submit a prompt that answers it.',
  },
  draft_not_exportable: {
    title: 'The draft holds nothing that can be exported',
    retry: 'never',
    isRetryable: true,
    hint: 'Submit a prompt that makes a clip, or redrive from generate.',
  },
  render_failed: {
    title: 'The provider could not render the draft',
    retry: 'never',
    isRetryable: true,
    hint: 'Redrive from export: rendering costs no credits.',
  },
  render_timeout: {
    title: 'The render did not finish in time',
    retry: 'never',
    isRetryable: true,
    hint: 'Redrive from render: the same render is looked up again, free of charge.',
  },
  artifact_invalid: {
    title: 'The file from the provider is not a playable video',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Redrive from export to render it again, free of charge.',
  },
  storage_failed: {
    title: 'The artifact could not be stored',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Free space or repair the storage, then redrive from deliver.',
  },
  budget_exceeded: {
    title: 'The job would spend more than its budget allows',
    retry: 'never',
    isRetryable: true,
    hint: 'Raise the tenant’s max_credits_per_day, or wait for the next day, then redrive. The limit of a job or a batch stays: submit it again with a higher one.',
  },
  deadline_exceeded: {
    title: 'The job did not finish before its deadline',
    retry: 'never',
    isRetryable: true,
    hint: 'Submit it with a later deadline_s, or redrive.',
  },
  start_deadline_exceeded: {
    title: 'The job did not start before its start deadline',
    retry: 'never',
    isRetryable: true,
    hint: 'Submit it with a later start_deadline_s, or raise the concurrency.',
  },
  canceled: {
    title: 'The job was canceled',
    retry: 'never',
    isRetryable: false,
    hint: 'Submit it again if it is still wanted.',
  },
  internal: {
    title: 'Something went wrong inside Clipline',
    retry: 'schedule',
    isRetryable: true,
    hint: 'Redrive the job; if it fails again, report it with its id.',
  },
} as const satisfies Record<string, FailureKind>

export type FailureCode = keyof typeof failureCatalog

export const failureCodes = Object.keys(failureCatalog) as FailureCode[]

export const isFailureCode = (value: string): value is FailureCode => value in failureCatalog
