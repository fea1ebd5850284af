import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { type Fault, toFaults } from '../actions/fault.ts'
import { fingerprintOf, type KeyedRequest } from '../actions/idempotency.ts'
import { readIdempotencyKey } from './request-headers.ts'
import { invalidRequest } from './request-refusal.ts'

/** The `Idempotency-Key` of a request, or what is wrong with it. `asked` is what the key stands for: path and body. */
export const readKeyed = (
  request: FastifyRequest,
  route: string,
  asked: unknown,
): { readonly keyed: KeyedRequest | null; readonly faults: readonly Fault[] } => {
  const header = readIdempotencyKey(request.headers['idempotency-key'])
  switch (header.outcome) {
    case 'absent':
      return { keyed: null, faults: [] }
    case 'given':
      return { keyed: { route, key: header.key, fingerprint: fingerprintOf(asked) }, faults: [] }
    case 'invalid':
      return { keyed: null, faults: [header.fault] }
  }
}

/**
 * The body of a POST that creates, with its key; throws one refusal that names every fault of both. The key stands for
 * the body, unless it is said what it stands for.
 */
export const readKeyedBody = <Schema extends z.ZodType>(
  schema: Schema,
  request: FastifyRequest,
  route: string,
  asked: unknown = request.body,
): { readonly body: z.output<Schema>; readonly keyed: KeyedRequest | null } => {
  const { keyed, faults } = readKeyed(request, route, asked)
  const parsed = schema.safeParse(request.body)
  if (parsed.success && faults.length === 0) return { body: parsed.data, keyed }
  throw invalidRequest([
    ...faults,
    ...(parsed.success ? [] : toFaults(schema, request.body, parsed.error.issues)),
  ])
}
