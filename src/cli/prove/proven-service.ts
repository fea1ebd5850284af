/** A deployment as its clients see it: jobs, their events and files, over the API alone. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { CommandFailed, exitCodes } from '../exit.ts'
import type { ArtifactFact, EventFact, JobFact } from './evidence.ts'
import { keyInMetadata } from './read-rows.ts'

export interface ProvenJob extends JobFact {
  readonly artifact: { readonly id: string; readonly sha256: string } | null
}

export interface ProvenService {
  /** Rejects when the service does not answer or refuses the key. */
  ping(): Promise<void>
  /** Resolves when the job has ended, or when the time is over. */
  untilEnded(jobId: string, timeoutMs: number): Promise<void>
  /** Every job that was made under the key. */
  listJobsOf(key: string): Promise<readonly ProvenJob[]>
  listEvents(jobId: string): Promise<readonly EventFact[]>
  /** What the service serves, against what it says about it; nothing for a job without a file. */
  hashArtifact(job: ProvenJob): Promise<readonly ArtifactFact[]>
}

interface ShownJob {
  readonly id: string
  readonly state: string
  readonly stage: string
  readonly attempt: number
  readonly progress: number
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly credits: { readonly spent: number; readonly at_risk: number }
  readonly provider: { readonly render_id: string | null }
  readonly metadata: Readonly<Record<string, string>>
  readonly artifact: ProvenJob['artifact']
}

interface ShownEvent {
  readonly id: string
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly data: object
}

interface Page<T> {
  readonly data: readonly T[]
}

const waitS = 30
const pageSize = 100
const againMs = 1_000

export const connectToProve = (at: { readonly url: string; readonly apiKey: string }): ProvenService => {
  const read = async <T>(path: string): Promise<{ body: T; headers: Response['headers'] }> => {
    const response = await ask(at, path, {})
    const text = await response.body.text()
    if (response.statusCode < 400) return { body: JSON.parse(text) as T, headers: response.headers }
    throw new CommandFailed(
      exitCodes.refused,
      `GET ${path} was answered with ${response.statusCode}: ${wordsOf(text)}`,
    )
  }

  return {
    async ping() {
      await read('/v1/jobs?limit=1')
    },

    async untilEnded(jobId, timeoutMs) {
      const giveUpAtMs = performance.now() + timeoutMs
      while (performance.now() < giveUpAtMs) {
        // An outage is not ours to judge: whoever accepted the job has to come back to it.
        const response = await ask(at, `/v1/jobs/${jobId}`, { prefer: `wait=${waitS}` }).catch(() => null)
        await response?.body.dump()
        if (response?.statusCode === 200) return
        if (response?.statusCode !== 202) await pause(againMs)
      }
    },

    async listJobsOf(key) {
      const query = new URLSearchParams({ [`metadata[${keyInMetadata}]`]: key })
      const { body } = await read<Page<ShownJob>>(`/v1/jobs?${query}`)
      return Promise.all(
        body.data.map(async ({ id }) => {
          const job = await read<ShownJob>(`/v1/jobs/${id}`)
          return toProvenJob(job.body, Number(String(job.headers['etag']).replaceAll('"', '')))
        }),
      )
    },

    async listEvents(jobId) {
      const events: EventFact[] = []
      for (;;) {
        const after = events.length
        const { body } = await read<Page<ShownEvent>>(
          `/v1/jobs/${jobId}/events?after=${after}&limit=${pageSize}`,
        )
        events.push(...body.data.map((event) => toEventFact(jobId, event)))
        if (body.data.length < pageSize) return events
      }
    },

    async hashArtifact({ id: jobId, artifact }) {
      if (artifact === null) return []
      const response = await ask(at, `/v1/artifacts/${artifact.id}/content`, {})
      const elsewhere = response.statusCode === 302 ? response.headers['location'] : undefined
      if (elsewhere !== undefined) await response.body.dump()
      const file = elsewhere === undefined ? response : await request(String(elsewhere))
      return [{ ...artifact, jobId, storedSha256: await hash(file) }]
    },
  }
}

/** What a problem says; the whole answer where it is none. */
const wordsOf = (text: string): string => {
  try {
    const { detail, title } = JSON.parse(text) as { readonly detail?: string; readonly title?: string }
    return detail ?? title ?? text
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

type Response = Awaited<ReturnType<typeof request>>

const ask = async (
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> => {
  try {
    return await request(new URL(path, url), {
      headers: { ...headers, authorization: `Bearer ${apiKey}` },
      bodyTimeout: (waitS + 30) * 1_000,
      headersTimeout: (waitS + 30) * 1_000,
    })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFailed(exitCodes.unreachable, `${new URL(url).origin} does not answer (${reason})`)
  }
}

const hash = async ({ statusCode, body }: Response): Promise<string | null> => {
  if (statusCode !== 200) {
    await body.dump()
    return null
  }
  const digest = createHash('sha256')
  for await (const chunk of body) digest.update(chunk as Buffer)
  return digest.digest('hex')
}

/** Who held the job when is not shown. */
const toEventFact = (jobId: string, { at, ...event }: ShownEvent): EventFact =>
  ({ ...event, jobId, epoch: 0, atMs: Date.parse(at) }) as EventFact

const toProvenJob = (job: ShownJob, seq: number): ProvenJob => ({
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
