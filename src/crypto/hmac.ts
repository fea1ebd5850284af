import { createHmac, createSecretKey } from 'node:crypto'

/**
 * HMAC-SHA-256 of text in UTF-8 or of bytes. Node takes a key that comes as bytes for every other kind of key first,
 * which costs several times the hash.
 */
export const hmacSha256 = (key: Buffer, signed: string | Buffer): Buffer =>
  createHmac('sha256', createSecretKey(key)).update(signed).digest()
