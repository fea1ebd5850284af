/**
 * Holds what services answer over real sockets to `openapi/openapi.json`: every `fetch` of the tests, of the client and
 * of commands that run in the tests' process. Of JSON the body is checked, of streams and files what comes before it.
 */
import { type AnswerHead, type BodyCheck, checkAnswer } from './answer-check.ts'

interface Watch {
  readonly wrong: Error[]
  readonly pending: Set<Promise<void>>
}

const watches = new Map<string, Watch>()

/** From now on, what the service at this origin answers. The function ends that, and throws what was wrong. */
export const watchAnswers = (url: string): (() => Promise<void>) => {
  const { origin } = new URL(url)
  const watch: Watch = { wrong: [], pending: new Set() }
  watches.set(origin, watch)
  return async () => {
    if (watches.get(origin) === watch) watches.delete(origin)
    await Promise.all(watch.pending)
    const [first] = watch.wrong
    if (first !== undefined) throw first
  }
}

/** The same for an answer that came by another way than `fetch`, without its body. */
export const noteAnswer = (head: AnswerHead): void => {
  const watch = watches.get(new URL(head.url).origin)
  if (watch !== undefined) void checkHead(watch, head)
}

const checkHead = (watch: Watch, head: AnswerHead): BodyCheck | null => {
  try {
    return checkAnswer(head)
  } catch (error) {
    watch.wrong.push(error as Error)
    return null
  }
}

const checkResponse = (watch: Watch, method: string, url: string, response: Response): void => {
  const contentType = response.headers.get('content-type')
  const checkBody = checkHead(watch, { method, url, statusCode: response.status, contentType })
  if (checkBody === null) return
  const checking = readCopy(response).then((body) => {
    watch.pending.delete(checking)
    if (body === null) return
    try {
      checkBody(body)
    } catch (error) {
      watch.wrong.push(error as Error)
    }
  })
  watch.pending.add(checking)
}

/** Null for one that broke off, which is what some tests are about. */
const readCopy = (response: Response): Promise<string | null> =>
  response
    .clone()
    .text()
    .catch(() => null)

const { fetch: bareFetch } = globalThis

const watchedFetch: typeof globalThis.fetch = async (input, init) => {
  const response = await bareFetch(input, init)
  const isRequest = input instanceof Request
  const url = isRequest ? input.url : String(input)
  const watch = watches.get(URL.parse(url)?.origin ?? '')
  if (watch !== undefined && !response.redirected)
    checkResponse(watch, (init?.method ?? (isRequest ? input.method : 'GET')).toUpperCase(), url, response)
  return response
}

globalThis.fetch = watchedFetch
