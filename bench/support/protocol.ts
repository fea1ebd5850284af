/** What the load driver and its child processes say to each other, over the channel that `fork` opens. */
import type { Ledger } from './ledger.ts'

export type ToMock =
  | { readonly type: 'reset' }
  | { readonly type: 'ledger' }
  /** Answered when so many callbacks have come since the last reset. */
  | { readonly type: 'await'; readonly callbacks: number }

export type FromMock =
  | { readonly type: 'ready'; readonly url: string }
  | { readonly type: 'ledger'; readonly ledger: Ledger }
  /** On the clock of `process.hrtime`, which all processes of a machine share. */
  | { readonly type: 'callbacks'; readonly count: number; readonly lastAtMs: number }

export type ToBare =
  | { readonly type: 'drain'; readonly jobs: number; readonly concurrency: number }
  /** One job at a time; answered with the time that each took. */
  | { readonly type: 'light'; readonly jobs: number }

export type FromBare =
  | { readonly type: 'ready'; readonly url: string | null }
  | { readonly type: 'drained'; readonly seconds: number }
  | { readonly type: 'lightened'; readonly latenciesMs: readonly number[] }

/** The machine's monotonic clock. */
export const sharedNowMs = (): number => Number(process.hrtime.bigint()) / 1e6
