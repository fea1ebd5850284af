import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { uuidv7 } from '../job/ids.ts'
import { problemType, toProblem } from './problem.ts'
import { type ProblemCode, problemCatalog } from './problem-catalog.ts'

/** What Node's HTTP parser refuses, before there is a request: answered on the bare socket, and then it is closed. */
export const createClientErrorHandler =
  ({ publicUrl, clock }: { readonly publicUrl: string; readonly clock: Clock }) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable || hasAnswerBegun(socket)) {
      socket.destroy()
      return
    }
    const code = codeOf(error.code)
    const requestId = `req_${uuidv7(clock.nowMs())}`
    const body = JSON.stringify(toProblem(code, { publicUrl, requestId }))
    const { status } = problemCatalog[code]
    socket.end(
      [
        `HTTP/1.1 ${status} ${reasons[status] ?? 'Error'}`,
        `Content-Type: ${problemType}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Request-Id: ${requestId}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    )
  }

const reasons: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
}

const codeOf = (code: string | undefined): ProblemCode => {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large'
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_request'
}

/** Node keeps the response that is being written on the socket; a second status line would garble it. */
const hasAnswerBegun = (socket: Socket): boolean =>
  (socket as Socket & { _httpMessage?: { headersSent: boolean } | null })._httpMessage?.headersSent === true
