/** Writes one object of unknown length, in parts of a fixed size: no more than two of them are held at a time. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { answered } from './s3-errors.ts'
import { StorageError } from './storage.ts'

export interface ObjectPlace {
  readonly client: S3Client
  readonly bucket: string
  /** With the prefix. */
  readonly key: string
}

export interface ObjectWriter {
  write(chunk: Uint8Array): Promise<void>
  /** The object appears under its key, whole. */
  finish(): Promise<void>
  /** Nothing of it stays. Never throws: what the storage does not let go of now, its sweep removes. */
  abandon(): Promise<void>
}

/** The smallest size is 5 MiB; with 10,000 parts at most, this is good for 80 GiB. */
export const partBytes = 8 * 1024 * 1024

interface Part {
  readonly PartNumber: number
  readonly ETag: string
}

/** Collects chunks and gives back parts of exactly `partBytes`, which some servers insist on. */
const createPartBuffer = () => {
  let chunks: Uint8Array[] = []
  let heldBytes = 0
  const take = (sizeBytes: number): Buffer => {
    const whole = Buffer.concat(chunks, heldBytes)
    chunks = heldBytes > sizeBytes ? [whole.subarray(sizeBytes)] : []
    heldBytes -= Math.min(heldBytes, sizeBytes)
    return whole.subarray(0, sizeBytes)
  }
  return {
    add(chunk: Uint8Array) {
      chunks.push(chunk)
      heldBytes += chunk.byteLength
    },
    /** Only once there is more behind it: a file of one part needs no parts. */
    takeFull: (): Buffer | null => (heldBytes > partBytes ? take(partBytes) : null),
    takeRest: (): Buffer => take(heldBytes),
  }
}

export const openObjectWriter = (
  { client, bucket, key }: ObjectPlace,
  { contentType, signal }: { readonly contentType: string; readonly signal: AbortSignal | undefined },
): ObjectWriter => {
  const object = { Bucket: bucket, Key: key }
  const sending = signal === undefined ? {} : { abortSignal: signal }
  const buffer = createPartBuffer()
  const parts: Part[] = []
  let uploadId: string | null = null
  let inFlight: Promise<Part> | null = null

  const begin = async (): Promise<string> => {
    const command = new CreateMultipartUploadCommand({ ...object, ContentType: contentType })
    const { UploadId } = await answered(client.send(command, sending), signal)
    if (UploadId === undefined) throw new StorageError('unavailable', 'the storage began no upload')
    return UploadId
  }

  const sendPart = async (id: string, no: number, body: Buffer): Promise<Part> => {
    const command = new UploadPartCommand({ ...object, UploadId: id, PartNumber: no, Body: body })
    const { ETag } = await answered(client.send(command, sending), signal)
    if (ETag === undefined) throw new StorageError('unavailable', 'the storage did not name a part')
    return { PartNumber: no, ETag }
  }

  const settlePart = async (): Promise<void> => {
    if (inFlight === null) return
    const part = await inFlight
    inFlight = null
    parts.push(part)
  }

  /** One part is on its way while the next one gathers. */
  const startPart = async (body: Buffer): Promise<void> => {
    uploadId ??= await begin()
    await settlePart()
    const part = sendPart(uploadId, parts.length + 1, body)
    // Its failure is met by whoever waits for it; until then nobody does.
    part.catch(() => undefined)
    inFlight = part
  }

  return {
    async write(chunk) {
      buffer.add(chunk)
      for (let body = buffer.takeFull(); body !== null; body = buffer.takeFull()) await startPart(body)
    },

    async finish() {
      const rest = buffer.takeRest()
      if (uploadId === null) {
        const command = new PutObjectCommand({ ...object, ContentType: contentType, Body: rest })
        await answered(client.send(command, sending), signal)
        return
      }
      if (rest.length > 0) await startPart(rest)
      await settlePart()
      const MultipartUpload = { Parts: parts }
      const command = new CompleteMultipartUploadCommand({ ...object, UploadId: uploadId, MultipartUpload })
      await answered(client.send(command, sending), signal)
    },

    async abandon() {
      // A part that arrives after the end of its upload would stay.
      await Promise.allSettled([inFlight])
      if (uploadId === null) return
      await Promise.allSettled([
        client.send(new AbortMultipartUploadCommand({ ...object, UploadId: uploadId })),
      ])
    },
  }
}
