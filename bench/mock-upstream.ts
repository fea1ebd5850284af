/**
 * The provider without its thinking: NemoVideo's happy path, answered at once from ready-made bytes, and the receiver
 * of callbacks. Keeps a ledger of all calls. A process of its own, told what to do over its parent's channel.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeDraft, makeMovie, makeState, makeStream } from './support/answers.ts'
import { createLedger } from './support/ledger.ts'
import { type FromMock, sharedNowMs, type ToMock } from './support/protocol.ts'

const callbackKey = Buffer.from((process.env['BENCH_CALLBACK_SECRET'] ?? '').slice('whsec_'.length), 'base64')
const movie = makeMovie()
const draft = makeDraft()
const stream = makeStream()
const movieHeaders = { 'content-type': 'video/mp4', 'content-length': movie.length }
const streamHeaders = { 'content-type': 'text/event-stream; charset=utf-8', 'content-length': stream.length }

const ledger = createLedger()
/** Messages by session. */
const messages = new Map<string, number>()
const seenCallbacks = new Set<string>()
let lastCallbackAtMs = 0
let lastSession = 5_529_798_706_000_000_000n
let awaited: number | null = null

const tell = (message: FromMock): void => void process.send?.(message)

const readBody = (request: IncomingMessage, onBody: (body: Buffer) => void): void => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => onBody(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
}

const answerJson = (response: ServerResponse, answer: object): void => {
  const body = Buffer.from(JSON.stringify(answer))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

const createSession = (response: ServerResponse): void => {
  ledger.counts.session += 1
  lastSession += 1n
  answerJson(response, { code: 0, data: { task_id: `task_${lastSession}`, session_id: String(lastSession) } })
}

const acceptUpload = (response: ServerResponse): void => {
  ledger.counts.upload += 1
  const file = {
    filename: 'street.mp4',
    file_type: 'video',
    cdn_url: 'https://cdn.example.test/u/street.mp4',
  }
  answerJson(response, { code: 0, data: { files: [{ ...file, duration: 10 }], session_state_applied: true } })
}

const answerMessage = (response: ServerResponse, body: Buffer): void => {
  const { session_id: sessionId } = JSON.parse(body.toString()) as { session_id: string }
  const count = (messages.get(sessionId) ?? 0) + 1
  messages.set(sessionId, count)
  ledger.counts.message += 1
  if (count > 1) ledger.counts.repeatedMessages += 1
  response.writeHead(200, streamHeaders).end(stream)
}

const showState = (response: ServerResponse, sessionId: string): void => {
  ledger.counts.state += 1
  answerJson(response, makeState(sessionId, messages.has(sessionId), draft))
}

const showCredits = (response: ServerResponse): void => {
  ledger.counts.credits += 1
  const available = 1_000_000 - ledger.counts.message * 100
  answerJson(response, { code: 0, data: { available, frozen: 0, total: available } })
}

const acceptRender = (response: ServerResponse, body: Buffer): void => {
  const { id } = JSON.parse(body.toString()) as { id: string }
  ledger.counts.export += 1
  answerJson(response, { success: true, data: { id, status: 'pending', progress: 5 } })
}

const showRender = (response: ServerResponse, id: string, host: string): void => {
  ledger.counts.poll += 1
  const outputUrl = `http://${host}/files/${id}.mp4`
  answerJson(response, { success: true, data: { id, status: 'completed', progress: 100, outputUrl } })
}

const sendMovie = (response: ServerResponse): void => {
  ledger.counts.download += 1
  response.writeHead(200, movieHeaders).end(movie)
}

const isSigned = ({ headers }: IncomingMessage, body: Buffer): boolean => {
  const hmac = createHmac('sha256', callbackKey)
  const expected = hmac
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`)
    .update(body)
    .digest()
  const given = Buffer.from(String(headers['webhook-signature']).slice('v1,'.length), 'base64')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const takeCallback = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
  const id = String(request.headers['webhook-id'])
  if (!isSigned(request, body)) ledger.counts.badSignatures += 1
  if (seenCallbacks.has(id)) ledger.counts.repeatedCallbacks += 1
  seenCallbacks.add(id)
  ledger.counts.callback += 1
  lastCallbackAtMs = sharedNowMs()
  response.writeHead(204).end()
  answerAwaited()
}

const answerAwaited = (): void => {
  if (awaited === null || ledger.counts.callback < awaited) return
  awaited = null
  tell({ type: 'callbacks', count: ledger.counts.callback, lastAtMs: lastCallbackAtMs })
}

const afterLast = (path: string, marker: string): string =>
  path.slice(path.lastIndexOf(marker) + marker.length)

const answerGet = (request: IncomingMessage, response: ServerResponse, path: string): void => {
  if (path.startsWith('/api/state/')) showState(response, path.split('/')[5] ?? '')
  else if (path.startsWith('/api/credits/')) showCredits(response)
  else if (path.startsWith('/api/render/'))
    showRender(response, afterLast(path, '/'), request.headers.host ?? '')
  else if (path.startsWith('/files/')) sendMovie(response)
  else refuse(response)
}

const answerPost = (request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void => {
  if (path.startsWith('/api/tasks/')) createSession(response)
  else if (path.startsWith('/api/upload-video/')) acceptUpload(response)
  else if (path === '/run_sse') answerMessage(response, body)
  else if (path.startsWith('/api/render/')) acceptRender(response, body)
  else if (path === '/callback') takeCallback(request, response, body)
  else refuse(response)
}

const refuse = (response: ServerResponse): void => {
  ledger.counts.strangeCalls += 1
  response.writeHead(404).end()
}

const server = createServer((request, response) => {
  response.sendDate = false
  const path = request.url ?? ''
  if (request.method === 'GET') answerGet(request, response, path)
  else readBody(request, (body) => answerPost(request, response, path, body))
})
server.keepAliveTimeout = 60_000

process.on('message', (message: ToMock) => {
  switch (message.type) {
    case 'reset':
      ledger.reset()
      messages.clear()
      seenCallbacks.clear()
      return
    case 'ledger':
      tell({ type: 'ledger', ledger: ledger.counts })
      return
    case 'await':
      awaited = message.callbacks
      answerAwaited()
  }
})
process.on('disconnect', () => process.exit())

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  tell({ type: 'ready', url: `http://127.0.0.1:${port}` })
})
