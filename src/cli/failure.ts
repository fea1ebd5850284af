import { CliplineError } from '../client/index.ts'
import { CommandFailed, exitCodes } from './exit.ts'

/** How a command ends on an error that is no surprise; null for one that is. */
export const toCommandFailed = (error: unknown): CommandFailed | null => {
  if (error instanceof CommandFailed) return error
  if (!(error instanceof CliplineError)) return null
  const { code, status, errors, requestId, message } = error
  const details = { code, status, errors, request_id: requestId }
  if (code === 'unreachable')
    return new CommandFailed(exitCodes.unreachable, `${message}. Is “clipline up” running?`, details)
  const faults = errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`)
  return new CommandFailed(exitCodes.refused, `${message}${faults.join('')}`, details)
}
