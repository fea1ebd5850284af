/**
 * An IP address as numbers: 4 bytes for IPv4, 16 for IPv6. Judging text instead is how SSRF filters get bypassed.
 * An IPv4-mapped address (`::ffff:10.0.0.1`) *is* the IPv4 address, for the kernel and therefore for us.
 */
export interface Address {
  readonly family: 4 | 6
  readonly bytes: Buffer
}

const mappedPrefix = Buffer.from('00000000000000000000ffff', 'hex')
const decimalByte = /^(?:0|[1-9][0-9]{0,2})$/
const hexGroup = /^[0-9a-fA-F]{1,4}$/

/** Reads the canonical text forms only: dotted decimal and RFC 4291, without a zone. Null for everything else. */
export const parseAddress = (text: string): Address | null => {
  if (!text.includes(':')) {
    const bytes = parseDotted(text)
    return bytes && { family: 4, bytes }
  }
  const bytes = parseGroups(text)
  return bytes && addressOf(bytes)
}

/** The address that 16 bytes stand for: IPv4 where they are a mapped one. */
const addressOf = (bytes: Buffer): Address =>
  bytes.subarray(0, 12).equals(mappedPrefix) ? { family: 4, bytes: bytes.subarray(12) } : { family: 6, bytes }

export const isSameAddress = (left: Address, right: Address): boolean => left.bytes.equals(right.bytes)

/** Are the first `prefixBits` bits of the address those of `network`? */
export const isInNetwork = (address: Address, network: Address, prefixBits: number): boolean => {
  if (address.family !== network.family) return false
  const wholeBytes = prefixBits >> 3
  if (!address.bytes.subarray(0, wholeBytes).equals(network.bytes.subarray(0, wholeBytes))) return false
  const restBits = prefixBits & 7
  if (restBits === 0) return true
  const mask = (0xff << (8 - restBits)) & 0xff
  return (address.bytes.readUInt8(wholeBytes) & mask) === (network.bytes.readUInt8(wholeBytes) & mask)
}

/** `a.b.c.d`; octal, hexadecimal and short forms are not addresses here (WHATWG URL has already turned them into this). */
const parseDotted = (text: string): Buffer | null => {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => decimalByte.test(part) && Number(part) <= 255)) return null
  return Buffer.from(parts.map(Number))
}

/** Eight groups of 16 bits, at most one `::`, and perhaps a dotted tail. */
const parseGroups = (text: string): Buffer | null => {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const head = parseHalf(halves[0] ?? '', halves.length === 1)
  if (halves.length === 1) return head?.length === 16 ? head : null
  const tail = parseHalf(halves[1] ?? '', true)
  if (head === null || tail === null || head.length + tail.length > 14) return null
  return Buffer.concat([head, Buffer.alloc(16 - head.length - tail.length), tail])
}

/** The bytes on one side of `::`. Only the last group of an address may be a dotted tail. */
const parseHalf = (text: string, isLast: boolean): Buffer | null => {
  if (text === '') return Buffer.alloc(0)
  const groups = text.split(':')
  const bytes: Buffer[] = []
  for (const [index, group] of groups.entries()) {
    const isDotted = isLast && index === groups.length - 1 && group.includes('.')
    const parsed = isDotted ? parseDotted(group) : parseGroup(group)
    if (parsed === null) return null
    bytes.push(parsed)
  }
  return Buffer.concat(bytes)
}

const parseGroup = (group: string): Buffer | null =>
  hexGroup.test(group) ? Buffer.from(group.padStart(4, '0'), 'hex') : null
