/**
 * Pages of other origins (api.md §0). What a token in the URL opens may be read by any page: the token alone lets in,
 * so nothing rides along that a page could abuse. Everything else stays with this origin.
 */
import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { refuseUnrouted } from './request-guard.ts'
import type { RouteContext } from './route-context.ts'
import { tokenOf } from './token-of.ts'

const exposed = [
  'accept-ranges',
  'content-disposition',
  'content-length',
  'content-range',
  'etag',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'x-request-id',
]

/** Lets a page of any origin read the answer. Browsers send it no credentials, and `*` would take none. */
export const shareWithPages = (reply: FastifyReply): FastifyReply =>
  reply.headers({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': exposed.join(', '),
    'cross-origin-resource-policy': 'cross-origin',
  })

/** What a page may send along; a browser asks before it sends some of them. Never an API key. */
const takenHeaders = [
  'accept',
  'cache-control',
  'if-none-match',
  'if-range',
  'last-event-id',
  'prefer',
  'range',
]

/** Every path that a token opens. */
const paths = [
  '/v1/artifacts/:id/content',
  '/v1/batches/:id',
  '/v1/batches/:id/errors',
  '/v1/batches/:id/results',
  '/v1/jobs/:id/events',
]

/** What browsers ask before they send a request with headers of its own (Fetch §4.8, CORS preflight). */
export const preflightRoutes =
  (_context: RouteContext): FastifyPluginAsyncZod =>
  async (app) => {
    for (const url of paths)
      app.route({
        method: 'OPTIONS',
        url,
        schema: { hide: true },
        handler: async (request, reply) => {
          if (tokenOf(request) === undefined) return refuseUnrouted(app, request, reply)
          return shareWithPages(reply)
            .headers({
              'access-control-allow-methods': 'GET, HEAD',
              'access-control-allow-headers': takenHeaders.join(', '),
              'access-control-max-age': '7200',
            })
            .code(204)
            .send()
        },
      })
  }
