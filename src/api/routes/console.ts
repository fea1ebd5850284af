import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { type ConsoleAsset, type ConsoleAssets, readConsoleAssets } from '../console-assets.ts'
import type { ApiDeps } from '../deps.ts'
import { sendProblem } from '../problem.ts'
import { isNoneMatch } from '../request-headers.ts'
import type { RouteContext } from '../route-context.ts'

const folder = new URL('../../console/', import.meta.url)

/**
 * Nothing from elsewhere, nothing inline; the only place that it calls is this service. Where files are kept in S3, a
 * player is sent on to them there.
 */
const toPolicy = (fileOrigin: string | null): string => {
  const files = fileOrigin === null ? "'self'" : `'self' ${fileOrigin}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${files} blob: data:`,
    `media-src ${files} blob:`,
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** Where presigned links lead, as the storage itself says it; null where it makes none. */
const readFileOrigin = async ({ storage }: ApiDeps): Promise<string | null> => {
  if (storage.presign === undefined) return null
  const link = { ttlS: 60, filename: 'console', contentType: 'video/mp4' }
  return new URL(await storage.presign('console', link)).origin
}

const hidden = { hide: true }

/** The operator's page (api.md §7). It holds no data: what it shows it asks the API for, with its user's key. */
export const consoleRoutes =
  ({ deps }: RouteContext): FastifyPluginAsync =>
  async (app) => {
    let policy: string | null = null
    const readPolicy = async (): Promise<string> => {
      policy ??= await readFileOrigin(deps)
        .then(toPolicy)
        .catch((error: unknown) => {
          deps.log.warn({ err: error }, 'the storage cannot say where its files are; the console plays none')
          return null
        })
      return policy ?? toPolicy(null)
    }
    let reading: Promise<ConsoleAssets> | null = null
    const readAssets = (): Promise<ConsoleAssets> => {
      reading ??= readConsoleAssets(folder)
      return reading
    }
    const answer = async (
      request: FastifyRequest,
      reply: FastifyReply,
      name: string,
    ): Promise<FastifyReply> => {
      const asset = (await readAssets()).get(name)
      if (asset === undefined) return sendProblem(reply, 'not_found')
      reply.header('content-security-policy', await readPolicy())
      return sendAsset(request, reply, asset)
    }

    app.get('/console', { schema: hidden }, (request, reply) => answer(request, reply, 'index.html'))

    // What the page names relative to itself would be looked for one level too deep.
    app.get('/console/', { schema: hidden }, (_request, reply) => reply.redirect('../console', 308))

    app.get<{ Params: { name: string } }>('/console/:name', { schema: hidden }, (request, reply) => {
      const { name } = request.params
      return name === 'index.html' ? sendProblem(reply, 'not_found') : answer(request, reply, name)
    })
  }

/** Kept, and asked about each time: a new version of the service comes with its own page at once. */
const sendAsset = (
  request: FastifyRequest,
  reply: FastifyReply,
  { content, contentType, etag }: ConsoleAsset,
): FastifyReply => {
  reply.headers({ etag, 'cache-control': 'no-cache' })
  if (isNoneMatch(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type(contentType).send(content)
}
