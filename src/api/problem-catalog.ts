/**
 * Every problem that the API answers with (RFC 9457). The code is stable; `type` leads to a page of `/docs/problems`
 * that says the same as here.
 */
export interface ProblemKind {
  readonly status: number
  /** Where a route answers the same problem with another status: an upload judges a file before there is a job. */
  readonly uploadStatus?: number
  readonly title: string
  /** May the very same request succeed later? */
  readonly isRetryable: boolean
  /** For the docs page: when it comes, and what to do. */
  readonly advice: string
}

export const problemCatalog = {
  invalid_request: {
    status: 400,
    title: 'The request cannot be read or does not fit the schema',
    isRetryable: false,
    advice:
      'Every bad field is named in errors, with what is accepted there. Correct them all and send it again.',
  },
  unauthorized: {
    status: 401,
    title: 'A valid API key is required',
    isRetryable: false,
    advice: 'Send Authorization: Bearer clk_… with a key that is neither expired nor revoked.',
  },
  invalid_token: {
    status: 401,
    title: 'The token in the URL is not valid',
    isRetryable: false,
    advice: 'It is forged, cut off, over, or for something else. Ask whoever gave it to you for another one.',
  },
  invalid_signature: {
    status: 401,
    title: 'The event is not signed as the intake asks for',
    isRetryable: false,
    advice:
      'Sign the raw body with the secret of the intake, within five minutes where there is a time stamp. GET /v1/intakes/{id} shows how.',
  },
  forbidden: {
    status: 403,
    title: 'The API key lacks the scope for this',
    isRetryable: false,
    advice:
      'The WWW-Authenticate header names the scope. Use a key that has it; a key can grant only scopes it has.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    isRetryable: false,
    advice: 'Check the path and the id. What belongs to another tenant is not found either.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    isRetryable: false,
    advice: 'The Allow header lists the methods of this path.',
  },
  not_acceptable: {
    status: 406,
    title: 'Nothing here can be answered in an accepted type',
    isRetryable: false,
    advice: 'Accept application/json, or text/event-stream for events.',
  },
  request_timeout: {
    status: 408,
    title: 'The request came too slowly',
    isRetryable: true,
    advice: 'Send it again over a faster connection: at least 1 kB/s.',
  },
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
  idempotency_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is under way',
    isRetryable: true,
    advice:
      'Wait as long as Retry-After says, then send the same request again: it answers what the first one made.',
  },
  duplicate_job: {
    status: 409,
    title: 'A job with this dedupe key exists',
    isRetryable: false,
    advice: 'The earlier job holds the key until its ttl_s is over. Use it, or choose another on_conflict.',
  },
  offset_mismatch: {
    status: 409,
    title: 'The file has not come just that far',
    isRetryable: false,
    advice:
      'Ask with HEAD how far it has come, and go on from its Upload-Offset. Another request may have got further meanwhile.',
  },
  upload_in_use: {
    status: 409,
    title: 'A job that has not ended takes this upload',
    isRetryable: true,
    advice: 'Delete it when the job has ended, or cancel the job first.',
  },
  endpoint_disabled: {
    status: 409,
    title: 'The endpoint is disabled',
    isRetryable: false,
    advice: 'Mend the receiver, then POST …/enable: disabled_reason says what had happened.',
  },
  receiver_gone: {
    status: 409,
    title: 'The receiver of the delivery is no longer there',
    isRetryable: false,
    advice: 'Its endpoint was deleted, or its job erased.',
  },
  name_taken: {
    status: 409,
    title: 'The name is taken',
    isRetryable: false,
    advice: 'Choose another one. Deleted tenants keep their names.',
  },
  tenant_in_use: {
    status: 409,
    title: 'The tenant cannot be deleted now',
    isRetryable: true,
    advice:
      'Cancel its unfinished jobs, or wait for them. The tenant of the key that asks cannot be deleted.',
  },
  upload_expired: {
    status: 410,
    title: 'The time to finish this upload is over',
    isRetryable: false,
    advice: 'Begin it anew; Upload-Expires says until when it can be finished.',
  },
  length_required: {
    status: 411,
    title: 'The length of the body is required',
    isRetryable: false,
    advice: 'Send Content-Length, or a chunked body.',
  },
  tus_version: {
    status: 412,
    title: 'This is spoken in tus 1.0.0 only',
    isRetryable: false,
    advice: 'Send Tus-Resumable: 1.0.0 with every request; any tus client does.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    isRetryable: false,
    advice: 'A JSON body may have 1 MiB. Larger things are uploads or batches, which are streams.',
  },
  batch_full: {
    status: 413,
    title: 'The batch has as many lines as it may have',
    isRetryable: false,
    advice: 'A batch has 1,000,000 lines at most. What was taken stays; make another batch for the rest.',
  },
  uri_too_long: {
    status: 414,
    title: 'The path is too long',
    isRetryable: false,
    advice: 'Ids have at most 100 characters.',
  },
  unsupported_content_type: {
    status: 415,
    title: 'This type of body is not accepted here',
    isRetryable: false,
    advice: 'JSON routes take application/json without a content encoding.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The range lies beyond the file',
    isRetryable: false,
    advice: 'Content-Range names the size of the file.',
  },
  invalid_mapping: {
    status: 422,
    title: 'The mapping is no JSONata expression',
    isRetryable: false,
    advice:
      'The errors say what is wrong and where. POST /v1/intakes/{id}/test tries one without storing it.',
  },
  mapping_failed: {
    status: 422,
    title: 'The mapping made no job of the event',
    isRetryable: false,
    advice:
      'The event is kept. Mend the mapping, then POST /v1/intakes/{id}/failures/{failure_id}/retry, or have it sent again.',
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
  unknown_upload: {
    status: 422,
    title: 'There is no such upload',
    isRetryable: false,
    advice: 'The upload was never made, was deleted, or expired. Upload the file again.',
  },
  unknown_tenant: {
    status: 422,
    title: 'There is no such tenant',
    isRetryable: false,
    advice: 'GET /v1/admin/tenants lists them.',
  },
  unsupported_media_type: {
    status: 422,
    uploadStatus: 415,
    title: 'This type of file is not accepted',
    isRetryable: false,
    advice:
      'A file is judged by its content, not by its name. GET /v1/skills/{name} lists what a skill accepts.',
  },
  media_too_large: {
    status: 422,
    uploadStatus: 413,
    title: 'A file is too large',
    isRetryable: false,
    advice:
      'GET /v1/skills/{name} gives the limit of a skill; no upload may be over 500 MiB. Nothing was kept.',
  },
  unreadable_media: {
    status: 422,
    title: 'The file is damaged',
    isRetryable: false,
    advice: 'The file is incomplete, damaged, or cannot be read within reasonable limits. Nothing was kept.',
  },
  missing_input: {
    status: 422,
    title: 'The skill needs an input that is not there',
    isRetryable: false,
    advice: 'GET /v1/skills/{name} lists what it requires.',
  },
  url_not_allowed: {
    status: 422,
    title: 'The URL may not be a target',
    isRetryable: false,
    advice:
      'Targets are https URLs whose host resolves to public addresses only. EGRESS_ALLOW can allow others.',
  },
  url_unreachable: {
    status: 422,
    title: 'The URL could not be fetched',
    isRetryable: true,
    advice: 'It must answer 200 with the file itself, in time and within the size limit.',
  },
  not_supported: {
    status: 422,
    title: 'This is not supported',
    isRetryable: false,
    advice:
      'The field is part of the contract, but this deployment cannot honor it. It is never ignored silently.',
  },
  out_of_range: {
    status: 422,
    title: 'A value is outside of what is possible',
    isRetryable: false,
    advice: 'The errors say which value and what is possible.',
  },
  budget_exceeded: {
    status: 422,
    title: 'A budget does not allow this',
    isRetryable: true,
    advice:
      'The first message alone would cost more than what is left: of max_credits of the job or the batch, or of max_credits_per_day of the tenant, which is renewed at midnight UTC. Nothing was stored or spent.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used with another body',
    isRetryable: false,
    advice: 'A key stands for one request for 24 hours. Use a new key for a new request.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    isRetryable: false,
    advice: 'All headers together may have 16 KiB.',
  },
  checksum_mismatch: {
    status: 460,
    title: 'The bytes are not those of Upload-Checksum',
    isRetryable: true,
    advice:
      'They were damaged on the way, or cut off, and were thrown away. Send them again from the same offset.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    isRetryable: true,
    advice:
      'Wait as long as Retry-After says. RateLimit and RateLimit-Policy say what is left and what is allowed.',
  },
  queue_full: {
    status: 429,
    title: 'The queue of the tenant is full',
    isRetryable: true,
    advice: 'Nothing was stored. Send it again when some of the queued jobs have started.',
  },
  failures_full: {
    status: 429,
    title: 'The intake keeps too many failed events',
    isRetryable: true,
    advice:
      'This one is not kept. Mend the mapping, then retry or delete what GET /v1/intakes/{id}/failures lists: 1,000 events or 64 MiB are kept.',
  },
  too_many_streams: {
    status: 429,
    title: 'Too many streams are open',
    isRetryable: true,
    advice:
      'Close some, or read the events as pages with ?after=. Send lines of batches in fewer streams at once.',
  },
  provider_unavailable: {
    status: 502,
    title: 'The provider did not answer',
    isRetryable: true,
    advice: 'Try again later. Accepted jobs wait for the provider by themselves.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong inside Clipline',
    isRetryable: true,
    advice: 'Try again with the same idempotency key. If it stays, report it with the request_id.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot do this now',
    isRetryable: true,
    advice:
      'A store is away, or the service is stopping. Send the same request again, with the same idempotency key.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof problemCatalog

export const problemCodes = Object.keys(problemCatalog) as ProblemCode[]
