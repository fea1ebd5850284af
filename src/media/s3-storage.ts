/**
 * Storage in a bucket (`s3://bucket/prefix`). Credentials come from where the SDK always looks for them: the
 * environment, the shared configuration, the machine's or the container's role. Nothing is asked before the first use.
 */
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  type MultipartUpload,
  S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Clock } from '../clock.ts'
import { drain, toReadable } from './drain.ts'
import { answered, answeredOrNull, isBeyondEnd, isNotImplemented } from './s3-errors.ts'
import { openObjectWriter } from './s3-writer.ts'
import { checkedKey, checkedPrefix, type FileStat, type Storage, StorageError } from './storage.ts'
import { checkStorage } from './storage-check.ts'
import type { S3Place } from './storage-url.ts'

const connectionTimeoutMs = 5_000
/** A socket on which nothing moves for so long is dead. */
const socketTimeoutMs = 120_000
/** Streams to providers and clients hold a connection each. */
const maxSockets = 512

interface Bucket {
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: string
}

const openClient = ({ region }: S3Place, endpoint: string | null): S3Client =>
  new S3Client({
    // A server of one's own seldom has regions, but a signature always has one.
    ...(region !== null ? { region } : endpoint !== null && { region: 'us-east-1' }),
    // Buckets as names of hosts need certificates and names that only AWS is sure to have.
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    // Bodies are signed with their SHA-256 anyway; not every server knows the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: socketTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
  })

const objectOf = ({ bucket, prefix }: Bucket, key: string) => ({
  Bucket: bucket,
  Key: prefix + checkedKey(key),
})

const statObject = async (place: Bucket, key: string): Promise<FileStat | null> => {
  const found = await answeredOrNull(place.client.send(new HeadObjectCommand(objectOf(place, key))))
  return found === null
    ? null
    : { sizeBytes: found.ContentLength ?? 0, modifiedAtMs: found.LastModified?.getTime() ?? 0 }
}

const openNothing = async (place: Bucket, key: string) => {
  const found = await statObject(place, key)
  return found === null ? null : { stream: Readable.from([]), sizeBytes: found.sizeBytes }
}

const openObject = async (place: Bucket, key: string, range: Parameters<Storage['open']>[1]) => {
  const object = objectOf(place, key)
  const start = Math.max(0, range?.start ?? 0)
  if (range !== undefined && start >= range.end) return openNothing(place, key)
  const part = range === undefined ? {} : { Range: `bytes=${start}-${range.end - 1}` }
  const call = place.client.send(new GetObjectCommand({ ...object, ...part })).catch((error: unknown) => {
    if (isBeyondEnd(error)) return 'beyond_end' as const
    throw error
  })
  const found = await answeredOrNull(call)
  if (found === null) return null
  if (found === 'beyond_end') return openNothing(place, key)
  if (!(found.Body instanceof Readable))
    throw new StorageError('unavailable', 'the storage gave no body for an object')
  const total = /\/(\d+)$/.exec(found.ContentRange ?? '')?.[1]
  return { stream: found.Body, sizeBytes: total === undefined ? (found.ContentLength ?? 0) : Number(total) }
}

const putObject = async (place: Bucket, ...[key, source, options]: Parameters<Storage['put']>) => {
  const readable = toReadable(source)
  const { contentType, signal } = options
  let writer: ReturnType<typeof openObjectWriter> | null = null
  try {
    const { Bucket: bucket, Key } = objectOf(place, key)
    const opened = openObjectWriter({ client: place.client, bucket, key: Key }, { contentType, signal })
    writer = opened
    const measured = await drain(readable, options, (chunk) => opened.write(chunk))
    await opened.finish()
    return measured
  } catch (error) {
    readable.destroy()
    await writer?.abandon()
    throw error
  }
}

const deleteObject = async (place: Bucket, key: string): Promise<boolean> => {
  if ((await statObject(place, key)) === null) return false
  await answered(place.client.send(new DeleteObjectCommand(objectOf(place, key))))
  return true
}

async function* listObjects(
  { client, bucket, prefix: root }: Bucket,
  prefix: string,
): ReturnType<Storage['list']> {
  const Prefix = root + checkedPrefix(prefix)
  let ContinuationToken: string | undefined
  do {
    const page = await answered(
      client.send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix,
          ...(ContinuationToken && { ContinuationToken }),
        }),
      ),
    )
    for (const { Key = '', Size = 0, LastModified } of page.Contents ?? [])
      if (!Key.endsWith('/'))
        yield {
          key: Key.slice(root.length),
          sizeBytes: Size,
          modifiedAtMs: LastModified?.getTime() ?? 0,
        }
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined)
}

/** The multipart uploads that nobody has ended; none from a server that cannot tell. */
async function* listUploads({ client, bucket, prefix }: Bucket): AsyncGenerator<MultipartUpload> {
  let markers: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } | null = {}
  while (markers !== null) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: bucket,
      Prefix: prefix,
      ...markers,
    })
    const page = await client.send(command).catch((error: unknown) => {
      if (isNotImplemented(error)) return null
      throw error
    })
    yield* page?.Uploads ?? []
    markers =
      page?.IsTruncated === true && page.NextKeyMarker !== undefined
        ? {
            KeyMarker: page.NextKeyMarker,
            ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
          }
        : null
  }
}

const sweepUploads = async (place: Bucket, beforeMs: number): Promise<number> => {
  let removed = 0
  for await (const { Key, UploadId, Initiated } of listUploads(place)) {
    if (Key === undefined || UploadId === undefined || (Initiated?.getTime() ?? 0) >= beforeMs) continue
    await answeredOrNull(
      place.client.send(new AbortMultipartUploadCommand({ Bucket: place.bucket, Key, UploadId })),
    )
    removed += 1
  }
  return removed
}

export const openS3Storage = (place: S3Place, { clock }: { readonly clock: Clock }): Storage => {
  const { bucket, prefix, endpoint, publicEndpoint } = place
  const opened: Bucket = { client: openClient(place, endpoint), bucket, prefix }
  const signer = publicEndpoint === null ? opened.client : openClient(place, publicEndpoint)
  const storage: Storage = {
    put: (...put) => putObject(opened, ...put),
    open: async (key, range) => openObject(opened, key, range),
    stat: async (key) => statObject(opened, key),
    delete: async (key) => deleteObject(opened, key),
    list: (listed) => listObjects(opened, listed),
    presign: async (key, { ttlS, filename, contentType }) => {
      const command = new GetObjectCommand({
        ...objectOf(opened, key),
        ResponseContentType: contentType,
        ResponseContentDisposition: `attachment; filename="${filename}"`,
      })
      return answered(getSignedUrl(signer, command, { expiresIn: ttlS }))
    },
    sweep: (olderThanMs) => answered(sweepUploads(opened, clock.nowMs() - olderThanMs)),
    check: () => checkStorage(storage),
    readSpace: async () => null,
    close: async () => {
      opened.client.destroy()
      signer.destroy()
    },
  }
  return storage
}
