import type { DatabaseError } from 'pg'
import { CliplineError } from '../client/index.ts'
import { isConnectionError } from '../store/database-error.ts'
import { MigrationFailed } from '../store/migration-failed.ts'
import { MigrationNeeded } from '../store/migration-needed.ts'
import { adviseOnDatabase, findDatabaseAdvice } from './database-advice.ts'
import { CommandFailed, type ExitCode, exitCodes, inWords } from './exit.ts'
import { toFolderFailure } from './folder-failure.ts'

/** How a command ends on an error that is no surprise; null for one that is. */
export const toCommandFailed = (error: unknown): CommandFailed | null => {
  if (error instanceof CommandFailed) return error
  if (error instanceof MigrationFailed) return toMigrationFailure(error)
  if (error instanceof MigrationNeeded)
    return new CommandFailed(exitCodes.failed, `${error.message}. Run: clipline migrate`)
  if (!(error instanceof CliplineError))
    return toFolderFailure(error) ?? toSystemFailure(error) ?? toDatabaseFailure(error)
  const { code, status, errors, requestId, retryable, retryAfterMs } = error
  const retryAfterS = retryAfterMs === null ? null : retryAfterMs / 1_000
  const details = { code, status, retryable, retry_after_s: retryAfterS, errors, request_id: requestId }
  const faults = errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`)
  return new CommandFailed(
    exitCodeOf(error),
    `${wordsOf(error)}${adviceOn(error)}${faults.join('')}`,
    details,
  )
}

/** One JSON object, as `--json` wants failures. */
export const toFailureText = ({ exitCode, message, details }: CommandFailed): string => {
  const kind = Object.entries(exitCodes).find(([, code]) => code === exitCode)?.[0] ?? 'failed'
  return `${JSON.stringify({ error: inWords(kind), message, ...details })}\n`
}

/** What is wrong, without the fields where those are named one by one. */
const wordsOf = ({ message, errors, problem }: CliplineError): string =>
  problem !== null && errors.length > 0 ? `${problem.title}:` : message

const exitCodeOf = ({ code, status }: CliplineError): ExitCode => {
  if (code === 'unreachable' || isAwayStatus(status)) return exitCodes.unreachable
  const isRefusal = code !== 'unexpected_answer' && (status ?? 0) < 500
  return isRefusal ? exitCodes.refused : exitCodes.failed
}

/** The service, or the provider behind it, cannot answer just now; it says so itself, or a proxy for it. */
const isAwayStatus = (status: number | null): boolean => status === 502 || status === 503 || status === 504

/** What a person at a terminal does about it, where the message does not say. */
const adviceOn = ({ code, status, retryAfterMs }: CliplineError): string => {
  if (code === 'unreachable') return '. Is “clipline up” running? CLIPLINE_URL says where it is looked for.'
  if (retryAfterMs !== null && retryAfterMs > 0) return ` Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`
  if (code === 'not_found') return ' Check the id, and whether the key is of the same tenant.'
  if (status === 401) return ' The key is that in CLIPLINE_API_KEY.'
  if (code === 'unexpected_answer' && status !== 200) return '. Is CLIPLINE_URL the address of Clipline?'
  return ''
}

/** No way there, or (from Postgres) stopping, crashed, and not up yet. */
const awayCodes = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
]

/** What the system refused: a database that is away, a port that is taken, a folder that may not be written to. */
const toSystemFailure = (error: unknown): CommandFailed | null => {
  const { code, syscall, message, errors } = (error ?? {}) as NodeJS.ErrnoException & Partial<AggregateError>
  // Of a host with several addresses, each was tried: what went wrong is in the parts.
  const said = message || errors?.map((each: Error) => each.message).join('; ') || code
  // The driver gives no code to a connection that ended on its way. What else a command connects to has errors of its
  // own, and does not end it.
  if (code === undefined ? isConnectionError(error) : awayCodes.includes(code))
    return new CommandFailed(
      exitCodes.unreachable,
      `the database cannot be reached: ${said}. ${adviseOnDatabase(code ?? null)}`,
      code === undefined ? {} : { code },
    )
  if (code === undefined || syscall === undefined) return null
  const advice = code === 'EADDRINUSE' ? '. Choose another port.' : ''
  return new CommandFailed(exitCodes.failed, `${said}${advice}`, { code })
}

/** What the database refused, where it is known what to do about it: a password, a schema that is not there yet. */
const toDatabaseFailure = (error: unknown): CommandFailed | null => {
  const { code, severity, message } = (error ?? {}) as Partial<DatabaseError>
  const advice = severity === undefined ? null : findDatabaseAdvice(code ?? null)
  if (advice === null) return null
  return new CommandFailed(exitCodes.failed, `the database refuses: ${message}. ${advice}`, { code })
}

/** Tables and columns that a migration misses are not had by migrating. */
const missingCodes = ['42P01', '42703']

/** Which migration it was tells nothing where the database is away, or takes none. */
const toMigrationFailure = ({ message, cause }: MigrationFailed): CommandFailed => {
  const { code } = (cause ?? {}) as Partial<DatabaseError>
  const known = missingCodes.includes(code ?? '')
    ? null
    : (toSystemFailure(cause) ?? toDatabaseFailure(cause))
  if (known !== null) return known
  if (cause === undefined) return new CommandFailed(exitCodes.failed, message)
  const advice = 'When that is mended, run this again.'
  return new CommandFailed(exitCodes.failed, `${message}. ${advice}`, { code })
}
