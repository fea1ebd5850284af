/** Where the pieces of one resumable upload are put, one request at a time, and what becomes of them. */
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { oneAhead } from '../media/drain.ts'
import { headBytes, sniff } from '../media/sniff.ts'
import { type Storage, StorageError } from '../media/storage.ts'
import type { Piece, ResumableUpload } from '../store/resumable-uploads.ts'
import type { UploadRecord } from '../store/uploads.ts'
import { type CreateUploadDeps, storeFile, type UploadRefusal } from './create-upload.ts'
import { deletePieces, type TerminateDeps, terminateUpload } from './terminate-upload.ts'

export interface ShelfDeps
  extends Pick<TerminateDeps, 'resumables'>,
    Pick<CreateUploadDeps, 'storage' | 'inspector' | 'clock' | 'maxUploadBytes' | 'uploadTtlMs'> {}

export type ShelfOutcome =
  | { readonly outcome: 'received'; readonly upload: ResumableUpload }
  /** Another request was first. */
  | { readonly outcome: 'offset_mismatch' }
  | UploadRefusal

/** A piece that is smaller is written anew together with what comes after it, so that pieces stay few. */
const smallPieceBytes = 1024 * 1024

export interface Shelf {
  /** Keeps a piece; says why it need not be kept, or that another request was first. */
  add(piece: AsyncIterable<Uint8Array>): Promise<ShelfOutcome | null>
  /** Records what is not recorded yet; makes an upload of a file that is whole. */
  close(): Promise<ShelfOutcome>
  /** Deletes the pieces that are of no use any more, and those that never came to be. */
  clear(): Promise<void>
}

/** `isEager`: each piece counts as soon as it is kept, but for the one that makes the file whole. */
export const openShelf = (
  deps: ShelfDeps,
  before: ResumableUpload,
  { lengthBytes, isEager }: { readonly lengthBytes: number | null; readonly isEager: boolean },
): Shelf => {
  const { storage, resumables } = deps
  let recorded = before
  let current = before.lengthBytes === lengthBytes ? before : { ...before, lengthBytes }
  const useless = new Set<string>()

  const isWhole = () => current.receivedBytes === current.lengthBytes

  const record = async (): Promise<ShelfOutcome | null> => {
    const step = { id: before.id, fromBytes: recorded.receivedBytes }
    const fresh = without(current.pieces, recorded.pieces)
    // When the answer is lost, the row may name them: then nothing may be deleted here.
    for (const key of fresh) useless.delete(key)
    if (!(await resumables.advance(step, current))) {
      for (const key of fresh) useless.add(key)
      return { outcome: 'offset_mismatch' }
    }
    for (const key of without(recorded.pieces, current.pieces)) useless.add(key)
    recorded = current
    return null
  }

  return {
    async add(piece) {
      const last = current.pieces.at(-1)
      const merged = last !== undefined && last.sizeBytes < smallPieceBytes ? last : null
      const key = `resumable/${before.tenantId}/${before.id}/${randomBytes(12).toString('hex')}`
      useless.add(key)
      const head = current.receivedBytes === 0 ? openHead(piece) : null
      const source = merged === null ? (head?.bytes ?? piece) : joined(storage, [merged], piece)
      const { sizeBytes } = await storage.put(key, source, { contentType: 'application/octet-stream' })
      const refusal = head?.refuse() ?? null
      if (refusal !== null) return dismiss(deps, before, refusal)
      const kept = merged === null ? current.pieces : current.pieces.slice(0, -1)
      current = {
        ...current,
        pieces: [...kept, { key, sizeBytes }],
        receivedBytes: current.receivedBytes + sizeBytes - (merged?.sizeBytes ?? 0),
      }
      return isEager && !isWhole() ? record() : null
    },

    async close() {
      if (!isWhole())
        return (current === recorded ? null : await record()) ?? { outcome: 'received', upload: current }
      const made = await assemble(deps, current)
      if ('outcome' in made) return dismiss(deps, before, made)
      const step = { id: before.id, fromBytes: recorded.receivedBytes }
      if (!(await resumables.finish(step, made))) {
        await storage.delete(made.storageKey)
        return { outcome: 'offset_mismatch' }
      }
      for (const { key } of [...recorded.pieces, ...current.pieces]) useless.add(key)
      return { outcome: 'received', upload: { ...current, pieces: [], uploadId: made.id } }
    },

    async clear() {
      await deletePieces(storage, [...useless])
    },
  }
}

/** The keys of pieces that are not among the others. */
const without = (pieces: readonly Piece[], others: readonly Piece[]): string[] => {
  const otherKeys = new Set(others.map(({ key }) => key))
  return pieces.flatMap(({ key }) => (otherKeys.has(key) ? [] : [key]))
}

/** Looks at the first bytes as they pass, so that a file of no use is refused before the rest of it is sent. */
const openHead = (piece: AsyncIterable<Uint8Array>) => {
  const taken: Uint8Array[] = []
  let takenBytes = 0
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of piece) {
      if (takenBytes < headBytes) taken.push(chunk)
      takenBytes += chunk.byteLength
      yield chunk
    }
  }
  return {
    bytes: bytes(),
    /** Null as well while there is too little to judge by. */
    refuse: (): UploadRefusal | null => {
      if (takenBytes < headBytes) return null
      const sniffed = sniff(Buffer.concat(taken).subarray(0, headBytes))
      return sniffed.ok
        ? null
        : { outcome: 'refused', code: 'unsupported_media_type', detail: sniffed.detail, index: 0 }
    },
  }
}

/** The bytes of pieces, then others. */
async function* joined(
  storage: Storage,
  pieces: readonly Piece[],
  rest: AsyncIterable<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  for (const { key } of pieces) {
    const opened = await storage.open(key)
    if (opened === null)
      throw new StorageError('unavailable', 'a piece of an upload is missing from the storage')
    yield* opened.stream
  }
  if (rest !== null) yield* rest
}

const assemble = (
  deps: ShelfDeps,
  { tenantId, filename, receivedBytes, pieces }: ResumableUpload,
): Promise<UploadRecord | UploadRefusal> =>
  storeFile(
    deps,
    tenantId,
    { filename, body: Readable.from(joined(deps.storage, pieces, null), oneAhead), sizeBytes: receivedBytes },
    0,
  )

/** A file that will never be of use is forgotten at once; one for which there is no room may be sent again. */
const dismiss = async (
  deps: ShelfDeps,
  upload: ResumableUpload,
  refusal: UploadRefusal,
): Promise<UploadRefusal> => {
  if (refusal.code !== 'storage_full') await terminateUpload(deps, upload)
  return refusal
}
