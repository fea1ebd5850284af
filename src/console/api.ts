/** The public HTTP API, as this page calls it: on its own host, with the key in a header and never in an address. */
import { readProblem } from './problem.ts'

export type Query = Readonly<Record<string, string | number | null | undefined>>

export interface ListOf<T> {
  readonly data: readonly T[]
  readonly next_cursor: string | null
}

export interface Sending {
  readonly body?: unknown
  readonly signal?: AbortSignal
  /** Makes a request that creates something safe to send again. */
  readonly idempotencyKey?: string
}

export interface Api {
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T>
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, sending?: Sending): Promise<T>
  /** The answer itself, once it is known to be a good one. */
  open(path: string, init?: RequestInit): Promise<Response>
  upload<T>(file: File, watch: { onProgress(part: number): void; signal: AbortSignal }): Promise<T>
}

/** Beside this page, wherever a proxy has put it. */
export const addressOf = (path: string, query: Query = {}): string => {
  const url = new URL(path.replace(/^\//, ''), new URL('.', document.baseURI))
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(name, String(value))
  return url.href
}

/** A path with ids in it, whatever these hold. */
export const path = (parts: TemplateStringsArray, ...ids: readonly string[]): string =>
  parts.reduce((text, part, index) => `${text}${encodeURIComponent(ids[index - 1] ?? '')}${part}`)

/** `crypto.randomUUID` is there on secure pages alone. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

export const createApi = (apiKey: string, onRefused: () => void): Api => {
  const judge = async (status: number, body: Promise<string>): Promise<never> => {
    const error = await readProblem(status, body)
    if (error.problem.code === 'unauthorized') onRefused()
    throw error
  }

  const open = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${apiKey}`)
    const response = await fetch(addressOf(path), {
      ...init,
      headers,
      credentials: 'omit',
      redirect: 'error',
    })
    return response.ok ? response : judge(response.status, response.text())
  }

  return {
    open,
    async get<T>(path: string, query: Query = {}, signal?: AbortSignal) {
      const response = await open(addressOf(path, query), {
        headers: { accept: 'application/json' },
        ...(signal && { signal }),
      })
      return (await response.json()) as T
    },
    async send<T>(method: string, path: string, { body, signal, idempotencyKey }: Sending = {}) {
      const response = await open(path, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      })
      return (response.status === 204 ? undefined : await response.json()) as T
    },
    upload: (file, { onProgress, signal }) =>
      new Promise((resolve, reject) => {
        // `fetch` cannot tell how much of a body has been sent.
        const request = new XMLHttpRequest()
        request.open('POST', addressOf('v1/uploads'))
        request.setRequestHeader('authorization', `Bearer ${apiKey}`)
        request.setRequestHeader('accept', 'application/json')
        request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
        request.onload = () => {
          if (request.status === 201) resolve(JSON.parse(request.responseText))
          else judge(request.status, Promise.resolve(request.responseText)).catch(reject)
        }
        request.onerror = () => reject(new TypeError('the upload broke off'))
        request.onabort = () => reject(new DOMException('the upload was given up', 'AbortError'))
        signal.addEventListener('abort', () => request.abort())
        const form = new FormData()
        form.append('file', file, file.name)
        request.send(form)
      }),
  }
}
