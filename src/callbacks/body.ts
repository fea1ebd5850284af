/**
 * The body of a callback: `{type, timestamp, data: {sequence, …}}` as exact bytes. Rendered once, stored, and sent
 * byte for byte the same at every attempt, so that its signature and a receiver's digest of it hold (guarantees.md
 * §2.1). `at` is when the event happened, not when it is sent; `sequence` stands in for a promise of order.
 */
export const renderCallbackBody = (event: {
  type: string
  at: Date
  sequence: number
  /** What the event is about, as the API shows it: `{ job }`, `{ batch }` or `{ endpoint }`. */
  about: Readonly<Record<string, object>>
}): Buffer => {
  const { type, at, sequence, about } = event
  return Buffer.from(
    JSON.stringify({ type, timestamp: at.toISOString(), data: { sequence, ...about } }),
    'utf8',
  )
}
