import { type Address, isInNetwork, parseAddress } from './address.ts'

/** A range of addresses in CIDR form. */
export interface Network {
  readonly address: Address
  readonly prefixBits: number
}

export type NetworkParse = { ok: true; network: Network } | { ok: false; detail: string }

const cidrShape = /^([^/]+)(?:\/([0-9]{1,3}))?$/

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address. A range must start where it begins: `10.0.0.1/8` is refused. */
export const parseNetwork = (text: string): NetworkParse => {
  const [, addressText = '', prefixText] = cidrShape.exec(text) ?? []
  const address = parseAddress(addressText)
  if (address === null) {
    return { ok: false, detail: `"${text}" is not an IP address or a CIDR range such as 10.0.0.0/8` }
  }
  if (address.family === 4 && addressText.includes(':')) {
    return { ok: false, detail: `"${text}" is an IPv4 range in IPv6 form; write it as IPv4` }
  }
  const addressBits = address.bytes.length * 8
  const prefixBits = prefixText === undefined ? addressBits : Number(prefixText)
  if (prefixBits > addressBits) {
    return { ok: false, detail: `"${text}" has a prefix longer than ${addressBits} bits` }
  }
  if (!isNetworkStart(address, prefixBits)) {
    return {
      ok: false,
      detail: `"${text}" has bits set after its prefix; write the first address of the range`,
    }
  }
  return { ok: true, network: { address, prefixBits } }
}

export const isInside = (address: Address, network: Network): boolean =>
  isInNetwork(address, network.address, network.prefixBits)

const isNetworkStart = (address: Address, prefixBits: number): boolean =>
  address.bytes.every((byte, index) => {
    const hostBits = Math.min(8, Math.max(0, (index + 1) * 8 - prefixBits))
    return (byte & ((1 << hostBits) - 1)) === 0
  })
