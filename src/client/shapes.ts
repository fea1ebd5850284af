/** The requests and answers of the API by name, as its description has them. */
import type { components, operations, webhooks } from './generated/schema.ts'

type Schemas = components['schemas']

export type Job = Schemas['Job']
export type JobState = Job['state']
/** What a job is asked for with; only `prompt` is required. */
export type JobRequest = Omit<Schemas['JobRequestInput'], 'dry_run'>
export type JobPreview = Schemas['JobPreview']
export type JobFilter = Omit<NonNullable<operations['listJobs']['parameters']['query']>, keyof PageQuery>
export type JobEvent = Schemas['Event']
export type JobEventType = JobEvent['type']
export type FeedGap = Schemas['FeedGap']
export type Attempt = Schemas['Attempt']
export type Cancellation = Schemas['Cancellation']
export type Explanation = Schemas['Explanation']
export type Redrive = Schemas['Redrive']
export type RedriveRequest = NonNullable<
  operations['redriveJob']['requestBody']
>['content']['application/json']
export type Timeline = Schemas['Timeline']
export type Upload = Schemas['Upload']
export type Batch = Schemas['Batch']
export type BatchState = Batch['state']
export type BatchRequest = Schemas['BatchRequestInput']
/** The body of a job; a `custom_id` is unique in its batch, and comes back with the result. */
export type BatchLine = Partial<JobRequest> & { readonly custom_id?: string }
/** What came of the lines of one stream. */
export type BatchLines = Schemas['Lines']
export type BatchRedriveRequest = Schemas['BatchRedriveRequestInput']
export type Session = Schemas['Session']
export type SessionRequest = Schemas['SessionRequestInput']
export type SessionMessage = Schemas['Message']
export type MessageRequest = Schemas['MessageRequestInput']
/** What came of a message: what it was taken for, the reply, and what it asked for. */
export type Answer = Schemas['Answer']
export type ExportRequest = Schemas['ExportRequestInput']
export type Artifact = Schemas['Artifact']
export type ArtifactLink = Schemas['ArtifactLink']
export type Problem = Schemas['Problem']

/** What the body of a callback holds, by what it is about. */
export type JobCallback = webhooks['jobEvent']['post']['requestBody']['content']['application/json']
export type EndpointCallback =
  webhooks['callbackEndpointEvent']['post']['requestBody']['content']['application/json']

/** Which page of a list is wanted. */
export interface PageQuery {
  readonly limit?: number
  readonly cursor?: string
}
