/**
 * With which account and token a tenant's jobs call the provider: the tenant's own, the configured one, or an
 * anonymous one behind a stable client id, whose token is asked for once in the whole fleet and kept sealed
 * (upstream-protocol.md §2.2, guarantees.md §2.2 "Token").
 */
import type { Clock } from '../clock.ts'
import type { Sealer } from '../crypto/seal.ts'
import { newId } from '../job/ids.ts'
import { tryPatiently } from '../patience.ts'
import { type Attribution, type IssuedToken, type Provider, ProviderError } from '../providers/provider.ts'
import type { ProviderAccountRow, ProviderAccountStore } from '../store/provider-accounts.ts'
import type { Telemetry } from '../telemetry.ts'
import { mayTryAgain, reviveToken } from './revive-token.ts'
import { openSealed, placeOf, stableClientId } from './sealed-account.ts'

export type AccessResult =
  | {
      readonly outcome: 'ready'
      readonly accountId: string
      readonly token: string
      readonly userId: string | null
      /** Of an account whose tokens are asked for here: one that is refused is not its last. */
      readonly isAnonymous: boolean
      /** When the token ends; null when it does not, or nobody said. */
      readonly expiresAt: Date | null
    }
  /** Another process is asking for the token right now. */
  | { readonly outcome: 'busy'; readonly retryInMs: number }
  | { readonly outcome: 'failed'; readonly error: ProviderError }

export interface AccountDesk {
  /** For a job that has an account already, that account: its session lives there. */
  find(job: { readonly tenantId: string; readonly accountId: string | null }): Promise<AccessResult>
  /** The provider refused this token. True when another one can be had, or this one does again. */
  renounce(accountId: string, token: string): Promise<boolean>
}

export interface CachingAccountDesk extends AccountDesk {
  /** An account was changed: what is known of accounts no longer holds. Other processes notice within seconds. */
  forget(): void
  /** The account of tenants without one of their own; it is made when there is none. */
  sharedAccountId(): Promise<string>
  /** Waits until tokens that are being asked for are recorded, but no longer than that. */
  close(timeoutMs: number): Promise<void>
}

export interface AccountDeskDeps {
  readonly accounts: ProviderAccountStore
  readonly provider: Provider
  readonly sealer: Sealer
  readonly clock: Clock
  readonly telemetry: Telemetry
  /** Names the service itself where a call belongs to no skill. */
  readonly attribution: Attribution
  readonly configuredToken: string | null
  readonly configuredClientId: string | null
  /** HMAC of a secret, to tell accounts apart without keeping what they are made of. */
  readonly fingerprint: (secret: string) => string
}

const hourMs = 3_600_000
/** How long a resolved account is used without looking at its row again. */
const cacheMs = 15_000
/** A token that ends sooner than this is renewed first: a job may hold on to it for long. */
const renewBeforeMs = 24 * hourMs
/** A token that ends sooner than this is none: the job's next call could come too late. */
const shortestLifeMs = 60_000
/** How long nobody asks again after an early renewal was refused: the quota of days is seldom over in minutes. */
const refusedRenewalMs = 6 * hourMs
const refreshClaimMs = 60_000
const requestTimeoutMs = refreshClaimMs / 2
const refusedRefreshMs = 30_000
/** A token that was refused is tried again no later than after this, however long there is no other. */
const revivalMs = 10 * 60_000
/** How long a token that was issued is tried to be recorded: through every outage that is not a disaster. */
const recordPatienceMs = 30 * 60_000

