/** Problems with files, and the addresses that they come from. */
import type { ProblemKind } from './problem-kind.ts'

export const mediaProblems = {
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
  upload_expired: {
    status: 410,
    title: 'The time to finish this upload is over',
    isRetryable: false,
    advice: 'Begin it anew; Upload-Expires says until when it can be finished.',
  },
  tus_version: {
    status: 412,
    title: 'This is spoken in tus 1.0.0 only',
    isRetryable: false,
    advice: 'Send Tus-Resumable: 1.0.0 with every request; any tus client does.',
  },
  range_not_satisfiable: {
    status: 416,
    title: 'The range lies beyond the file',
    isRetryable: false,
    advice: 'Content-Range names the size of the file.',
  },
  unknown_upload: {
    status: 422,
    title: 'There is no such upload',
    isRetryable: false,
    advice:
      'The upload was never made, was deleted, or expired. Upload the file again. A job that is to run again has to be submitted anew with it, or redriven from a stage that no longer needs it.',
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
  checksum_mismatch: {
    status: 460,
    title: 'The bytes are not those of Upload-Checksum',
    isRetryable: true,
    advice:
      'They were damaged on the way, or cut off, and were thrown away. Send them again from the same offset.',
  },
} as const satisfies Record<string, ProblemKind>
