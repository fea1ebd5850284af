import { type Attribution, type IssuedToken, type Provider, ProviderError } from '../providers/provider.ts'

export interface ReviveTokenDeps {
  readonly provider: Pick<Provider, 'readCredits'>
  /** Names the service itself. */
  readonly attribution: Attribution
}

/** A token that was refused, or is over by its time. */
export interface EndedToken {
  readonly token: string
  readonly userId: string | null
}

const lookMs = 15_000

/**
 * A refusal may be a mistake of a moment, and an anonymous token that is given up for it is gone, with all that was made
 * under it: another one is not to be had for days (upstream-protocol.md §2.2). So before another one is asked for, the
 * account's balance is asked for with the kept one. The token, as if it had just been issued; null when the provider
 * does not take it; the error when nobody can say.
 */
export const reviveToken = async (
  { provider, attribution }: ReviveTokenDeps,
  { token, userId }: EndedToken,
  closing: AbortSignal,
): Promise<IssuedToken | ProviderError | null> => {
  try {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(lookMs)])
    const { available } = await provider.readCredits({ token, attribution, userId }, signal)
    return { token, userId, credits: available, expiresAtMs: null }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    return isSilence(error) ? error : null
  }
}

/** Is a job to try again whose token was refused? When there is another one by now, or the provider takes it after all. */
export const mayTryAgain = async (
  deps: ReviveTokenDeps,
  kept: EndedToken | { readonly outcome: 'busy' | 'failed' },
  refusedToken: string,
): Promise<boolean> => {
  if (!('token' in kept)) return false
  if (kept.token !== refusedToken) return true
  const revived = await reviveToken(deps, kept, new AbortController().signal)
  return revived !== null && !(revived instanceof ProviderError)
}

const isSilence = ({ code }: ProviderError): boolean =>
  code === 'provider_unavailable' || code === 'provider_rate_limited'
