import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { type SandboxOptions, startSandbox } from '../../../src/sandbox/server.ts'

const seededToken = 'nmv_usr_TEST0001'
const attribution = {
  'x-skill-source': 'free-video-generation-api',
  'x-skill-version': '1.0.0',
  'x-skill-platform': 'unknown',
}

/** A sandbox with one seeded account of 1,000 credits, no delays and no rendering, unless told otherwise. */
export const setup = async (options: Partial<SandboxOptions> = {}) => {
  const dataDir = options.dataDir ?? (await newDataDir())
  const sandbox = await startSandbox({
    timeFactor: 0,
    renderer: 'fixture',
    accounts: [{ token: seededToken, credits: 1000 }],
    ...options,
    dataDir,
  })
  onTestFinished(() => sandbox.close())
  return { sandbox, dataDir, client: createClient(sandbox.url) }
}

export const newDataDir = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: unknown
}

export interface State {
  readonly draft: {
    readonly d: number
    readonly t: readonly { readonly tt: number; readonly sg: readonly Record<string, unknown>[] }[]
  }
  readonly video_infos: readonly Record<string, unknown>[]
  readonly generated_media: readonly { readonly url: string }[]
}

export interface Frame {
  readonly raw: string
  /** The parsed data; null when it is no JSON. */
  readonly event: Record<string, unknown> | null
}

export type Client = ReturnType<typeof createClient>

/** Speaks the protocol by plain `fetch`, as a stranger would. */
export const createClient = (url: string, token = seededToken) => {
  const call = async (
    method: string,
    path: string,
    options: RequestInit & { json?: unknown } = {},
  ): Promise<Reply> => {
    const { json, ...init } = options
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      ...init,
      headers: {
        authorization: `Bearer ${token}`,
        ...attribution,
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...init.headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parse(text) }
  }
  const post = (path: string, json?: unknown, headers: Record<string, string> = {}) =>
    call('POST', path, { headers, ...(json !== undefined && { json }) })
  const get = (path: string, headers: Record<string, string> = {}) => call('GET', path, { headers })

  const newSession = async (body: object = { task_name: 'project' }) =>
    dataOf<{ session_id: string; task_id: string; user_id: string }>(
      await post('/api/tasks/me/with-session/nemo_agent', body),
    )
  const message = (sessionId: string, text: string) => ({
    app_name: 'nemo_agent',
    user_id: 'me',
    session_id: sessionId,
    new_message: { parts: [{ text }] },
  })
  const send = async (sessionId: string, text: string) => {
    const reply = await post('/run_sse', message(sessionId, text), { accept: 'text/event-stream' })
    return { ...reply, frames: framesOf(reply.text), texts: textsOf(reply.text) }
  }
  const state = async (sessionId: string): Promise<State> =>
    dataOf<{ state: State }>(await get(`/api/state/nemo_agent/me/${sessionId}/latest`)).state
  const balance = async () =>
    dataOf<{ available: number; frozen: number; total: number }>(await get('/api/credits/balance/simple'))

  const submit = async (sessionId: string, id: string, headers: Record<string, string> = {}) =>
    post('/api/render/proxy/lambda', { id, sessionId, draft: (await state(sessionId)).draft }, headers)
  const poll = (id: string) => get(`/api/render/proxy/lambda/${id}`)
  const rendered = (id: string) =>
    vi.waitFor(
      async () => {
        const reply = await poll(id)
        expect(reply.body).toMatchObject({ status: 'completed' })
        return reply.body as { output: { url: string; duration: number; size: number } }
      },
      { timeout: 15_000, interval: 10 },
    )
  const ledger = async (kind?: string) => {
    const reply = await get(`/sandbox/ledger${kind === undefined ? '' : `?kind=${kind}`}`)
    return (reply.body as { rows: Record<string, unknown>[] }).rows
  }
  const fault = async (set: object, scope: object = {}) => {
    const reply = await post('/sandbox/faults', { set, ...scope })
    expect(reply.status, reply.text).toBe(201)
    return (reply.body as { faults: { id: string }[] }).faults
  }
  const generated = async (prompt = 'a city at night') => {
    const session = await newSession()
    await send(session.session_id, prompt)
    return session
  }

  return {
    url,
    call,
    post,
    get,
    newSession,
    message,
    send,
    state,
    balance,
    submit,
    poll,
    rendered,
    ledger,
    fault,
    generated,
  }
}

/** Asks again and again until the expectation holds, for as long as a busy machine may need. */
export const eventually = <T>(ask: () => T | Promise<T>) => expect.poll(ask, { timeout: 15_000, interval: 5 })

/** With this seed the first generation of the first session takes 100 s, the shortest that there is. */
export const quickSeed = 116

/** The payload of a business envelope that says success. */
export const dataOf = <T>(reply: Reply): T => {
  expect(reply.body, reply.text).toMatchObject({ code: 0 })
  return (reply.body as { data: T }).data
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Every frame of a stream but the heartbeats. */
export const framesOf = (text: string): readonly Frame[] =>
  text
    .split('\n\n')
    .filter((raw) => raw.startsWith('data: {') || raw.startsWith('event: error'))
    .map((raw) => ({ raw, event: parse(raw.slice(raw.indexOf('data: ') + 6)) as Frame['event'] }))

/** The part that each ADK event carries; none for other frames. */
export const partsOf = (frames: readonly Frame[]): readonly { readonly text?: string }[] =>
  frames.flatMap(({ event }) => {
    const content = event?.['content'] as { parts?: { text?: string }[] } | undefined
    return content?.parts ?? []
  })

const textsOf = (text: string): readonly string[] =>
  partsOf(framesOf(text)).flatMap((part) => part.text ?? [])

/** Sends a message and reads until `isEnough`; the connection stays open until `stop`. */
export const readUntil = async (
  client: Client,
  sessionId: string,
  isEnough: (text: string, hasBroken: boolean) => boolean | Promise<boolean>,
) => {
  const stop = new AbortController()
  const response = await fetch(`${client.url}/run_sse`, {
    method: 'POST',
    headers: { authorization: 'Bearer nmv_usr_TEST0001', 'content-type': 'application/json' },
    body: JSON.stringify(client.message(sessionId, 'a fox')),
    signal: stop.signal,
  })
  let text = ''
  let hasEnded = false
  let hasBroken = false
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
    hasEnded = true
  })()
  reading.catch(() => {
    hasBroken = true
  })
  await vi.waitFor(async () => expect(await isEnough(text, hasBroken)).toBe(true), {
    timeout: 15_000,
    interval: 5,
  })
  return { text: () => text, hasEnded: () => hasEnded, stop: () => stop.abort() }
}
