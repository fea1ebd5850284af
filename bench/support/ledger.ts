/** What the mock upstream was asked, and what was wrong with it. */
export const steps = [
  'session',
  'upload',
  'message',
  'state',
  'credits',
  'export',
  'poll',
  'download',
  'callback',
] as const

export type Step = (typeof steps)[number]

export type Ledger = Readonly<Record<Step, number>> & {
  /** Sessions that got more than one message: each would have been paid twice. */
  readonly repeatedMessages: number
  readonly repeatedCallbacks: number
  readonly badSignatures: number
  readonly strangeCalls: number
}

const noCalls = (): Record<keyof Ledger, number> => ({
  session: 0,
  upload: 0,
  message: 0,
  state: 0,
  credits: 0,
  export: 0,
  poll: 0,
  download: 0,
  callback: 0,
  repeatedMessages: 0,
  repeatedCallbacks: 0,
  badSignatures: 0,
  strangeCalls: 0,
})

export interface LedgerBook {
  readonly counts: Record<keyof Ledger, number>
  reset(): void
}

export const createLedger = (): LedgerBook => {
  const counts = noCalls()
  return {
    counts,
    reset: () => void Object.assign(counts, noCalls()),
  }
}

/** How often each step of one job may be called. */
export type CallsPerJob = Readonly<Record<Step, number | { readonly from: number; readonly to: number }>>

/** The differences between what was asked and what `jobs` jobs may ask, as sentences; none when all is exact. */
export const findDeviations = (ledger: Ledger, jobs: number, perJob: CallsPerJob): readonly string[] => {
  const counted = steps.flatMap((step) => {
    const allowed = perJob[step]
    const { from, to } = typeof allowed === 'number' ? { from: allowed, to: allowed } : allowed
    const isExact = ledger[step] >= from * jobs && ledger[step] <= to * jobs
    return isExact ? [] : [`${step}: ${ledger[step]} calls for ${jobs} jobs`]
  })
  const faults = (
    ['repeatedMessages', 'repeatedCallbacks', 'badSignatures', 'strangeCalls'] as const
  ).flatMap((fault) => (ledger[fault] === 0 ? [] : [`${fault}: ${ledger[fault]}`]))
  return [...counted, ...faults]
}
