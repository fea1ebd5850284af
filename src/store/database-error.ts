/** What an error of the database means for the caller. Codes: PostgreSQL's appendix A, and Node's socket errors. */
export type DatabaseErrorKind =
  /** The connection is gone, or the server can do nothing now: nobody knows whether the statement was carried out. */
  | 'connection'
  /** Lost against another transaction: the whole statement may be run again. */
  | 'conflict'
  | 'other'

const socketCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
])
const shutdownCodes = new Set(['57P01', '57P02', '57P03', '57P05'])
/** For a while: 25006, a server that takes no writes, as after a failover; class 53, one without room, memory or places. */
const isUnable = (code: string): boolean => code === '25006' || code.startsWith('53')
const conflictCodes = new Set(['40001', '40P01', '55P03'])
const connectionMessages =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|^timeout expired$|query read timeout|not queryable/i

export const databaseErrorKind = (error: unknown): DatabaseErrorKind => {
  if (!(error instanceof Error)) return 'other'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (conflictCodes.has(code)) return 'conflict'
  if (code.startsWith('08') || socketCodes.has(code) || shutdownCodes.has(code) || isUnable(code))
    return 'connection'
  return code === '' && connectionMessages.test(error.message) ? 'connection' : 'other'
}

/** The store could not be reached within its bounds; what was asked may or may not have happened. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export const isConnectionError = (error: unknown): boolean => databaseErrorKind(error) === 'connection'
