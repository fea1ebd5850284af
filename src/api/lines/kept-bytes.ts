/** Bytes as they come, up to a limit. Of more than that, only how many they are is kept. */
export interface KeptBytes {
  add(part: Buffer): void
  /** Gives them away and begins anew; null where they are too many. */
  take(): Buffer | null
  readonly sizeBytes: number
}

export const createKeptBytes = (maxBytes: number): KeptBytes => {
  let parts: Buffer[] = []
  let sizeBytes = 0
  return {
    get sizeBytes() {
      return sizeBytes
    },
    add(part) {
      sizeBytes += part.length
      if (sizeBytes <= maxBytes) parts.push(part)
      else parts = []
    },
    take() {
      const isTooLong = sizeBytes > maxBytes
      const [first = Buffer.alloc(0)] = parts
      const bytes = parts.length > 1 ? Buffer.concat(parts) : first
      parts = []
      sizeBytes = 0
      return isTooLong ? null : bytes
    },
  }
}
