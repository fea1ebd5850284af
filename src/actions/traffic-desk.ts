/**
 * Manners towards the provider, per account and for the whole fleet: a pause after a 429, and a circuit breaker per
 * operation (guarantees.md §2.1-11). Held jobs wait without a worker slot and without using up a try; what finds out
 * whether an operation works again is a cheap call that only one process makes.
 */
import type { Clock } from '../clock.ts'
import type { StageName } from '../job/plan.ts'
import type { AccountTraffic, AccountTrafficStore, DownOperation } from '../store/account-traffic.ts'
import type { Telemetry } from '../telemetry.ts'

export interface Hold {
  readonly forMs: number
  readonly reason: 'provider_paused' | 'provider_down'
}

export type CallEnding = 'answered' | 'unavailable'

export interface TrafficDesk {
  /**
   * What keeps a job of the account from calling now; null when nothing does. `probe` is a cheap read, made at most
   * once in the fleet when it is time to see whether the operation works again.
   */
  hold(accountId: string, stage: StageName, probe: () => Promise<void>): Hold | null
  /** How a stage's calls went. */
  record(accountId: string, stage: StageName, ending: CallEnding): void
  /** The provider asked for a pause. */
  pause(accountId: string, forMs: number): void
}

export interface TrafficDeskDeps {
  readonly traffic: AccountTrafficStore
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** The pause after a 429 that names no time; the breaker's pace follows it. */
  readonly rateLimitWaitMs: number
}

/** How old the fleet's knowledge may be. */
const refreshMs = 1_000
const windowMs = 10_000
/** An operation is down when this share of at least so many calls in the window failed: no mere one in five. */
const fewestCalls = 20
const downShare = 0.8
const mostDoublings = 6

interface Knowledge {
  traffic: AccountTraffic
  readAtMs: number
  isRefreshing: boolean
  readonly calls: Map<StageName, CallWindow>
}

interface CallWindow {
  readonly sinceMs: number
  total: number
  failures: number
}

export const createTrafficDesk = (deps: TrafficDeskDeps): TrafficDesk => {
  const { traffic, clock, telemetry, rateLimitWaitMs } = deps
  const accounts = new Map<string, Knowledge>()

  const knowledgeOf = (accountId: string): Knowledge => {
    const known = accounts.get(accountId)
    if (known) return known
    const fresh: Knowledge = { ...knowingNothing(), calls: new Map() }
    accounts.set(accountId, fresh)
    return fresh
  }

  /** Nothing waits for the database here: a write or a read that fails is made up for by the next one. */
  const inBackground = (work: Promise<void>): void => {
    work.catch((error: unknown) => telemetry.state('traffic.failed', { error }))
  }

  const refresh = async (accountId: string, known: Knowledge): Promise<void> => {
    known.isRefreshing = true
    try {
      known.traffic = await traffic.read(accountId)
      known.readAtMs = clock.monotonicMs()
    } finally {
      known.isRefreshing = false
    }
  }

  const markDown = async (accountId: string, stage: StageName, openings: number): Promise<void> => {
    telemetry.state('provider.down', { accountId, operation: stage, openings })
    const probeInMs = rateLimitWaitMs * 2 ** Math.min(openings - 1, mostDoublings)
    await traffic.markDown(accountId, stage, probeInMs, openings)
    await refresh(accountId, knowledgeOf(accountId))
  }

  const markUp = async (accountId: string, stage: StageName): Promise<void> => {
    telemetry.state('provider.up', { accountId, operation: stage })
    await traffic.markUp(accountId, stage)
    await refresh(accountId, knowledgeOf(accountId))
  }

  const probeOnce = async (
    accountId: string,
    { operation, openings }: DownOperation,
    probe: () => Promise<void>,
  ): Promise<void> => {
    if (!(await traffic.claimProbe(accountId, operation, rateLimitWaitMs))) return
    const stage = operation as StageName
    await probe().then(
      () => markUp(accountId, stage),
      () => markDown(accountId, stage, openings + 1),
    )
  }

  return {
    hold(accountId, stage, probe) {
      const known = knowledgeOf(accountId)
      const ageMs = clock.monotonicMs() - known.readAtMs
      if (ageMs > refreshMs && !known.isRefreshing) inBackground(refresh(accountId, known))
      const { pausedForMs, down } = known.traffic
      if (pausedForMs !== null && pausedForMs > ageMs)
        return { forMs: pausedForMs - ageMs, reason: 'provider_paused' }
      const found = down.find(({ operation }) => operation === stage)
      if (found === undefined) return null
      const probeInMs = found.probeInMs - ageMs
      if (probeInMs <= 0) inBackground(probeOnce(accountId, found, probe))
      return { forMs: Math.max(refreshMs, probeInMs), reason: 'provider_down' }
    },

    record(accountId, stage, ending) {
      const { calls } = knowledgeOf(accountId)
      const nowMs = clock.monotonicMs()
      const last = calls.get(stage)
      const window =
        last && nowMs - last.sinceMs < windowMs ? last : { sinceMs: nowMs, total: 0, failures: 0 }
      window.total += 1
      window.failures += ending === 'unavailable' ? 1 : 0
      if (window.total >= fewestCalls && window.failures >= window.total * downShare) {
        calls.delete(stage)
        inBackground(markDown(accountId, stage, 1))
      } else calls.set(stage, window)
    },

    pause(accountId, forMs) {
      const known = knowledgeOf(accountId)
      known.traffic = { ...known.traffic, pausedForMs: forMs }
      known.readAtMs = clock.monotonicMs()
      telemetry.state('provider.paused', { accountId, forMs })
      inBackground(traffic.pause(accountId, forMs))
    },
  }
}

const knowingNothing = () => ({
  traffic: { pausedForMs: null, down: [] },
  readAtMs: Number.NEGATIVE_INFINITY,
  isRefreshing: false,
})
