import { type Attribution, type ProviderAccess, ProviderError } from '../provider.ts'

export type RequestHeaders = Readonly<Record<string, string>>

/** Visible ASCII; anything else would be refused by the HTTP client, or be a second header. */
const headerValue = /^[\x21-\x7e]+$/

/** Who calls: on every request, or exports are refused with 402 (upstream-protocol.md §2.1). */
const attributionHeaders = ({ source, version, platform }: Attribution): RequestHeaders => ({
  accept: 'application/json',
  'user-agent': 'clipline',
  'x-skill-source': checked('attribution source', source),
  'x-skill-version': checked('attribution version', version),
  'x-skill-platform': checked('attribution platform', platform),
})

export const accessHeaders = ({ token, attribution }: ProviderAccess): RequestHeaders => {
  if (!headerValue.test(token)) {
    throw new ProviderError(
      'provider_auth_failed',
      'The NemoVideo token holds characters that no token has',
      {
        evidence: 'not_sent',
      },
    )
  }
  return { ...attributionHeaders(attribution), authorization: `Bearer ${token}` }
}

/** A UUID or any other stable name of up to 64 characters (§2.2). */
export const clientIdHeaders = (clientId: string, attribution: Attribution): RequestHeaders => {
  if (clientId.length > 64) {
    throw new ProviderError('provider_auth_failed', 'The NemoVideo client id is longer than 64 characters', {
      evidence: 'not_sent',
    })
  }
  return { ...attributionHeaders(attribution), 'x-client-id': checked('client id', clientId) }
}

const checked = (name: string, value: string): string => {
  if (headerValue.test(value)) return value
  throw new ProviderError('internal', `The ${name} cannot be sent as an HTTP header`, {
    evidence: 'not_sent',
  })
}
