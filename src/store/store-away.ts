import { isConnectionError, StoreUnavailable } from './database-error.ts'

/** Prisma's codes for: cannot reach, timed out, pool exhausted, connection closed, a transaction not begun or ended in time. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'])
/** A statement or a lock took longer than any of ours should. */
const timeoutCodes = new Set(['57014', '55P03', '25P03'])

/** Does the error mean that the database cannot be reached, or not in time? The same request may succeed later. */
export const isStoreAway = (error: unknown): boolean => {
  if (error instanceof StoreUnavailable || isConnectionError(error)) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (prismaCodes.has(code) || timeoutCodes.has(code)) return true
  return /query read timeout/i.test(error.message) || (error.cause !== undefined && isStoreAway(error.cause))
}
