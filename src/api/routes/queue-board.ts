import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { sendProblem } from '../problem.ts'
import type { RouteContext } from '../route-context.ts'

const prefix = '/admin/queues'

/** Its page starts itself with an inline script; nothing comes from elsewhere. */
const boardPolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'"

const basicShape = /^basic +([A-Za-z0-9+/]+=*) *$/i

/** A browser asks its user for a name and a password: the key is the password, under any name. */
const takeKeyFromPassword = ({ headers }: FastifyRequest): void => {
  const encoded = basicShape.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return
  const pair = Buffer.from(encoded, 'base64').toString('utf8')
  headers.authorization = `Bearer ${pair.slice(pair.indexOf(':') + 1)}`
}

/** What waits in the queues, for operators with an admin key (api.md §7). Bells alone: ids, and no job's data. */
export const queueBoardRoutes =
  ({ deps, requireKey }: RouteContext): FastifyPluginAsync =>
  async (app) => {
    const board = deps.queueBoard
    if (board === undefined) return
    const requireOperator = requireKey('admin')
    app.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', boardPolicy)
      takeKeyFromPassword(request)
      return requireOperator(request, reply)
    })
    app.addHook('onRequest', async (_request, reply) => {
      if (reply.sent) return reply
      try {
        await board.open()
      } catch {
        return sendProblem(reply, 'unavailable', { detail: 'The queue cannot be reached.', retryAfterS: 5 })
      }
      return undefined
    })
    app.addHook('onSend', async (_request, reply) => {
      if (reply.statusCode === 401)
        reply.header(
          'www-authenticate',
          'Basic realm="Clipline queues: the password is an admin key", charset="UTF-8"',
        )
    })
    await app.register(board.plugin, { prefix })
  }
