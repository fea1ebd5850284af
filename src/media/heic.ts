import type { ByteSource } from './byte-source.ts'
import { imageDimensions } from './dimensions.ts'
import { encodeJpeg } from './jpeg/encoder.ts'
import { isWithinPixelCaps } from './pixel-caps.ts'
import type { ProbeFailure } from './probe.ts'
import { headBytes, sniff } from './sniff.ts'

/** A JPEG with the same picture, upright; or why there is none. */
export type HeicConversion =
  | {
      readonly ok: true
      readonly jpeg: Uint8Array<ArrayBuffer>
      readonly width: number
      readonly height: number
    }
  | ProbeFailure<'not_heic' | 'undecodable' | 'too_large' | 'too_many_pixels' | 'too_complex'>

/** The file is decoded from memory. A camera's largest pictures have a quarter of this. */
const maxFileBytes = 64 * 1024 * 1024
/** No loss that can be seen, at a fraction of a PNG's size, which would break the skill's limit. */
const jpegQuality = 90

const details = {
  not_heic: 'the file is not a HEIC image',
  undecodable: 'the HEIC image is damaged or of a kind that cannot be decoded; send it as JPEG or PNG',
  too_large: `a HEIC image of more than ${maxFileBytes} bytes cannot be converted; send it as JPEG or PNG`,
  too_many_pixels: 'the HEIC image has too many pixels; send it smaller, or as JPEG or PNG',
}

const failure = <Reason extends keyof typeof details>(reason: Reason): ProbeFailure<Reason> => ({
  ok: false,
  reason,
  detail: details[reason],
})

/** Decodes the primary image, the one of the size that the header states. libheif turns it upright by itself. */
const decodeAndEncode = async (
  file: Buffer,
  stated: { readonly width: number; readonly height: number },
): Promise<HeicConversion> => {
  const { default: decodeHeic } = await import('heic-decode')
  const images = await decodeHeic.all({ buffer: file })
  try {
    const primary =
      images.find(({ width, height }) => width === stated.width && height === stated.height) ?? images[0]
    if (primary === undefined) return failure('undecodable')
    if (!isWithinPixelCaps(primary)) return failure('too_many_pixels')
    const { width, height, data } = await primary.decode()
    return { ok: true, width, height, jpeg: encodeJpeg({ width, height, rgba: data }, jpegQuality) }
  } finally {
    images.dispose()
  }
}

/**
 * Turns a HEIC image into a JPEG, which the provider accepts (upstream-protocol.md §7, traps). The size is checked
 * before anything is decoded. Takes seconds and some hundred megabytes: to be run where it can be killed
 * (media-inspector.ts). Throws only what the source throws.
 */
export const convertHeic = async (source: ByteSource): Promise<HeicConversion> => {
  const sniffed = sniff(Buffer.from(await source.read(0, Math.min(headBytes, source.sizeBytes))))
  if (!sniffed.ok || !['image/heic', 'image/heif'].includes(sniffed.contentType)) return failure('not_heic')
  if (source.sizeBytes > maxFileBytes) return failure('too_large')
  const file = Buffer.from(await source.read(0, source.sizeBytes))
  const stated = imageDimensions(file, sniffed.contentType)
  if (!stated.ok) return failure(stated.reason === 'too_many_pixels' ? 'too_many_pixels' : 'undecodable')
  try {
    return await decodeAndEncode(file, stated)
  } catch (error) {
    // The decoder throws a plain Error for a broken file, and whatever WebAssembly traps with for a hostile one.
    if (error instanceof Error) return failure('undecodable')
    throw error
  }
}
