/**
 * What a message is taken to cost before it is sent: what the account has charged for nine of ten messages, or what its
 * skill says until enough is known (guarantees.md §2.1-9). Answered from memory: nobody waits for the database.
 */
import type { Clock } from '../clock.ts'
import type { Skill } from '../skills/skill.ts'
import type { AccountBookStore, LearnedCredits } from '../store/account-books.ts'
import type { Telemetry } from '../telemetry.ts'

export type MessageCredits = Skill['creditEstimates']

/** Whose credits a message costs: those of its account, or where there is none yet, of the tenant's. */
export interface Payer {
  readonly tenantId: string
  readonly accountId: string | null
}

export interface CreditEstimates {
  of(payer: Payer, skill: Skill): MessageCredits
}

export interface KnownCreditEstimates extends CreditEstimates {
  /** Reads what was learned; after that it is known here. */
  refresh(): Promise<void>
}

export interface CreditEstimatesDeps {
  readonly books: Pick<AccountBookStore, 'listLearned'>
  /** The account of tenants without one of their own. */
  readonly sharedAccountId: () => Promise<string>
  readonly clock: Clock
  readonly telemetry: Telemetry
}

type Learned = Pick<LearnedCredits, 'generation' | 'edit'>

const refreshMs = 60_000

/** Whoever asks when what is known has grown old starts another reading of it, and is answered from what is known. */
export const createCreditEstimates = (deps: CreditEstimatesDeps): KnownCreditEstimates => {
  const { clock, telemetry } = deps
  let known: Known = { byAccount: new Map(), byTenant: new Map(), shared: null }
  let oldAtMs = Number.NEGATIVE_INFINITY

  const refresh = async (): Promise<void> => {
    oldAtMs = clock.monotonicMs() + refreshMs
    known = await readLearned(deps)
  }

  return {
    refresh,
    of(payer, { creditEstimates }) {
      if (clock.monotonicMs() >= oldAtMs)
        void refresh().catch((error: unknown) => telemetry.state('books.failed', { error }))
      const learned = findLearned(known, payer)
      return {
        generation: learned?.generation ?? creditEstimates.generation,
        edit: learned?.edit ?? creditEstimates.edit,
      }
    },
  }
}

interface Known {
  readonly byAccount: ReadonlyMap<string, Learned>
  /** Of tenants that have an account of their own. */
  readonly byTenant: ReadonlyMap<string, Learned>
  readonly shared: Learned | null
}

const readLearned = async ({ books, sharedAccountId }: CreditEstimatesDeps): Promise<Known> => {
  const [learned, sharedId] = await Promise.all([books.listLearned(), sharedAccountId()])
  return {
    byAccount: new Map(learned.map((account) => [account.accountId, account])),
    byTenant: new Map(
      learned.flatMap((account) => (account.tenantId === null ? [] : [[account.tenantId, account] as const])),
    ),
    shared: learned.find(({ accountId }) => accountId === sharedId) ?? null,
  }
}

const findLearned = (known: Known, { tenantId, accountId }: Payer): Learned | null =>
  (accountId === null ? known.byTenant.get(tenantId) : known.byAccount.get(accountId)) ??
  (accountId === null ? known.shared : null)
