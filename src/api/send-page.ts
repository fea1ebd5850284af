import type { FastifyReply, FastifyRequest } from 'fastify'

/** Answers a page of a list, with the address of the next one in `Link` (RFC 8288). */
export const sendPage = <Out>(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
  page: { readonly data: readonly Out[]; readonly next_cursor: string | null },
  cursorName: 'cursor' | 'after' = 'cursor',
): FastifyReply => {
  if (page.next_cursor !== null) {
    const next = new URL(request.url, publicUrl)
    next.searchParams.set(cursorName, page.next_cursor)
    reply.header('link', `<${publicUrl}${next.pathname}${next.search}>; rel="next"`)
  }
  return reply.send(page)
}
