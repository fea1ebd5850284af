import type { MediaInfo } from '../session-state.ts'
import type { FileType } from './media-type.ts'

/** An uploaded file: its row. The bytes lie in the media store under `file`. */
export interface Media {
  readonly id: string
  readonly userId: string
  readonly sessionId: string
  /** As the client named it; only ever shown. */
  readonly filename: string
  readonly fileType: FileType
  readonly contentType: string
  /** Name inside the media store's folder. */
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly shape: MediaShape
}

/** What the headers of a file tell; a key is missing where they do not. */
export interface MediaShape {
  readonly width?: number
  readonly height?: number
  readonly durationS?: number
  readonly fps?: number
}

/**
 * Begins every URL of ours inside stored state. An answer replaces it by the origin that its client used, so that
 * neither a changed port nor a proxy leaves dead links behind.
 */
export const ownOrigin = 'sandbox://cdn'

export const mediaUrl = (media: Pick<Media, 'id' | 'filename'>): string =>
  `${ownOrigin}/u/${media.id}/${encodeURIComponent(media.filename)}`

export const toMediaInfo = (media: Media): MediaInfo => ({
  filename: media.filename,
  file_type: media.fileType,
  cdn_url: mediaUrl(media),
  ...(media.shape.durationS !== undefined && { duration: media.shape.durationS }),
  ...(media.shape.width !== undefined && { width: media.shape.width }),
  ...(media.shape.height !== undefined && { height: media.shape.height }),
  ...(media.shape.fps !== undefined && { fps: media.shape.fps }),
  hash: media.sha256,
})
