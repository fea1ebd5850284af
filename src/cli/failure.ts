import { CliplineError } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** How a command ends on an error that is no surprise; null for one that is. */
export const toCommandFailed = (error: unknown): CommandFailed | null => {
  if (error instanceof CommandFailed) return error
  if (!(error instanceof CliplineError)) return toSystemFailure(error)
  const { code, status, errors, requestId, message } = error
  const details = { code, status, errors, request_id: requestId }
  if (code === 'unreachable')
    return new CommandFailed(exitCodes.unreachable, `${message}. Is “clipline up” running?`, details)
  const faults = errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`)
  return new CommandFailed(exitCodes.refused, `${message}${faults.join('')}`, details)
}

const awayCodes = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'ETIMEDOUT']

/** What the system refused: a database that is away, a port that is taken, a folder that may not be written to. */
const toSystemFailure = (error: unknown): CommandFailed | null => {
  const { code, syscall, message, errors } = (error ?? {}) as NodeJS.ErrnoException & Partial<AggregateError>
  const isAway = awayCodes.includes(code ?? '')
  if (code === undefined || (syscall === undefined && !isAway)) return null
  // Of a host with several addresses, each was tried: what went wrong is in the parts.
  const said = message || errors?.map((each: Error) => each.message).join('; ') || code
  return new CommandFailed(isAway ? exitCodes.unreachable : exitCodes.failed, said, { code })
}
