import type { Clock } from '../clock.ts'

/** Which permits of this process certainly had company: enough to answer for most without asking the database. */
export interface PermitCompany {
  /** A permit has just been opened. */
  open(permitId: string, message: CompanyMessage): void
  /** Its message was accepted: from now on it counts as company, whatever becomes of it. */
  accept(permitId: string): void
  /**
   * Was another message of the account accepted since this permit was opened, or one of another job so shortly before
   * that it may have been charged since the baseline? False also where nothing is known.
   */
  hadCompany(permitId: string): boolean
}

/** Whose message it is. */
export interface CompanyMessage {
  readonly accountId: string
  readonly jobId: string
  readonly providerSessionId: string
}

interface Entry {
  readonly message: CompanyMessage
  /** The message of another job and session that was accepted before was so not long ago. */
  readonly isCloseBehind: boolean
  /** Messages of the account that had been accepted when it was opened. */
  readonly acceptedBefore: number
  isAccepted: boolean
}

/** For so long a message of another job may have been charged between the reading of a baseline and its permit. */
export const lateChargeS = 30

/** A second is left for how long a statement takes. */
const closeBehindMs = (lateChargeS - 1) * 1_000

/** Permits that are remembered; of older ones the database has to be asked. */
const remembered = 10_000

export const createPermitCompany = ({ clock }: { readonly clock: Clock }): PermitCompany => {
  const accepted = new Map<string, number>()
  const latest = new Map<string, { readonly message: CompanyMessage; readonly atMs: number }>()
  const entries = new Map<string, Entry>()
  const isCloseBehind = ({ accountId, jobId, providerSessionId }: CompanyMessage): boolean => {
    const before = latest.get(accountId)
    return (
      before !== undefined &&
      before.message.jobId !== jobId &&
      before.message.providerSessionId !== providerSessionId &&
      clock.monotonicMs() - before.atMs < closeBehindMs
    )
  }
  const acceptedOf = (accountId: string): number => accepted.get(accountId) ?? 0
  return {
    open(permitId, message) {
      entries.set(permitId, {
        message,
        isCloseBehind: isCloseBehind(message),
        acceptedBefore: acceptedOf(message.accountId),
        isAccepted: false,
      })
      const [oldest] = entries.keys()
      if (entries.size > remembered && oldest !== undefined) entries.delete(oldest)
    },
    accept(permitId) {
      const entry = entries.get(permitId)
      if (entry === undefined || entry.isAccepted) return
      const { message } = entry
      entry.isAccepted = true
      accepted.set(message.accountId, acceptedOf(message.accountId) + 1)
      latest.set(message.accountId, { message, atMs: clock.monotonicMs() })
    },
    hadCompany(permitId) {
      const entry = entries.get(permitId)
      if (entry === undefined) return false
      const own = entry.isAccepted ? 1 : 0
      return entry.isCloseBehind || acceptedOf(entry.message.accountId) - entry.acceptedBefore > own
    },
  }
}
