import type { LookupFunction } from 'node:net'
import { Agent, buildConnector, Pool } from 'undici'
import { isSameAddress, parseAddress } from './address.ts'
import { EgressError, type EgressFailure } from './failure.ts'
import type { Target } from './target.ts'

/** Idle connections are dropped before most servers drop them, so that a request seldom meets a closing socket. */
const keepAliveMs = 4_000
const longestKeepAliveMs = 10_000

export interface PinnedPool {
  readonly dispatcher: Agent
  /** Lets connections to the target's origin go to its vetted addresses, until the returned function is called. */
  pin(target: Target): () => void
  /** Waits for what is in flight. May be called again. */
  close(): Promise<void>
}

interface Pin {
  addresses: readonly string[]
  users: number
}

/**
 * Connections that can only go where a target was vetted: names are never resolved here, proxies from the environment
 * are not used, and the peer's address is checked once more before the first byte of a request. An origin without a
 * pin cannot be connected to. Connections are reused per origin; each was vetted when it was made.
 */
export const createPinnedPool = (options: {
  connectTimeoutMs: number
  connectionsPerOrigin: number
}): PinnedPool => {
  const pins = new Map<string, Pin>()
  const addressesOf = (origin: string): readonly string[] => pins.get(origin)?.addresses ?? []

  const dispatcher = new Agent({
    factory: (origin) =>
      new Pool(origin, {
        connections: options.connectionsPerOrigin,
        keepAliveTimeout: keepAliveMs,
        keepAliveMaxTimeout: longestKeepAliveMs,
        connect: pinnedConnector(() => addressesOf(String(origin)), options.connectTimeoutMs),
      }),
  })

  let closed: Promise<void> | undefined

  return {
    dispatcher,
    pin({ url, addresses }) {
      const pin = pins.get(url.origin) ?? { addresses, users: 0 }
      pin.addresses = addresses
      pin.users += 1
      pins.set(url.origin, pin)
      return () => {
        pin.users -= 1
        if (pin.users === 0) pins.delete(url.origin)
      }
    },
    close() {
      closed ??= dispatcher.close()
      return closed
    },
  }
}

const pinnedConnector = (
  pinned: () => readonly string[],
  connectTimeoutMs: number,
): buildConnector.connector => {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: pinnedLookup(pinned),
    rejectUnauthorized: true,
  })
  return (options, callback) => {
    const addresses = pinned()
    connect(options, (error, socket) => {
      if (error !== null) return callback(error, null)
      const failure = judgePeer(socket.remoteAddress, addresses)
      if (failure === null) return callback(null, socket)
      socket.destroy()
      return callback(new EgressError(failure), null)
    })
  }
}

/** Answers Node's question for a name's addresses with the vetted ones. */
const pinnedLookup =
  (pinned: () => readonly string[]): LookupFunction =>
  (_hostname, options, callback) => {
    const addresses = pinned().map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const [first] = addresses
    if (first === undefined) return callback(new EgressError({ outcome: 'refused' }), '')
    return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
  }

/** Null when the peer is one of the pinned addresses. A peer that is gone already has no address: it is no intruder. */
const judgePeer = (remoteAddress: string | undefined, pinned: readonly string[]): EgressFailure | null => {
  if (remoteAddress === undefined) return { outcome: 'unreachable', cause: 'ECONNRESET' }
  const remote = parseAddress(remoteAddress)
  const isPinned = (text: string): boolean => {
    const address = parseAddress(text)
    return remote !== null && address !== null && isSameAddress(remote, address)
  }
  return pinned.some(isPinned) ? null : { outcome: 'refused' }
}
