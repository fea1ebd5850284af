const mostBytes = 1_024
/** Everything that a terminal, a log or Postgres (which refuses NUL) could stumble over; line ends and tabs stay. */
const unprintable = /(?![\n\r\t])\p{Cc}/gu

/** The first KiB of an answer as text to show. Bytes that are no UTF-8, and control characters, become `U+FFFD`. */
export const excerptOf = (body: Buffer): string => {
  const isCut = body.length > mostBytes
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body.subarray(0, mostBytes), {
    stream: isCut,
  })
  return text.replace(unprintable, '\uFFFD')
}
