/** The errors of the S3 SDK in storage words. */
import { StorageError } from './storage.ts'

const refusals = new Set([
  'AccessDenied',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'Forbidden',
])
const fullNames = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull'])

const nameOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown error'
  // The name that the server gives is in `Code` where the SDK knows no class for it.
  return 'Code' in error && typeof error.Code === 'string' ? error.Code : error.name
}

const statusOf = (error: unknown): number | null => {
  if (!(error instanceof Error) || !('$metadata' in error)) return null
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number }
  return httpStatusCode ?? null
}

const isAbsent = (error: unknown): boolean =>
  nameOf(error) !== 'NoSuchBucket' && (statusOf(error) === 404 || nameOf(error) === 'NoSuchKey')

/** Did the server say that it has no such operation? */
export const isNotImplemented = (error: unknown): boolean =>
  statusOf(error) === 501 || nameOf(error) === 'NotImplemented'

/** Is there no byte in the range that was asked for? */
export const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416

/** What went wrong, without the names of hosts. */
const sentenceOf = (error: unknown): string => {
  const name = nameOf(error)
  if (name === 'NoSuchBucket') return 'the bucket of the storage does not exist'
  if (name === 'CredentialsProviderError') return 'no credentials were found for the storage'
  if (refusals.has(name) || statusOf(error) === 403) return `the storage refused the credentials (${name})`
  if (error instanceof Error && error.message === 'Region is missing')
    return 'the storage has no region: add ?region=… to STORAGE_URL, or set AWS_REGION'
  const errno = error instanceof Error && 'code' in error ? String(error.code) : name
  return `the storage failed (${errno})`
}

/** The error of the SDK holds the whole request and response, signatures included: none of that is for a log. */
const slimOf = (error: unknown): unknown =>
  error instanceof Error ? Object.assign(new Error(error.message), { name: nameOf(error) }) : error

const toStorageError = (error: unknown): StorageError => {
  if (error instanceof StorageError) return error
  const options = { cause: slimOf(error) }
  return fullNames.has(nameOf(error)) || statusOf(error) === 507
    ? new StorageError('no_space', 'the storage has no space left', options)
    : new StorageError('unavailable', sentenceOf(error), options)
}

/** The result of a call; throws a `StorageError` when it fails, and the signal's reason when that cut it off. */
export const answered = async <T>(call: Promise<T>, signal?: AbortSignal): Promise<T> => {
  try {
    return await call
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason
    throw toStorageError(error)
  }
}

/** The same, but null where there is no such object. */
export const answeredOrNull = async <T>(call: Promise<T>): Promise<T | null> => {
  try {
    return await call
  } catch (error) {
    if (isAbsent(error)) return null
    throw toStorageError(error)
  }
}
