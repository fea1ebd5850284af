/** The HTTP service as the client commands use it. Every answer that is a problem ends the command. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { createParser } from 'eventsource-parser'
import { request } from 'undici'
import { CommandFailed, exitCodes } from './exit.ts'

export interface ShownJob {
  readonly id: string
  readonly state: string
  readonly stage: string
  readonly progress: number
  readonly timeline: string | null
  readonly message: string | null
  readonly artifact: {
    readonly id: string
    readonly url: string
    readonly size_bytes: number
    readonly sha256: string
    readonly width: number | null
    readonly height: number | null
    readonly duration_s: number
    readonly video_codec: string | null
    readonly audio_codec: string | null
  } | null
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string } | null
  readonly credits: { readonly spent: number }
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
  readonly timings: Readonly<Record<string, number>>
}

export interface ShownEvent {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

interface Page<T> {
  readonly data: readonly T[]
  readonly next_cursor: string | null
}

export interface Service {
  createJob(body: object): Promise<ShownJob>
  findJob(jobId: string): Promise<ShownJob>
  /** Sends a local file; answers the upload's id. */
  upload(path: string): Promise<string>
  /** A job's events from after `seq` to its end, over as many connections as it takes. */
  followJob(jobId: string, after: number): AsyncGenerator<ShownEvent>
  download(artifactId: string): Promise<Readable>
  /** Any other call: what it answers, and null where that is nothing. */
  send<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T>
  /** The entries of a list, at most so many, read page by page. */
  list<T>(path: string, most?: number): Promise<T[]>
}

export const connectService = ({
  url,
  apiKey,
}: {
  readonly url: string
  readonly apiKey: string
}): Service => {
  const call = async (path: string, options: Parameters<typeof request>[1] = {}) => {
    const target = new URL(path, url)
    try {
      return await request(target, {
        ...options,
        headers: { authorization: `Bearer ${apiKey}`, ...(options.headers as Record<string, string>) },
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new CommandFailed(
        exitCodes.unreachable,
        `${target.origin} does not answer (${reason}). Is “clipline up” running?`,
      )
    }
  }

  const readAnswer = async <T>(path: string, options?: Parameters<typeof request>[1]): Promise<T> => {
    const response = await call(path, options)
    const body = await response.body.text()
    if (response.statusCode < 400) return (body === '' ? null : JSON.parse(body)) as T
    throw new CommandFailed(exitCodes.refused, describeProblem(body, response.statusCode))
  }

  const send = <T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> =>
    readAnswer(path, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })

  return {
    send,
    createJob: (body) => send('POST', '/v1/jobs', body),

    async list<T>(path: string, most = Number.POSITIVE_INFINITY) {
      const entries: T[] = []
      const target = new URL(path, url)
      for (let cursor: string | null = ''; cursor !== null && entries.length < most; ) {
        if (cursor !== '') target.searchParams.set('cursor', cursor)
        const page: Page<T> = await readAnswer(`${target.pathname}${target.search}`)
        entries.push(...page.data)
        cursor = page.next_cursor
      }
      return entries.slice(0, most)
    },

    findJob: (jobId) => readAnswer(`/v1/jobs/${encodeURIComponent(jobId)}`),

    async upload(path) {
      const { size } = await stat(path).catch(() => {
        throw new CommandFailed(exitCodes.usage, `there is no file ${path}`)
      })
      const upload = await readAnswer<{ readonly id: string }>('/v1/uploads', {
        method: 'POST',
        headers: {
          'content-type': 'application/octet-stream',
          'content-length': String(size),
          'x-filename': encodeURIComponent(basename(path)),
        },
        body: createReadStream(path),
      })
      return upload.id
    },

    async *followJob(jobId, after) {
      let last = after
      for (;;) {
        const response = await call(`/v1/jobs/${encodeURIComponent(jobId)}/events?after=${last}`, {
          headers: { accept: 'text/event-stream' },
          bodyTimeout: 60_000,
        })
        if (response.statusCode >= 400)
          throw new CommandFailed(
            exitCodes.refused,
            describeProblem(await response.body.text(), response.statusCode),
          )
        for await (const event of readEvents(response.body)) {
          last = event.seq
          yield event
          if (isTerminal(event)) return
        }
      }
    },

    async download(artifactId) {
      const response = await call(`/v1/artifacts/${encodeURIComponent(artifactId)}/content`)
      if (response.statusCode === 200) return response.body
      throw new CommandFailed(
        exitCodes.refused,
        describeProblem(await response.body.text(), response.statusCode),
      )
    },
  }
}

export const isTerminal = ({ type }: ShownEvent): boolean =>
  type === 'job.succeeded' || type === 'job.failed' || type === 'job.canceled'

async function* readEvents(body: Readable): AsyncGenerator<ShownEvent> {
  const waiting: ShownEvent[] = []
  const parser = createParser({
    onEvent: ({ data, event }) => {
      if (event !== 'gap') waiting.push(JSON.parse(data) as ShownEvent)
    },
  })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body) {
      parser.feed(decoder.decode(chunk as Buffer, { stream: true }))
      yield* waiting.splice(0)
    }
  } catch (error) {
    // A cut stream is resumed by the caller, after the last event that arrived.
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

const describeProblem = (body: string, statusCode: number): string => {
  try {
    const problem = JSON.parse(body) as {
      title?: string
      detail?: string
      errors?: readonly { pointer: string; detail: string }[]
    }
    const faults = (problem.errors ?? []).map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`)
    return `${problem.title ?? 'refused'}: ${problem.detail ?? ''}${faults.join('')}`
  } catch {
    return `the service answered with status ${statusCode}`
  }
}
