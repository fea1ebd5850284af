import { randomBytes, timingSafeEqual } from 'node:crypto'
import { hmacSha256 } from './hmac.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 62^43 is just above 2^256: the shortest base62 text that holds 256 random bits. */
const randomLength = 43
/** The largest multiple of 62 in a byte; bytes from here on would favor some characters. */
const firstBiasedByte = 256 - (256 % alphabet.length)
const apiKeyShape = /^clk_[A-Za-z0-9_]{40,64}$/

/** A new API key: `clk_` and 256 random bits in base62 (api.md §0). Shown once; only its hash is kept. */
export const newApiKey = (): string => {
  let random = ''
  while (random.length < randomLength) {
    for (const byte of randomBytes(randomLength)) {
      if (byte < firstBiasedByte && random.length < randomLength)
        random += alphabet.charAt(byte % alphabet.length)
    }
  }
  return `clk_${random}`
}

/** Could this be an API key? Cheap, so that garbage never reaches the hash or the database. */
export const isApiKeyShaped = (text: string): boolean => apiKeyShape.test(text)

/**
 * What is kept of a key: HMAC-SHA-256 under the pepper, as 64 hex digits. A slow hash would add nothing to 256 random
 * bits and would be a lever for denial of service (guarantees.md §4.5).
 */
export const hashApiKey = (pepper: Buffer, key: string): string => hmacSha256(pepper, key).toString('hex')

/** Compares two hashes in time that does not depend on where they differ. */
export const isSameApiKeyHash = (left: string, right: string): boolean => {
  const leftBytes = Buffer.from(left, 'utf8')
  const rightBytes = Buffer.from(right, 'utf8')
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes)
}
