import type { Credits } from '../providers/provider.ts'

/** The account of the tenant at the provider. */
export type CreditsReading =
  | { readonly outcome: 'read'; readonly credits: Credits; readonly tokenExpiresAt: Date | null }
  | { readonly outcome: 'provider_unavailable'; readonly detail: string }
