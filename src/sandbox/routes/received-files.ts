import type { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { type Refusal, refuseByCode, refuseByStatus } from '../answer.ts'
import { fetchMedia } from '../media/fetch-media.ts'
import type { Media } from '../media/media.ts'
import { readMediaShape } from '../media/media-shape.ts'
import type { MediaStore } from '../media/media-store.ts'
import { mediaTypeOf } from '../media/media-type.ts'
import type { Session } from '../sessions.ts'

interface Receiver {
  readonly store: MediaStore
  readonly session: Session
  readonly limitBytes: number
}

/** Takes every part named `files`. All are kept or none: the first bad one decides the answer. */
export const receiveFiles = (receiver: Receiver, request: FastifyRequest): Promise<Media[] | Refusal> =>
  keepAllOrNone(receiver, async (kept) => {
    let refusal: Refusal | null = null
    for await (const part of request.parts()) {
      if (part.type !== 'file') continue
      if (part.fieldname !== 'files' || refusal !== null) {
        part.file.resume()
        continue
      }
      const media = await keepOne(receiver, part.filename, part.file)
      part.file.resume()
      if ('kind' in media) refusal = media
      else kept.push(media)
    }
    return refusal ?? (kept.length === 0 ? refuseByStatus(400, 'there is no part named files') : null)
  })

/** Fetches every URL, one after the other. All are kept or none. */
export const receiveUrls = (receiver: Receiver, urls: readonly string[]): Promise<Media[] | Refusal> =>
  keepAllOrNone(receiver, async (kept) => {
    for (const url of urls) {
      const fetched = await fetchMedia(url, receiver.limitBytes)
      if (fetched === null) return refuseByStatus(400, 'a URL could not be fetched')
      const media = await keepOne(receiver, fetched.filename, fetched.content)
      fetched.content.destroy()
      if ('kind' in media) return media
      kept.push(media)
    }
    return null
  })

const keepAllOrNone = async (
  { store }: Receiver,
  receive: (kept: Media[]) => Promise<Refusal | null>,
): Promise<Media[] | Refusal> => {
  const kept: Media[] = []
  let refusal: Refusal | null
  try {
    refusal = await receive(kept)
  } catch (error) {
    refusal = refuseByStatus(
      400,
      `the upload broke off: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (refusal === null) return kept
  await Promise.all(kept.map((media) => store.remove(media.file)))
  return refusal
}

/** A file of an unsupported type is not read: its caller disposes of the rest. */
const keepOne = async (receiver: Receiver, filename: string, content: Readable): Promise<Media | Refusal> => {
  const type = mediaTypeOf(filename)
  if (type === null) return refuseByCode(4001)
  const stored = await receiver.store.keep(content, type.extension, receiver.limitBytes)
  if (stored === null) return refuseByCode(4002)
  return {
    ...stored,
    userId: receiver.session.userId,
    sessionId: receiver.session.id,
    filename,
    fileType: type.fileType,
    contentType: type.contentType,
    shape: await readMediaShape(receiver.store.path(stored.file), stored.sizeBytes),
  }
}
