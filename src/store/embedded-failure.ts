/** Why there is no embedded Postgres, in words for whoever started it: something about the machine, no fault of ours. */
export class EmbeddedPostgresFailure extends Error {
  override readonly name = 'EmbeddedPostgresFailure'
  /** What to do about it; null where that is not known, or the message says it. */
  readonly advice: string | null

  constructor(message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    // Postgres names a full disk in the system's words, wherever it meets it.
    const isFull = /no space left on device|disk quota exceeded|wrote only \d+ of/i.test(message)
    this.advice = isFull ? 'Make room on that disk, or set DATA_DIR to a folder on a larger one.' : null
  }
}