export const createAccountDesk = (deps: AccountDeskDeps): CachingAccountDesk => {
  const { accounts, clock } = deps
  const cache = new Map<string, { readonly result: AccessResult; readonly untilMs: number }>()
  const underway = new Map<string, Promise<AccessResult>>()
  const refreshes = new Set<Promise<unknown>>()
  const closing = new AbortController()
  let shared: Promise<string> | null = null
  let generation = 0

  /** What was asked before may still answer with a token that is refused by now: it is not kept. */
  const forgetAll = (): void => {
    generation += 1
    cache.clear()
    underway.clear()
  }

  const ensureShared = (): Promise<string> => {
    shared ??= makeShared(deps).catch((error: unknown) => {
      shared = null
      throw error
    })
    return shared
  }

  const resolve = async (tenantId: string, accountId: string | null): Promise<AccessResult> => {
    const sharedId = await ensureShared()
    const account =
      accountId === null ? await accounts.findForTenant(tenantId, sharedId) : await accounts.find(accountId)
    if (account === null) return { outcome: 'failed', error: noAccount() }
    if (account.kind === 'token') return openToken(deps, account)
    const access = accessAnonymously(deps, account, closing.signal)
    refreshes.add(access)
    return access.finally(() => refreshes.delete(access))
  }

  return {
    forget: forgetAll,
    sharedAccountId: ensureShared,

    async close(timeoutMs) {
      const cancelTimer = clock.after(timeoutMs, () => closing.abort())
      await Promise.allSettled(refreshes)
      cancelTimer()
    },

    find({ tenantId, accountId }) {
      const key = accountId ?? tenantId
      const known = cache.get(key)
      if (known && known.untilMs > clock.monotonicMs()) return Promise.resolve(known.result)
      const running = underway.get(key)
      if (running !== undefined) return running
      const askedIn = generation
      const asked = resolve(tenantId, accountId)
        .then((result) => {
          if (result.outcome === 'ready' && askedIn === generation)
            cache.set(key, { result, untilMs: clock.monotonicMs() + cacheMs })
          return result
        })
        .finally(() => {
          if (underway.get(key) === asked) underway.delete(key)
        })
      underway.set(key, asked)
      return asked
    },

    async renounce(accountId, token) {
      forgetAll()
      const account = await accounts.find(accountId)
      if (account?.kind === 'token') return mayTryAgain(deps, openToken(deps, account), token)
      if (account === null || account.tokenSealed === null) return account !== null
      if (openSealed(deps, account, account.tokenSealed) === token) {
        await accounts.endToken(accountId, account.tokenSealed)
        forgetAll()
      }
      return true
    },
  }
}

const noAccount = () =>
  new ProviderError('provider_auth_failed', 'the account of this job no longer exists', {
    evidence: 'not_sent',
  })

const makeShared = async (deps: AccountDeskDeps): Promise<string> => {
  const { accounts, clock, configuredToken, configuredClientId, fingerprint } = deps
  const identity =
    configuredToken !== null
      ? `token:${fingerprint(configuredToken)}`
      : `anonymous:${configuredClientId === null ? 'installation' : fingerprint(configuredClientId)}`
  const account = await accounts.ensure({
    id: newId('account', clock.nowMs()),
    tenantId: null,
    kind: configuredToken === null ? 'anonymous' : 'token',
    identity,
  })
  return account.id
}

const openToken = (deps: AccountDeskDeps, account: ProviderAccountRow): AccessResult => {
  const shared = account.tenantId === null ? deps.configuredToken : null
  const token = account.tokenSealed === null ? shared : openSealed(deps, account, account.tokenSealed)
  if (token === null) return { outcome: 'failed', error: noAccount() }
  const { expiresInMs } = account
  const expiresAt = expiresInMs === null ? null : new Date(deps.clock.nowMs() + expiresInMs)
  const isAnonymous = account.kind === 'anonymous'
  return { outcome: 'ready', accountId: account.id, token, userId: account.userId, isAnonymous, expiresAt }
}

const accessAnonymously = async (
  deps: AccountDeskDeps,
  account: ProviderAccountRow,
  closing: AbortSignal,
): Promise<AccessResult> => {
  if (!isRefreshDue(account)) return openToken(deps, account)
  const { id, claimEpoch } = account
  const untilMs = deps.clock.monotonicMs() + refreshClaimMs
  const epoch = claimEpoch === null ? null : await deps.accounts.claimRefresh(id, claimEpoch, refreshClaimMs)
  if (epoch !== null) return refresh(deps, account, { epoch, untilMs }, closing)
  // A token that still has some life does while somebody else renews it.
  if (lifeOf(account) > shortestLifeMs) return openToken(deps, account)
  return { outcome: 'busy', retryInMs: againInMs(account) }
}

/** Who asks has an answer soon; one that was refused need not be looked for every second, maybe for a day. */
const againInMs = ({ claimedForMs }: ProviderAccountRow): number =>
  Math.min(60_000, Math.max(1_000, claimedForMs - refreshClaimMs))

