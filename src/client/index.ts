/**
 * The typed client of Clipline, `clipline/client`: what the API answers, in the shape of its description, with what a
 * client has to do by itself: retries that make nothing twice, streams that are taken up again, files that are checked.
 */
import { type Artifacts, createArtifacts } from './artifacts.ts'
import { type Batches, createBatches } from './batches.ts'
import { createFeed, type Feed } from './feed.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createTransport, type Http, type TransportOptions } from './transport.ts'
import { createUploads, type Uploads } from './uploads.ts'

export type { Artifacts, DownloadOptions, DownloadProgress } from './artifacts.ts'
export type { BatchSource } from './batch-source.ts'
export type {
  Batches,
  BatchFault,
  BatchFormat,
  BatchResult,
  ReadReportOptions,
  SendLinesOptions,
  SubmitBatchOptions,
  SubmittedBatch,
} from './batches.ts'
export {
  type Callback,
  type CallbackFault,
  CallbackRejected,
  type VerifyOptions,
  verifyCallback,
} from './callback.ts'
export { CliplineError, type ErrorCode } from './error.ts'
export type { Feed, FeedEvent, FeedOptions } from './feed.ts'
export type { FollowOptions } from './follow.ts'
export type { components, operations, paths, webhooks } from './generated/schema.ts'
export { isTerminal, type JobEventsOptions, type Jobs, type SubmitOptions, type WaitOptions } from './jobs.ts'
export { pages } from './lists.ts'
export type { SendProgress } from './outgoing.ts'
export type { SayOptions, Sessions } from './sessions.ts'
export type * from './shapes.ts'
export { type Http, type TransportOptions as ClientOptions, unwrap } from './transport.ts'
export type { UploadSource } from './upload-source.ts'
export type { UploadOptions, Uploads } from './uploads.ts'
export type { WaitForBatchOptions } from './wait-for-batch.ts'
export { WaitTimedOut } from './wait-for-job.ts'

export interface CliplineClient {
  readonly jobs: Jobs
  readonly batches: Batches
  readonly sessions: Sessions
  readonly uploads: Uploads
  readonly artifacts: Artifacts
  /** What happens to all jobs of the tenant. */
  readonly events: Feed
  /**
   * Every call of the API by method and path, typed, for what has no method here; repeated where that is safe. Answers
   * `{ data, error, response }`; `unwrap` makes that data or a `CliplineError`, and `pages` reads a whole list.
   */
  readonly http: Http
}

/** A client of one service under one key. Opens no connection by itself, and needs no closing. */
export const createClient = (options: TransportOptions): CliplineClient => {
  const transport = createTransport(options)
  return {
    jobs: createJobs(transport),
    batches: createBatches(transport),
    sessions: createSessions(transport),
    uploads: createUploads(transport),
    artifacts: createArtifacts(transport),
    events: createFeed(transport),
    http: transport.http,
  }
}
