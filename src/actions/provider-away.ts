/** Why something could not be read at the provider, for whoever asked for it. */
import type { ProviderError } from '../providers/provider.ts'
import type { AccessResult } from './access-provider.ts'

export interface ProviderAway {
  readonly outcome: 'provider_unavailable'
  readonly detail: string
  /** Asking again changes nothing: the account has no token that is taken, and no other one can be had for it. */
  readonly isLasting: boolean
}

export const toProviderAway = (
  error: ProviderError,
  { isAnonymous }: { readonly isAnonymous: boolean },
): ProviderAway => ({
  outcome: 'provider_unavailable',
  detail:
    error.evidence === 'rejected' && isAboutToken(error) ? `${refused} ${error.message}` : error.message,
  isLasting: isAboutToken(error) && !isAnonymous,
})

/** The same, of an account that is not ready to be used. */
export const toAccountAway = (found: Exclude<AccessResult, { outcome: 'ready' }>): ProviderAway =>
  found.outcome === 'failed'
    ? toProviderAway(found.error, { isAnonymous: false })
    : {
        outcome: 'provider_unavailable',
        detail: 'a token is being asked for; try again in a second',
        isLasting: false,
      }

const refused = 'The provider refused the token of the account.'

const isAboutToken = ({ code }: ProviderError): boolean => code === 'provider_auth_failed'
