/** Waits for everything to come to rest, through every outage. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Submit } from './evidence.ts'
import { countUnderway } from './provider-ledger.ts'
import { type Queryable, readUnrest, type Unrest } from './read-rows.ts'

export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

const lookEveryMs = 200

/** Looks again and again; while the database is away, what was seen last stands. */
export const watchUnrest = (rows: Queryable) => {
  const stopping = new AbortController()
  let last: Unrest = { ended: 0, unended: 0, undelivered: 0 }
  const look = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      last = await readUnrest(rows).catch(() => last)
      await pause(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const looking = look()
  return {
    unrest: () => last,
    async stop() {
      stopping.abort()
      await looking
    },
  }
}

/**
 * Whoever was refused five times in a row waits for five minutes, and then for half an hour: longer than a drill. It is
 * as if that time had passed.
 */
const hastenSql = `UPDATE jobs SET due_at = now()
  WHERE state = 'waiting' AND due_at > now() + interval '20 seconds' AND due_at < 'infinity'`

/** Resolves when nothing is under way any more, here or at the provider, or when the time is over. */
export const settle = async (
  { rows, sandboxUrl }: { readonly rows: Queryable; readonly sandboxUrl: string },
  submits: readonly Submit[],
  { timeoutMs, signal }: Patience,
): Promise<void> => {
  const promised = submits.filter(({ jobId }) => jobId !== null).length
  const giveUpAtMs = performance.now() + timeoutMs
  while (performance.now() < giveUpAtMs) {
    const now = await readUnrest(rows).catch(() => null)
    const isQuiet = now !== null && now.unended === 0 && now.undelivered === 0 && now.ended >= promised
    if (isQuiet && (await countUnderway(sandboxUrl)) === 0) return
    if (now !== null && now.unended > 0) await rows.query(hastenSql).catch(() => null)
    await pause(lookEveryMs, undefined, { signal })
  }
}
