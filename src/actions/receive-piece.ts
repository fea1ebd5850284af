/**
 * Takes in what a client sends of a file that comes in parts (tus 1.0), and makes an upload of it once it is whole.
 *
 * What came is kept in pieces, each a file of the storage, so that any API process can go on with it. A piece counts
 * once it stands in the row; the row moves on only from the number of bytes that was read, so of two requests at once
 * one loses and changes nothing. The last bytes of a file count only together with the upload that they complete: a
 * process that dies over it leaves a file of which the end has to be sent again.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ResumableUpload } from '../store/resumable-uploads.ts'
import { openShelf, type ShelfDeps, type ShelfOutcome } from './piece-shelf.ts'
import { cutIntoPieces, type PieceStream } from './piece-stream.ts'

export const checksumAlgorithms = ['sha1', 'sha256', 'md5'] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

export interface PieceInput {
  readonly tenantId: string
  readonly id: string
  readonly offsetBytes: number
  /** Of the whole file, where the client says so only now. */
  readonly lengthBytes: number | null
  /** Of this body. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly digest: Buffer } | null
  /** Of this body, where the client has said. */
  readonly bodyBytes: number | null
  readonly body: Readable
  /** The process is about to end: what has come is kept, and the client sends the rest to another one. */
  readonly stopping: AbortSignal
}

export type ReceiveOutcome =
  | ShelfOutcome
  | { readonly outcome: 'not_found' | 'expired' | 'length_mismatch' | 'too_long' | 'checksum_mismatch' }

export const receivePiece = async (deps: ShelfDeps, input: PieceInput): Promise<ReceiveOutcome> => {
  const upload = await deps.resumables.find(input.tenantId, input.id)
  if (upload === null) return { outcome: 'not_found' }
  if (upload.expiresAt.getTime() <= deps.clock.nowMs()) return { outcome: 'expired' }
  if (upload.receivedBytes !== input.offsetBytes) return { outcome: 'offset_mismatch' }
  const lengthBytes = upload.lengthBytes ?? input.lengthBytes
  if (input.lengthBytes !== null && input.lengthBytes !== lengthBytes) return { outcome: 'length_mismatch' }
  if (lengthBytes !== null && lengthBytes < upload.receivedBytes) return { outcome: 'length_mismatch' }
  const endBytes = lengthBytes ?? deps.maxUploadBytes
  if (endBytes > deps.maxUploadBytes || input.offsetBytes + (input.bodyBytes ?? 0) > endBytes)
    return { outcome: 'too_long' }
  if (upload.uploadId !== null) return { outcome: 'received', upload }
  return receive(deps, input, upload, lengthBytes)
}

const receive = async (
  deps: ShelfDeps,
  input: PieceInput,
  upload: ResumableUpload,
  lengthBytes: number | null,
): Promise<ReceiveOutcome> => {
  const hash = input.checksum === null ? null : createHash(input.checksum.algorithm)
  const pieces = cutIntoPieces(input.body, {
    maxBytes: (lengthBytes ?? deps.maxUploadBytes) - upload.receivedBytes,
    onChunk: (chunk) => hash?.update(chunk),
    stopping: input.stopping,
  })
  // Without a sum to wait for, each piece counts as soon as it is kept.
  const shelf = openShelf(deps, upload, { lengthBytes, isEager: hash === null })
  try {
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      const refusal = await shelf.add(piece)
      if (refusal !== null) return refusal
      if (pieces.isOverlong) return { outcome: 'too_long' }
    }
    if (pieces.isOverlong) return { outcome: 'too_long' }
    if (hash !== null && !isIntact(hash, input, pieces)) return { outcome: 'checksum_mismatch' }
    return await shelf.close()
  } finally {
    await pieces.leave()
    await shelf.clear()
  }
}

/** A body that broke off has another sum as well, and is thrown away: nobody can say whether its bytes are right. */
const isIntact = (hash: Hash, { checksum, bodyBytes }: PieceInput, pieces: PieceStream): boolean =>
  (bodyBytes === null || pieces.receivedBytes === bodyBytes) &&
  checksum !== null &&
  hash.digest().equals(checksum.digest)
