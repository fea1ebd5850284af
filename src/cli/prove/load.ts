/** Submits jobs over HTTP as a careful client does: each under a key of its own, sent again with it until answered. */
import { setTimeout as pause } from 'node:timers/promises'
import { type CliplineClient, createClient, type JobRequest } from '../../client/index.ts'
import type { Submit } from './evidence.ts'
import { keyInMetadata } from './read-rows.ts'

export interface LoadOptions {
  readonly url: string
  readonly apiKey: string
  /** Keys of different loads must differ. */
  readonly name: string
  /** Says whether job number `no` is still to be submitted. */
  readonly wants: (no: number) => boolean
  /** How many jobs may be unfinished at a time, so that the load follows the service's own speed. */
  readonly window: number
  /** New jobs in a second, at the most; as many as there is room for, when left out. */
  readonly perSecond?: number
  /** Jobs that have ended so far. */
  readonly ended: () => number
  readonly bodyOf: (no: number) => JobRequest
  /** How long one job is tried for. */
  readonly patienceMs: number
  /** Requests at a time. */
  readonly hands?: number
  readonly onAnswer?: (submit: Submit) => void
  /** Told of every answer, whatever it is. */
  readonly onResponse?: (status: number, headers: Headers) => void
}

export interface Load {
  /** What was submitted so far. */
  readonly submits: readonly Submit[]
  /** Resolves when every job that was wanted has an answer, or has none after all patience. */
  readonly done: Promise<void>
  /** Begins no further job. */
  stop(): void
}

const usualHands = 8
const againMs = 200
const roomCheckMs = 50
const answerTimeoutMs = 10_000

export const startLoad = (options: LoadOptions): Load => {
  const { hands = usualHands } = options
  const submits: Submit[] = []
  const client = createClient({
    baseUrl: options.url,
    apiKey: options.apiKey,
    answerTimeoutMs,
    // Each try is a fact of its own.
    maxRetries: 0,
  })
  let begun = 0
  let isStopped = false

  const startedMs = performance.now()
  const hasRoom = (): boolean => {
    const { window, perSecond = Number.POSITIVE_INFINITY, ended } = options
    return begun - ended() < window && begun <= ((performance.now() - startedMs) / 1_000) * perSecond
  }

  const work = async (): Promise<void> => {
    while (!isStopped && options.wants(begun)) {
      if (!hasRoom()) {
        await pause(roomCheckMs)
        continue
      }
      begun += 1
      const answered = await submit(options, client, begun - 1)
      submits.push(answered)
      options.onAnswer?.(answered)
    }
  }
  const done = Promise.all(Array.from({ length: hands }, work)).then(() => undefined)
  return {
    submits,
    done,
    stop() {
      isStopped = true
    },
  }
}

const submit = async (options: LoadOptions, client: CliplineClient, no: number): Promise<Submit> => {
  const key = `${options.name}-${no}`
  const body = { ...options.bodyOf(no), metadata: { [keyInMetadata]: key } }
  const statuses: number[] = []
  const giveUpAtMs = performance.now() + options.patienceMs
  for (;;) {
    const answer = await send(options, client, key, body)
    statuses.push(answer.status)
    const isFinal = answer.jobId !== null || isRefusal(answer.status) || performance.now() > giveUpAtMs
    if (isFinal) return { key, jobId: answer.jobId, tries: statuses.length, statuses }
    await pause(againMs)
  }
}

/** A refusal that would be the same the next time. */
const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 409 && status !== 429 && status !== 408

/** Status 0: no answer came, so nobody knows whether the job was accepted. */
const send = async (
  { onResponse }: LoadOptions,
  { http }: CliplineClient,
  key: string,
  body: JobRequest,
): Promise<{ readonly status: number; readonly jobId: string | null }> => {
  try {
    const params = { header: { 'Idempotency-Key': key } }
    const { data, response } = await http.POST('/v1/jobs', { params, body })
    onResponse?.(response.status, response.headers)
    const isAccepted = response.status === 202 || response.status === 200
    return { status: response.status, jobId: isAccepted && data && 'id' in data ? data.id : null }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { status: 0, jobId: null }
  }
}
