import { startChild } from './child.ts'
import type { Ledger } from './ledger.ts'
import type { FromMock, ToMock } from './protocol.ts'

/** The mock upstream, as the load driver sees it. */
export interface Mock {
  readonly url: string
  readonly pid: number
  reset(): Promise<void>
  readLedger(): Promise<Ledger>
  /** Waits for so many callbacks since the last reset; answers when the last one came, on the shared clock. */
  awaitCallbacks(count: number, timeoutMs: number): Promise<number>
  stop(): Promise<void>
}

/** Callbacks are signed with it and checked against it. */
export const callbackSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

export const startMock = async (): Promise<Mock> => {
  const { child, ready } = await startChild<ToMock, FromMock>('mock-upstream.ts', {
    BENCH_CALLBACK_SECRET: callbackSecret,
  })
  const readLedger = async () => (await child.ask({ type: 'ledger' }, 'ledger')).ledger
  return {
    url: ready.url,
    pid: child.pid,
    async reset() {
      child.tell({ type: 'reset' })
      await readLedger()
    },
    readLedger,
    awaitCallbacks: async (callbacks, timeoutMs) =>
      (await child.ask({ type: 'await', callbacks }, 'callbacks', timeoutMs)).lastAtMs,
    stop: () => child.stop(),
  }
}
