import { ascii, uintBe, uintLe } from './bytes.ts'
import type { ContentType } from './content-type.ts'
import { readHeifDimensions } from './heif-header.ts'
import { readJpegDimensions } from './jpeg/header.ts'
import { type Dimensions, isWithinPixelCaps } from './pixel-caps.ts'

/** `truncated`: the head ends before the dimensions; more of the file may help. */
export type DimensionsResult =
  | ({ readonly ok: true } & Dimensions)
  | { readonly ok: false; readonly reason: 'truncated' | 'malformed' | 'too_many_pixels' }

const readPng = (head: Buffer): Dimensions => ({ width: uintBe(head, 16, 4), height: uintBe(head, 20, 4) })

const readGif = (head: Buffer): Dimensions => ({ width: uintLe(head, 6, 2), height: uintLe(head, 8, 2) })

const readWebp = (head: Buffer): Dimensions | 'truncated' => {
  if (head.length < 25) return 'truncated'
  switch (ascii(head, 12, 4)) {
    case 'VP8 ':
      return { width: uintLe(head, 26, 2) & 0x3fff, height: uintLe(head, 28, 2) & 0x3fff }
    case 'VP8L': {
      const bits = uintLe(head, 21, 4)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    default:
      return { width: uintLe(head, 24, 3) + 1, height: uintLe(head, 27, 3) + 1 }
  }
}

const readers: Partial<Record<ContentType, (head: Buffer) => Dimensions | 'truncated' | 'malformed'>> = {
  'image/jpeg': readJpegDimensions,
  'image/png': readPng,
  'image/gif': readGif,
  'image/webp': readWebp,
  'image/heic': readHeifDimensions,
  'image/heif': readHeifDimensions,
  'image/avif': readHeifDimensions,
}

/**
 * The dimensions of an image of that (sniffed) type, from its header alone: nothing is decoded. Pure; never throws.
 * Of an animation they are those of its canvas.
 */
export const imageDimensions = (head: Buffer, contentType: ContentType): DimensionsResult => {
  const read = readers[contentType]?.(head) ?? 'malformed'
  if (read === 'truncated' || read === 'malformed') return { ok: false, reason: read }
  if (Number.isNaN(read.width + read.height)) return { ok: false, reason: 'truncated' }
  if (read.width < 1 || read.height < 1) return { ok: false, reason: 'malformed' }
  return isWithinPixelCaps(read) ? { ok: true, ...read } : { ok: false, reason: 'too_many_pixels' }
}
