import type { Address } from './address.ts'
import { isInside, type Network, parseNetwork } from './network.ts'

/** What an address is for. Only `public` ones may be reached without EGRESS_ALLOW. */
export type AddressKind =
  | 'public'
  | 'benchmarking'
  | 'carrier_nat'
  | 'documentation'
  | 'link_local'
  | 'loopback'
  | 'metadata'
  | 'multicast'
  | 'private'
  | 'protocol'
  | 'reserved'
  | 'this_network'
  | 'tunnel'
  | 'unallocated'

const kindOfRange = (cidr: string, kind: AddressKind): { network: Network; kind: AddressKind } => {
  const parsed = parseNetwork(cidr)
  if (!parsed.ok) throw new Error(parsed.detail)
  return { network: parsed.network, kind }
}

/** IPv4 that is not global unicast: the IANA special-purpose registry, multicast, class E, and Azure's metadata host. */
const specialIpv4 = [
  kindOfRange('0.0.0.0/8', 'this_network'),
  kindOfRange('10.0.0.0/8', 'private'),
  kindOfRange('100.64.0.0/10', 'carrier_nat'),
  kindOfRange('127.0.0.0/8', 'loopback'),
  kindOfRange('168.63.129.16/32', 'metadata'),
  kindOfRange('169.254.0.0/16', 'link_local'),
  kindOfRange('172.16.0.0/12', 'private'),
  kindOfRange('192.0.0.0/24', 'protocol'),
  kindOfRange('192.0.2.0/24', 'documentation'),
  kindOfRange('192.31.196.0/24', 'protocol'),
  kindOfRange('192.52.193.0/24', 'protocol'),
  kindOfRange('192.88.99.0/24', 'tunnel'),
  kindOfRange('192.168.0.0/16', 'private'),
  kindOfRange('192.175.48.0/24', 'protocol'),
  kindOfRange('198.18.0.0/15', 'benchmarking'),
  kindOfRange('198.51.100.0/24', 'documentation'),
  kindOfRange('203.0.113.0/24', 'documentation'),
  kindOfRange('224.0.0.0/4', 'multicast'),
  kindOfRange('240.0.0.0/4', 'reserved'),
]

/** The forms that carry an IPv4 address (`::/96`, `::ffff:0:0:0/96`, 6to4, Teredo, local NAT64) are tunnels: never public. */
const specialIpv6 = [
  kindOfRange('::/128', 'this_network'),
  kindOfRange('::1/128', 'loopback'),
  kindOfRange('::/96', 'tunnel'),
  kindOfRange('::ffff:0:0:0/96', 'tunnel'),
  kindOfRange('64:ff9b:1::/48', 'tunnel'),
  kindOfRange('100::/64', 'reserved'),
  kindOfRange('2001::/32', 'tunnel'),
  kindOfRange('2001:2::/48', 'benchmarking'),
  kindOfRange('2001::/23', 'protocol'),
  kindOfRange('2001:db8::/32', 'documentation'),
  kindOfRange('2002::/16', 'tunnel'),
  kindOfRange('2620:4f:8000::/48', 'protocol'),
  kindOfRange('3ffe::/16', 'reserved'),
  kindOfRange('3fff::/20', 'documentation'),
  kindOfRange('fc00::/7', 'private'),
  kindOfRange('fe80::/10', 'link_local'),
  kindOfRange('fec0::/10', 'private'),
  kindOfRange('ff00::/8', 'multicast'),
]

const globalUnicastIpv6 = kindOfRange('2000::/3', 'public').network
/** A DNS64 resolver answers with these where the machine has IPv6 only; behind them is the whole of IPv4. */
const nat64 = kindOfRange('64:ff9b::/96', 'public').network
/** ISATAP interface ids: the IPv4 address of the tunnel's end follows them, under any prefix. */
const isatapIds = ['00005efe', '02005efe'].map((hex) => Buffer.from(hex, 'hex'))

/** Judges an address by its numbers alone (guarantees.md §4.2). What no table knows is not public. */
export const kindOfAddress = (address: Address): AddressKind => {
  if (address.family === 4) return specialKind(address, specialIpv4) ?? 'public'
  if (isInside(address, nat64)) return kindOfAddress(embeddedIpv4(address))
  const special = specialKind(address, specialIpv6)
  if (special !== null) return special
  if (!isInside(address, globalUnicastIpv6)) return 'unallocated'
  return isIsatap(address) ? kindOfAddress(embeddedIpv4(address)) : 'public'
}

const specialKind = (
  address: Address,
  ranges: readonly { network: Network; kind: AddressKind }[],
): AddressKind | null => ranges.find(({ network }) => isInside(address, network))?.kind ?? null

const embeddedIpv4 = (address: Address): Address => ({ family: 4, bytes: address.bytes.subarray(12) })

const isIsatap = (address: Address): boolean =>
  isatapIds.some((id) => address.bytes.subarray(8, 12).equals(id))
