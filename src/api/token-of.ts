import type { FastifyRequest } from 'fastify'

/** What stands in `?token=`, several of them included; undefined where nothing does. */
export const tokenOf = ({ query }: FastifyRequest): unknown =>
  typeof query === 'object' && query !== null && 'token' in query ? query.token : undefined
