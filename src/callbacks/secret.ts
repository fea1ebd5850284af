import { randomBytes } from 'node:crypto'

const prefix = 'whsec_'
const freshBytes = 32
const fewestBytes = 24
const mostBytes = 64
const base64Shape = /^[A-Za-z0-9+/]+={0,2}$/

/** A new symmetric secret as Standard Webhooks writes it: `whsec_` and 32 random bytes in base64. */
export const newCallbackSecret = (): string => prefix + randomBytes(freshBytes).toString('base64')

/** The key within a `whsec_…` secret: 24 to 64 bytes in canonical base64. Null when it is not one. */
export const findSecretKey = (secret: string): Buffer | null => {
  if (!secret.startsWith(prefix)) return null
  const encoded = secret.slice(prefix.length)
  if (encoded.length > 4 * Math.ceil(mostBytes / 3) || !base64Shape.test(encoded)) return null
  const key = Buffer.from(encoded, 'base64')
  const isCanonical = key.toString('base64') === encoded
  return isCanonical && key.length >= fewestBytes && key.length <= mostBytes ? key : null
}

export const isCallbackSecret = (text: string): boolean => findSecretKey(text) !== null
