/** A deployment as its clients see it: jobs, their events and files, through the typed client alone. */
import { createHash } from 'node:crypto'
import {
  CliplineError,
  createClient,
  type Job,
  type JobEvent,
  unwrap,
  WaitTimedOut,
} from '../../client/index.ts'
import type { ArtifactFact, EventFact, JobFact } from './evidence.ts'
import { keyInMetadata } from './read-rows.ts'

export interface ProvenJob extends JobFact {
  readonly artifact: { readonly id: string; readonly sha256: string } | null
}

export interface ProvenService {
  /** Rejects when the service does not answer or refuses the key. */
  ping(): Promise<void>
  /** Resolves when the job has ended, is not to be had any more, or when the time is over. */
  untilEnded(jobId: string, timeoutMs: number): Promise<void>
  /** Every job that was made under the key. */
  listJobsOf(key: string): Promise<readonly ProvenJob[]>
  listEvents(jobId: string): Promise<readonly EventFact[]>
  /** What the service serves, against what it says about it; nothing for a job without a file. */
  hashArtifact(job: ProvenJob): Promise<readonly ArtifactFact[]>
}

const pageSize = 100

export const connectToProve = (at: { readonly url: string; readonly apiKey: string }): ProvenService => {
  const { http, jobs, artifacts } = createClient({ baseUrl: at.url, apiKey: at.apiKey })

  /** The client's own patience is over after some minutes; that of a proof lasts as long as it was given. */
  const untilEnded: ProvenService['untilEnded'] = async (jobId, timeoutMs) => {
    const giveUpAtMs = performance.now() + timeoutMs
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = giveUpAtMs - performance.now()) {
      const fault = await jobs.wait(jobId, { timeoutMs: leftMs }).then(
        () => null,
        (error: unknown) => error,
      )
      if (fault === null || fault instanceof WaitTimedOut) return
      if (!(fault instanceof CliplineError)) throw fault
      // An outage is not ours to judge: whoever accepted the job has to come back to it. A refusal is, by the audit.
      if (!fault.retryable) return
    }
  }

  const readJob = async (id: string): Promise<ProvenJob> => {
    const read = http.GET('/v1/jobs/{id}', { params: { path: { id } } })
    const job = await unwrap(read)
    const { headers } = (await read).response
    return toProvenJob(job, Number(headers.get('etag')?.replaceAll('"', '')))
  }

  return {
    async ping() {
      await unwrap(http.GET('/v1/jobs', { params: { query: { limit: 1 } } }))
    },

    untilEnded,

    async listJobsOf(key) {
      const found: ProvenJob[] = []
      for await (const { id } of jobs.list({ metadata: { [keyInMetadata]: [key] } }))
        found.push(await readJob(id))
      return found
    },

    async listEvents(jobId) {
      const events: EventFact[] = []
      for (;;) {
        const params = { path: { id: jobId }, query: { after: events.length, limit: pageSize } }
        const page = await unwrap(http.GET('/v1/jobs/{id}/events', { params }))
        // The other form is that of a stream, which is asked for by `Accept`.
        const { data } = page as { readonly data: readonly JobEvent[] }
        events.push(...data.map((event) => toEventFact(jobId, event)))
        if (data.length < pageSize) return events
      }
    },

    async hashArtifact({ id: jobId, artifact }) {
      if (artifact === null) return []
      const digest = createHash('sha256')
      const fault = await digestInto(digest, artifacts.download(artifact.id)).then(
        () => null,
        (error: unknown) => error,
      )
      if (fault !== null && !(fault instanceof CliplineError)) throw fault
      if (fault?.retryable) throw fault
      // Bytes that are not those of the file were read to their end; of a file that is gone there are none.
      const isRead = fault === null || fault.status === 200
      return [{ ...artifact, jobId, storedSha256: isRead ? digest.digest('hex') : null }]
    },
  }
}

const digestInto = async (
  digest: ReturnType<typeof createHash>,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> => {
  for await (const chunk of bytes) digest.update(chunk)
}

/** Who held the job when is not shown; that its data fits its type, the description does not say. */
const toEventFact = (jobId: string, { id, seq, type, data, at }: JobEvent): EventFact =>
  ({
    id,
    seq,
    type: type as string,
    data: data as object,
    jobId,
    epoch: 0,
    atMs: Date.parse(at),
  }) as EventFact

const toProvenJob = (job: Job, seq: number): ProvenJob => ({
  id: job.id,
  key: job.metadata[keyInMetadata] ?? null,
  state: job.state,
  stage: job.stage,
  messageNo: 0,
  seq,
  attempt: job.attempt,
  progress: job.progress,
  failureCode: job.failure?.code ?? null,
  failureMessage: job.failure?.message ?? null,
  creditsSpent: job.credits.spent,
  creditsAtRisk: job.credits.at_risk,
  renderId: job.provider.render_id,
  artifactId: job.artifact?.id ?? null,
  callbackEvents: null,
  artifact: job.artifact,
})
