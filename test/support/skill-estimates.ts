import type { CreditEstimates } from '../../src/actions/credit-estimates.ts'

/** Of accounts that have taught nothing yet. */
export const skillEstimates: CreditEstimates = { of: (_, { creditEstimates }) => creditEstimates }
