import { z } from 'zod'

const maxHeaders = 10
const headerName = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/i
const headerValue = /^[\x20-\x7e]{0,1000}$/

/** What the delivery itself sets, what belongs to the connection, and what a signature must not be confused with. */
const reservedHeader =
  /^(?:webhook-.*|proxy-.*|sec-.*|x-forwarded-.*|host|connection|keep-alive|content-.*|transfer-encoding|te|trailer|upgrade|expect|date|user-agent|accept-encoding|cookie)$/i

/** Headers that a client wants on its callbacks. */
export const callbackHeaders = z
  .record(
    z.string().refine((name) => headerName.test(name) && !reservedHeader.test(name), {
      error: 'must be the name of a header that Clipline does not set itself',
    }),
    z.string().regex(headerValue, { error: 'must have at most 1000 visible ASCII characters' }),
  )
  .refine((headers) => Object.keys(headers).length <= maxHeaders, {
    error: `must have at most ${maxHeaders} entries`,
  })

const secretShape = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/

/** A Standard Webhooks secret: `whsec_` and 24 to 64 bytes in base64. */
export const isCallbackSecret = (text: string): boolean => {
  const encoded = secretShape.exec(text)?.[1]
  if (encoded === undefined) return false
  const bytes = Buffer.from(encoded, 'base64')
  return (
    bytes.length >= 24 &&
    bytes.length <= 64 &&
    bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
  )
}
