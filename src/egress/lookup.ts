import { lookup as askSystem, Resolver } from 'node:dns/promises'

/** Resolves a host name to all its addresses, IPv4 and IPv6. Rejects when there is none. */
export type Lookup = (hostname: string) => Promise<readonly string[]>

/** The second try takes twice as long; together they stay below the time that vetting a target may take. */
const resolverOptions = { timeout: 1_500, tries: 2 }
/** Names that nobody can own in the public DNS: containers, clusters, home and company networks. */
const localName = /^[^.]+\.?$|\.(?:localhost|local|internal|lan|home\.arpa|home|corp)\.?$/i

/**
 * Public names are asked of DNS without a thread. `getaddrinfo` would hold one of Node's four threads for as long as a
 * tenant's name server likes, and with it every file of the process, so it serves only the local names that a tenant
 * cannot own; /etc/hosts therefore does not override public names here.
 */
export const createSystemLookup =
  (resolver: Resolver = new Resolver(resolverOptions)): Lookup =>
  (hostname) =>
    localName.test(hostname) ? lookUpLocally(hostname) : lookUpInDns(resolver, hostname)

const lookUpLocally = async (hostname: string): Promise<readonly string[]> => {
  const found = await askSystem(hostname, { all: true })
  return found.map(({ address }) => address)
}

/** A name may have only one kind of address; it fails when it has neither. */
const lookUpInDns = async (resolver: Resolver, hostname: string): Promise<readonly string[]> => {
  const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  if (ipv4.status === 'rejected' && ipv6.status === 'rejected') throw ipv4.reason
  return [ipv4, ipv6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
