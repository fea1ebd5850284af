/** Which permits of this process certainly had company: enough to answer for most without asking the database. */
export interface PermitCompany {
  /** A permit has just been opened. */
  open(permitId: string, accountId: string): void
  /** Its message was accepted: from now on it counts as company, whatever becomes of it. */
  accept(permitId: string): void
  /** Was another message of the account accepted since this permit was opened? False also where nothing is known. */
  hadCompany(permitId: string): boolean
}

interface Entry {
  readonly accountId: string
  /** Messages of the account that had been accepted when it was opened. */
  readonly acceptedBefore: number
  isAccepted: boolean
}

/** Permits that are remembered; of older ones the database has to be asked. */
const remembered = 10_000

export const createPermitCompany = (): PermitCompany => {
  const accepted = new Map<string, number>()
  const entries = new Map<string, Entry>()
  const acceptedOf = (accountId: string): number => accepted.get(accountId) ?? 0
  return {
    open(permitId, accountId) {
      entries.set(permitId, { accountId, acceptedBefore: acceptedOf(accountId), isAccepted: false })
      const [oldest] = entries.keys()
      if (entries.size > remembered && oldest !== undefined) entries.delete(oldest)
    },
    accept(permitId) {
      const entry = entries.get(permitId)
      if (entry === undefined || entry.isAccepted) return
      entry.isAccepted = true
      accepted.set(entry.accountId, acceptedOf(entry.accountId) + 1)
    },
    hadCompany(permitId) {
      const entry = entries.get(permitId)
      if (entry === undefined) return false
      const own = entry.isAccepted ? 1 : 0
      return acceptedOf(entry.accountId) - entry.acceptedBefore > own
    },
  }
}
