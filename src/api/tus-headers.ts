/** The headers of tus 1.0 (tus.io/protocols/resumable-upload): read strictly, with every fault named. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault } from '../actions/fault.ts'
import { type ChecksumAlgorithm, checksumAlgorithms } from '../actions/receive-piece.ts'
import type { ResumableUpload } from '../store/resumable-uploads.ts'

export const tusVersion = '1.0.0'
export const tusExtensions = [
  'creation',
  'creation-with-upload',
  'creation-defer-length',
  'expiration',
  'checksum',
  'termination',
]
export const pieceType = 'application/offset+octet-stream'

const longestMetadata = 4_096
const maxPairs = 32

const headerOf = (request: FastifyRequest, name: string): string | undefined => {
  const value = request.headers[name]
  return value === undefined ? undefined : String(value)
}

const fault = (name: string, detail: string, code = 'not_accepted'): Fault => ({
  pointer: `/headers/${name}`,
  code,
  detail,
})

export type Reading<T> = { readonly value: T; readonly faults: readonly Fault[] }

/** A whole number of bytes, or null where there is none. */
export const readBytes = (request: FastifyRequest, name: string): Reading<number | null> => {
  const text = headerOf(request, name)
  if (text === undefined) return { value: null, faults: [] }
  const value = /^\d{1,15}$/.test(text) ? Number(text) : null
  return { value, faults: value === null ? [fault(name, 'must be a whole number of bytes')] : [] }
}

/** The length of a file that is created; null when `Upload-Defer-Length: 1` says that it comes later. */
export const readLength = (request: FastifyRequest): Reading<number | null> => {
  const { value, faults } = readBytes(request, 'upload-length')
  const deferred = headerOf(request, 'upload-defer-length')
  if (deferred === undefined) {
    const isMissing = value === null && faults.length === 0
    return {
      value,
      faults: isMissing
        ? [fault('upload-length', 'is required, unless Upload-Defer-Length is 1', 'missing')]
        : faults,
    }
  }
  if (deferred !== '1') return { value: null, faults: [fault('upload-defer-length', 'must be 1')] }
  return headerOf(request, 'upload-length') === undefined
    ? { value: null, faults: [] }
    : { value: null, faults: [fault('upload-defer-length', 'must not come with Upload-Length')] }
}

/** Parts of a file that are joined later need the extension `concatenation`, which is not spoken. */
export const refuseConcatenation = (request: FastifyRequest): readonly Fault[] =>
  headerOf(request, 'upload-concat') === undefined
    ? []
    : [
        fault(
          'upload-concat',
          'must be left out: files are not joined from parts here; send the parts to one upload',
          'not_supported',
        ),
      ]

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const pairShape = /^([\x21-\x2b\x2d-\x7e]+)(?: ([A-Za-z0-9+/=]*))?$/

const readPairs = (text: string): ReadonlyMap<string, string> | null => {
  const pairs = new Map<string, string>()
  for (const part of text.split(',')) {
    const [, name, encoded = ''] = pairShape.exec(part.trim()) ?? []
    if (name === undefined || !base64.test(encoded) || pairs.has(name)) return null
    pairs.set(name, Buffer.from(encoded, 'base64').toString('utf8'))
  }
  return pairs.size > maxPairs ? null : pairs
}

/** `Upload-Metadata` as it came, and the name of the file in it. */
export const readMetadata = (
  request: FastifyRequest,
): Reading<{ readonly metadata: string; readonly filename: string }> => {
  const metadata = headerOf(request, 'upload-metadata') ?? ''
  const pairs = metadata === '' ? new Map<string, string>() : readPairs(metadata)
  const filename = pairs?.get('filename') ?? pairs?.get('name') ?? ''
  return {
    // A NUL is in no name, and no text of the database can hold one.
    value: { metadata, filename: filename.replaceAll('\0', '') },
    faults:
      pairs === null || metadata.length > longestMetadata
        ? [
            fault(
              'upload-metadata',
              `must be pairs of a name and a value in base64, separated by commas; ${maxPairs} at most, each name once, ${longestMetadata} characters in all`,
            ),
          ]
        : [],
  }
}

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  readonly digest: Buffer
}

const checksumFault = fault(
  'upload-checksum',
  `must be one of ${checksumAlgorithms.join(', ')} and the sum in base64`,
)

/** `Upload-Checksum: sha256 <base64>`. */
export const readChecksum = (request: FastifyRequest): Reading<Checksum | null> => {
  const text = headerOf(request, 'upload-checksum')
  if (text === undefined) return { value: null, faults: [] }
  const [name = '', encoded = '', ...rest] = text.split(' ')
  const algorithm = checksumAlgorithms.find((each) => each === name)
  const isReadable = algorithm !== undefined && base64.test(encoded) && encoded !== '' && rest.length === 0
  return isReadable
    ? { value: { algorithm, digest: Buffer.from(encoded, 'base64') }, faults: [] }
    : { value: null, faults: [checksumFault] }
}

/** What every answer about a file tells of it. */
export const tellUpload = (reply: FastifyReply, upload: ResumableUpload, publicUrl: string): FastifyReply => {
  reply.header('upload-offset', String(upload.receivedBytes))
  reply.header('upload-expires', upload.expiresAt.toUTCString())
  if (upload.lengthBytes === null) reply.header('upload-defer-length', '1')
  else reply.header('upload-length', String(upload.lengthBytes))
  if (upload.uploadId !== null)
    reply.headers({
      'clipline-upload-id': upload.uploadId,
      'content-location': `${publicUrl}/v1/uploads/${upload.uploadId}`,
    })
  return reply
}
