/**
 * Where uploads and artifacts are kept: the contract that every driver fulfills (`test/conformance/storage.test.ts`).
 *
 * A key is a relative path of plain segments (`uploads/ten_…/upl_….mp4`): letters, digits, `.`, `_` and `-`, no
 * segment begins with a dot. A file appears under its key whole and at once, or not at all.
 */
import type { Readable } from 'node:stream'
import type { ByteRange } from './range.ts'

export interface PutOptions {
  readonly contentType: string
  /** More than this is refused as soon as it is seen. */
  readonly maxBytes?: number
  /** Any other length is refused: more at once, less at the end. */
  readonly expectedBytes?: number
  /** So much of the beginning is given back, for a look that need not read it again. */
  readonly headBytes?: number
  readonly signal?: AbortSignal
}

export interface StoredFile {
  readonly sizeBytes: number
  /** Lower-case hex. */
  readonly sha256: string
  /** Where `headBytes` was asked for; the whole file when it is no longer than that. */
  readonly head?: Uint8Array
}

export interface FileStat {
  readonly sizeBytes: number
  /** Milliseconds since the epoch, on the storage's clock. */
  readonly modifiedAtMs: number
}

export interface OpenedFile {
  /** Of the range, or of the whole file. The caller reads it to its end or destroys it. */
  readonly stream: Readable
  /** Of the whole file, whatever the range. */
  readonly sizeBytes: number
}

export interface StorageSpace {
  readonly freeBytes: number
  readonly totalBytes: number
}

/** How long a URL serves a file, and as what. */
export interface PresignedLink {
  readonly ttlS: number
  /** Under which it is saved; plain ASCII without quotes. */
  readonly filename: string
  readonly contentType: string
}

export interface Storage {
  /**
   * Keeps what `source` yields, replacing what the key held. On any failure nothing is left, the source is destroyed,
   * and the key holds what it held before. Throws a `StorageError`; an error of the source itself and the reason of
   * an aborted signal are thrown as they are.
   */
  put(key: string, source: Readable | AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredFile>
  /** Null when there is no such file. The range is cut to the file; beyond its end the stream is empty. */
  open(key: string, range?: ByteRange): Promise<OpenedFile | null>
  stat(key: string): Promise<FileStat | null>
  /** Whether there was something to delete. */
  delete(key: string): Promise<boolean>
  /** Every finished file whose key begins with the prefix, in no order. */
  list(prefix: string): AsyncIterable<FileStat & { readonly key: string }>
  /** A URL that serves the file by itself, whole or in parts; absent where the driver has none. */
  presign?(key: string, link: PresignedLink): Promise<string>
  /** Removes what unfinished puts of dead processes left behind; says how many. */
  sweep(olderThanMs: number): Promise<number>
  /** Writes, reads back and deletes a file; throws a `StorageError` when that fails. */
  check(): Promise<void>
  /** Null where nobody can say. */
  readSpace(): Promise<StorageSpace | null>
  close(): Promise<void>
}

export type StorageErrorCode = 'invalid_key' | 'too_large' | 'length_mismatch' | 'no_space' | 'unavailable'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: { readonly cause: unknown }) {
    super(message, options)
    this.code = code
  }
}

const keyPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,7}$/
const prefixPattern = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}\/){0,7}(?:[A-Za-z0-9_-][A-Za-z0-9._-]{0,127})?$/

const checked = (pattern: RegExp, what: string, text: string): string => {
  if (text.length <= 1024 && pattern.test(text)) return text
  throw new StorageError('invalid_key', `${JSON.stringify(text.slice(0, 100))} cannot be a storage ${what}`)
}

/** The key itself, if it is one; throws `invalid_key` otherwise. */
export const checkedKey = (key: string): string => checked(keyPattern, 'key', key)

/** The same for the beginning of a key; the empty string is the prefix of all. */
export const checkedPrefix = (prefix: string): string => checked(prefixPattern, 'prefix', prefix)
