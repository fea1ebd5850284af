import type { Credits } from '../providers/provider.ts'
import type { ProviderAway } from './provider-away.ts'

/** The account of the tenant at the provider. */
export type CreditsReading =
  | { readonly outcome: 'read'; readonly credits: Credits; readonly tokenExpiresAt: Date | null }
  | ProviderAway
