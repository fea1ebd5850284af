import type { FastifyPluginCallback } from 'fastify'
import type { CreateJobDeps } from '../actions/create-job.ts'
import type { CreateUploadDeps } from '../actions/create-upload.ts'
import type { CreditsReading } from '../actions/credits-reading.ts'
import type { DiskGauge } from '../actions/disk-gauge.ts'
import type { LoopGauge } from '../actions/loop-gauge.ts'
import type { TimelineReading } from '../actions/read-timeline.ts'
import type { SendMessageDeps } from '../actions/send-message.ts'
import type { Egress } from '../egress/client.ts'
import type { Mapper } from '../intakes/mapper.ts'
import type { ApiKeyStore } from '../store/api-keys.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import type { AttemptStore } from '../store/attempts.ts'
import type { BatchLineStore } from '../store/batch-lines.ts'
import type { ErasureStore } from '../store/erasures.ts'
import type { ExplanationStore } from '../store/explanations.ts'
import type { EventStore } from '../store/job-events.ts'
import type { LineStreamStore } from '../store/line-streams.ts'
import type { ManagementStores } from '../store/management.ts'
import type { RedriveStore } from '../store/redrives.ts'
import type { ResumableUploadStore } from '../store/resumable-uploads.ts'
import type { Telemetry } from '../telemetry.ts'

/** Everything that the API is built from; `app.ts` hands it in. */
export interface ApiDeps
  extends Omit<CreateJobDeps, 'uploads' | 'sessions'>,
    CreateUploadDeps,
    ManagementStores {
  readonly apiKeys: ApiKeyStore
  readonly artifacts: ArtifactStore
  readonly attempts: AttemptStore
  readonly events: EventStore
  readonly redrives: RedriveStore
  readonly erasures: ErasureStore
  readonly batchLines: BatchLineStore
  readonly lineStreams: LineStreamStore
  /** A batch has something to do. */
  readonly wakeBatchKeeper: () => void
  readonly explanations: ExplanationStore
  readonly resumables: ResumableUploadStore
  readonly disk: DiskGauge
  readonly loop: LoopGauge
  readonly egress: Pick<Egress, 'download'>
  readonly mapper: Pick<Mapper, 'check' | 'map'>
  /** Keys of `deriveKeys`. */
  readonly keys: { readonly pepper: Buffer; readonly links: Buffer; readonly callbacks: Buffer }
  /** A provider account was changed: what this process knows of them no longer holds. */
  readonly forgetProviderAccess: () => void
  readonly readCredits: (tenantId: string) => Promise<CreditsReading>
  readonly readTimeline: (job: {
    readonly tenantId: string
    readonly jobId: string
  }) => Promise<TimelineReading>
  /** The same for the draft of a conversation. */
  readonly readDraft: SendMessageDeps['readDraft']
  readonly routeMessage: SendMessageDeps['routeMessage']
  /** Each writes something and reads it back; resolves when that works, rejects when it does not. */
  readonly checks: { readonly [Name in CheckName]: () => Promise<void> }
  /** Calls back whenever events may have been written; the returned function ends that. */
  readonly onEventsWritten?: (listener: () => void) => () => void
  readonly log: ApiLog
  readonly telemetry: Telemetry
  /** What Prometheus reads. */
  /** The page about the queues; it opens them once it is asked for. */
  readonly queueBoard?: { readonly plugin: FastifyPluginCallback<{ prefix: string }>; open(): Promise<void> }
  readonly metrics: { readonly contentType: string; render(): Promise<string> }
  readonly settings: ApiSettings
}

export const checkNames = ['database', 'queue', 'storage'] as const
export type CheckName = (typeof checkNames)[number]

/** A pino logger is one. */
export interface ApiLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface ApiSettings {
  /** As clients reach it, without a slash at the end. */
  readonly publicUrl: string
  readonly version: string
  /** Per key; 0 is off. */
  readonly rateLimitPerMinute: number
  /** Per address (IPv6: per /64); 0 is off. */
  readonly failedKeysPerMinute: number
  /** Addresses and networks whose `X-Forwarded-For` says who asks. */
  readonly trustedProxies: readonly string[]
  /** Of a tenant that has no bound of its own. */
  readonly queueBound: number
  readonly sseMaxPerKey: number
  readonly sseMax: number
  /** How long a server that stops waits for what it has begun to answer. */
  readonly shutdownMs: number
}
