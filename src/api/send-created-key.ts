import type { FastifyReply } from 'fastify'
import type { CreateOnceOutcome } from '../actions/create-once.ts'
import { pointerTo } from '../actions/fault.ts'
import type { CreateKeyInput, KeyRefusal } from '../actions/manage-keys.ts'
import { sendProblem } from './problem.ts'
import { sendCreated } from './send-created.ts'

/** Answers the making of a key, or why it may not be made. */
export const sendCreatedKey = (
  reply: FastifyReply,
  result: CreateOnceOutcome | KeyRefusal,
  { scopes }: CreateKeyInput['wanted'],
): FastifyReply => {
  switch (result.outcome) {
    case 'scopes_not_held':
      return sendProblem(reply, 'forbidden', {
        errors: result.scopes.map((scope) => ({
          pointer: pointerTo(['scopes', scopes.indexOf(scope)]),
          code: 'forbidden',
          detail: `is ${scope}, which the key that asks does not have itself`,
        })),
      })
    case 'unknown_tenant':
      return sendProblem(reply, 'unknown_tenant', {
        errors: [{ pointer: '/tenant_id', code: 'unknown_tenant', detail: 'is no tenant' }],
      })
    case 'expired':
      return sendProblem(reply, 'out_of_range', {
        errors: [{ pointer: '/expires_at', code: 'out_of_range', detail: 'must be in the future' }],
      })
    default:
      return sendCreated(reply, result)
  }
}
