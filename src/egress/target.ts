import type { Clock } from '../clock.ts'
import { parseAddress } from './address.ts'
import { kindOfAddress } from './address-kind.ts'
import type { AllowList } from './allow-list.ts'
import type { Lookup } from './lookup.ts'

const longestUrl = 2_048
const longestHostname = 253
const publicPorts = new Set(['', '443', '80', '8443'])
const lookupTimeoutMs = 5_000
/** What WHATWG parsing would silently strip, trim or turn into a slash: other readers of the URL may not. */
const rewrittenByParsing = /[\\\p{Cc}\p{Zs}\p{Zl}\p{Zp}]/u

/** One detail for every cause, so that nobody can map a network by what we say (guarantees.md §4.2). */
const refusalDetail =
  'The URL must be https on port 443, 80 or 8443, at most 2048 characters, without user name or password, and its host must resolve to public addresses only.'

export interface TargetRules {
  readonly allow: AllowList
  readonly lookup: Lookup
  readonly clock: Clock
}

/** Where we may connect to: the URL, parsed once, and the addresses to which its connection is pinned. */
export interface Target {
  readonly url: URL
  readonly addresses: readonly string[]
}

export type Vetting =
  | { outcome: 'vetted'; target: Target }
  /** Not allowed as it stands now. */
  | { outcome: 'forbidden' }
  /** The name has no address now, or DNS did not answer in time. */
  | { outcome: 'unresolved' }

export type TargetCheck =
  | { ok: true; url: URL; addresses: readonly string[] }
  | { ok: false; code: 'url_not_allowed'; detail: string }

/** For a submit: may this URL be a target? A name that does not resolve is refused with the same words as all others. */
export const checkTarget = async (url: string, rules: TargetRules): Promise<TargetCheck> => {
  const vetting = await vetTarget(url, rules)
  return vetting.outcome === 'vetted'
    ? { ok: true, ...vetting.target }
    : { ok: false, code: 'url_not_allowed', detail: refusalDetail }
}

/**
 * For a use: parses once, resolves once, and judges every address. `http:` and other ports are for addresses that
 * EGRESS_ALLOW covers, all of them; without it they are refused before anything is resolved.
 */
export const vetTarget = async (text: string, rules: TargetRules): Promise<Vetting> => {
  const url = parseTarget(text)
  if (url === null) return { outcome: 'forbidden' }
  const needsAllowList = url.protocol === 'http:' || !publicPorts.has(url.port)
  if (needsAllowList && rules.allow.isEmpty) return { outcome: 'forbidden' }

  const addresses = await addressesOf(url, rules)
  if (addresses.length === 0) return { outcome: 'unresolved' }
  const isAllowed = (text: string): boolean => {
    const address = parseAddress(text)
    if (address === null) return false
    return rules.allow.covers(address) || (!needsAllowList && kindOfAddress(address) === 'public')
  }
  return addresses.every(isAllowed)
    ? { outcome: 'vetted', target: { url, addresses } }
    : { outcome: 'forbidden' }
}

/** The URL as WHATWG reads it, without its fragment; null when its form alone rules it out. */
const parseTarget = (text: string): URL | null => {
  if (text.length > longestUrl || !text.isWellFormed() || rewrittenByParsing.test(text)) return null
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  if (url.username !== '' || url.password !== '') return null
  url.hash = ''
  return url.href.length <= longestUrl && url.hostname.length <= longestHostname ? url : null
}

/** All addresses of the host; none when it does not resolve in time. A literal address is its own answer. */
const addressesOf = async (url: URL, { lookup, clock }: TargetRules): Promise<readonly string[]> => {
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (parseAddress(literal) !== null) return [literal]
  const { promise: tooLate, resolve } = Promise.withResolvers<readonly string[]>()
  const cancel = clock.after(lookupTimeoutMs, () => resolve([]))
  const unresolved = (): readonly string[] => []
  try {
    return await Promise.race([lookup(url.hostname).catch(unresolved), tooLate])
  } finally {
    cancel()
  }
}