const isRefreshDue = (account: ProviderAccountRow): boolean =>
  lifeOf(account) <= (account.isRenewalPostponed ? shortestLifeMs : renewBeforeMs)

/** How long the kept token is good for, in milliseconds: not at all where there is none, for ever where nobody said. */
const lifeOf = ({ tokenSealed, expiresInMs }: ProviderAccountRow): number =>
  tokenSealed === null ? 0 : (expiresInMs ?? Number.POSITIVE_INFINITY)

/** The right to ask for a token, until a time of the monotonic clock. */
interface RefreshClaim {
  readonly epoch: number
  readonly untilMs: number
}

/**
 * Asks for a token, unless the kept one does again, and keeps it in the very next statement: a lost one is not issued
 * again. Nothing is sent that might be answered after the claim has run out, when somebody else may ask: a process that
 * was frozen since then leaves it to them.
 */
const refresh = async (
  deps: AccountDeskDeps,
  account: ProviderAccountRow,
  { epoch, untilMs }: RefreshClaim,
  closing: AbortSignal,
): Promise<AccessResult> => {
  const clientId = await stableClientId(deps, account)
  const revived = await revive(deps, account, closing)
  if (revived === null && untilMs - deps.clock.monotonicMs() < requestTimeoutMs)
    return { outcome: 'busy', retryInMs: 1_000 }
  const issued = revived ?? (await requestToken(deps, clientId, closing))
  if (issued instanceof ProviderError) return settleRefusal(deps, account.id, epoch, issued)
  const { token, userId, expiresAtMs } = issued
  const tokenSealed = deps.sealer.seal(token, placeOf(account))
  await tryPatiently({ clock: deps.clock, forMs: recordPatienceMs, signal: closing }, () =>
    deps.accounts.recordToken(account.id, epoch, { tokenSealed, userId, expiresAtMs }),
  )
  const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs)
  return { outcome: 'ready', accountId: account.id, token, userId, isAnonymous: true, expiresAt }
}

const revive = (
  deps: AccountDeskDeps,
  account: ProviderAccountRow,
  closing: AbortSignal,
): Promise<IssuedToken | ProviderError | null> => {
  const { tokenSealed, userId } = account
  if (tokenSealed === null || lifeOf(account) > 0) return Promise.resolve(null)
  return reviveToken(deps, { token: openSealed(deps, account, tokenSealed), userId }, closing)
}

/**
 * Without a new token the kept one does, as it is now: it may have been refused or replaced meanwhile. Only where none
 * lives is it the job that fails.
 */
const settleRefusal = async (
  deps: AccountDeskDeps,
  accountId: string,
  epoch: number,
  error: ProviderError,
): Promise<AccessResult> => {
  const kept = await deps.accounts.find(accountId)
  if (kept === null || lifeOf(kept) <= shortestLifeMs) {
    const retryInMs = error.retryAfterMs ?? refusedRefreshMs
    const isKept = kept !== null && kept.tokenSealed !== null
    await deps.accounts.failRefresh(accountId, epoch, isKept ? Math.min(retryInMs, revivalMs) : retryInMs)
    return { outcome: 'failed', error }
  }
  const retryInMs = renewalPauseMs(lifeOf(kept), error.retryAfterMs ?? 0)
  await deps.accounts.postponeRenewal(accountId, epoch, retryInMs)
  const { code: failureCode, message: note } = error
  deps.telemetry.state('token.renewal_refused', { accountId, failureCode, note, retryInMs })
  return openToken(deps, kept)
}

/** As long as the provider wants, but so that it is asked again while half of the token's life is left. */
const renewalPauseMs = (lifeMs: number, retryAfterMs: number): number =>
  Math.min(Math.max(refusedRenewalMs, retryAfterMs), Math.max(lifeMs / 2, hourMs))

const requestToken = async (
  { provider, attribution, clock }: AccountDeskDeps,
  clientId: string,
  closing: AbortSignal,
): Promise<IssuedToken | ProviderError> => {
  const timeUp = new AbortController()
  const cancelTimer = clock.after(requestTimeoutMs, () => timeUp.abort())
  try {
    return await provider.requestToken(clientId, attribution, AbortSignal.any([closing, timeUp.signal]))
  } catch (error) {
    if (error instanceof ProviderError) return error
    throw error
  } finally {
    cancelTimer()
  }
}
