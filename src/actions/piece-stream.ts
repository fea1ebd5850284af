/** Cuts a body into pieces, each of which a storage takes as a file of its own. */
import type { Readable } from 'node:stream'

/** Small enough to be one request to a bucket, and to be no great loss when a process dies over one. */
const pieceBytes = 6 * 1024 * 1024

export interface PieceStream {
  /**
   * The bytes of the next piece, to be read to its end; null when the body has no more. A body that breaks off ends its
   * piece all the same: what came is kept.
   */
  next(): Promise<AsyncIterable<Uint8Array> | null>
  /** So far. */
  readonly receivedBytes: number
  /** Did the client send more than it may? What was given out then holds no byte too many, and is of no use. */
  readonly isOverlong: boolean
  /** Lets go of the body. What holds on to it keeps the rest from being thrown away, and the connection from any use. */
  leave(): Promise<void>
}

export interface PieceStreamOptions {
  readonly maxBytes: number
  readonly onChunk: (chunk: Uint8Array) => void
  /** When it fires, the body is read no further. */
  readonly stopping: AbortSignal
}

export const cutIntoPieces = (body: Readable, options: PieceStreamOptions): PieceStream => {
  const { maxBytes, onChunk, stopping } = options
  const chunks: AsyncIterator<Uint8Array> = body.iterator({ destroyOnReturn: false })
  let isTaking = false
  let receivedBytes = 0
  let isOverlong = false

  /** Null at the end of the body, whether it is whole, broken off or too long. */
  const take = async (): Promise<Uint8Array | null> => {
    if (isOverlong || stopping.aborted) return null
    isTaking = true
    const next = await chunks.next().catch(() => null)
    isTaking = false
    if (next === null || next.done === true) return null
    isOverlong = receivedBytes + next.value.byteLength > maxBytes
    if (isOverlong) return null
    receivedBytes += next.value.byteLength
    onChunk(next.value)
    return next.value
  }

  async function* pieceFrom(first: Uint8Array): AsyncGenerator<Uint8Array> {
    let givenBytes = 0
    for (let chunk: Uint8Array | null = first; chunk !== null; ) {
      yield chunk
      givenBytes += chunk.byteLength
      chunk = givenBytes < pieceBytes ? await take() : null
    }
  }

  return {
    async next() {
      const first = await take()
      return first === null ? null : pieceFrom(first)
    },
    get receivedBytes() {
      return receivedBytes
    },
    get isOverlong() {
      return isOverlong
    },
    async leave() {
      const left = chunks.return?.()
      // Where a storage gave up in the middle of it, that takes until the client sends more.
      if (!isTaking) await left
    },
  }
}
