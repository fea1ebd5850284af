import type { Account } from './accounts.ts'
import type { Parts } from './parts.ts'
import type { RenderStatus } from './renders.ts'

const listedAccounts = 100

/** What the sandbox holds at the moment, for people and tests. */
export const summarize = ({ world }: Parts) => {
  const renders: Record<RenderStatus, number> = {
    pending: 0,
    processing: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
  }
  for (const render of world.list('renders')) renders[render.status] += 1
  const accounts = [...world.list('accounts')]
  return {
    sessions: world.count('sessions'),
    turns_running: world.count('turns'),
    uploads: world.count('media'),
    clips: world.count('clips'),
    renders,
    credits: {
      available: sum(accounts, (account) => account.available),
      frozen: sum(accounts, (account) => account.frozen),
      spent: sum(accounts, (account) => account.spent),
    },
    accounts: accounts.slice(0, listedAccounts).map((account) => ({
      user_id: account.userId,
      plan: account.plan,
      available: account.available,
      frozen: account.frozen,
      spent: account.spent,
    })),
    faults: world.count('faults'),
    ledger_last_seq: world.ledger.lastSeq(),
  }
}

const sum = (accounts: readonly Account[], read: (account: Account) => number): number =>
  accounts.reduce((total, account) => total + read(account), 0)
