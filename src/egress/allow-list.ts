import type { Address } from './address.ts'
import { isInside, type Network, parseNetwork } from './network.ts'

/** The non-public addresses that an operator lets callbacks and fetches reach (EGRESS_ALLOW, api.md §8). */
export interface AllowList {
  readonly isEmpty: boolean
  covers(address: Address): boolean
}

export type AllowListParse = { ok: true; allow: AllowList } | { ok: false; details: readonly string[] }

/** Reads CIDR ranges and addresses, separated by commas or blanks; names every bad one at once. */
export const parseAllowList = (text: string): AllowListParse => {
  const parsed = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(parseNetwork)
  const details = parsed.flatMap((entry) => (entry.ok ? [] : [entry.detail]))
  if (details.length > 0) return { ok: false, details }
  return { ok: true, allow: allowListOf(parsed.flatMap((entry) => (entry.ok ? [entry.network] : []))) }
}

const allowListOf = (networks: readonly Network[]): AllowList => ({
  isEmpty: networks.length === 0,
  covers: (address) => networks.some((network) => isInside(address, network)),
})

/** Public addresses only: what holds when EGRESS_ALLOW is not set. */
export const nothingAllowed: AllowList = allowListOf([])
