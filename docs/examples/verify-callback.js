/** Verifies a callback of Clipline (Standard Webhooks 1.0) with nothing but Node. */
import { createHmac, timingSafeEqual } from 'node:crypto'

const toleranceS = 300

/**
 * Whether `body`, the raw bytes as they came, was signed with `secret` (`whsec_…`) within the last five minutes.
 * `headers` are those of the request, with names in lower case, as Node has them.
 */
export const isVerified = (secret, headers, body) => {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  const signatures = headers['webhook-signature'] ?? ''
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceS)) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // While a secret is being changed there is one signature for each, separated by blanks.
  return signatures.split(' ').some((entry) => {
    const [version, signature = ''] = entry.split(',')
    const given = Buffer.from(signature, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}
