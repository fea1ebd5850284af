const secondsShape = /^[0-9]{1,10}$/
/** The three forms of an HTTP date (RFC 9110 §5.6.7); `Date.parse` alone would take almost anything. */
const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const rfc850Date = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const asctimeDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** How long a receiver asks us to wait, from `Retry-After` in seconds or as a date. Null when it says nothing we can read. */
export const retryAfterMs = (header: string | string[] | undefined, nowMs: number): number | null => {
  if (typeof header !== 'string') return null
  const text = header.trim()
  if (secondsShape.test(text)) return Number(text) * 1_000
  const atMs = dateMs(text)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

const dateMs = (text: string): number => {
  if (imfFixdate.test(text) || rfc850Date.test(text)) return Date.parse(text)
  return asctimeDate.test(text) ? Date.parse(`${text} GMT`) : Number.NaN
}
