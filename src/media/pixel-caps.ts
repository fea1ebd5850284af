/** In pixels, as the picture is meant to be seen: turned as its orientation says. */
export interface Dimensions {
  readonly width: number
  readonly height: number
}

/** Beyond these an image is taken for a decompression bomb (guarantees.md §4.3). */
export const maxSidePixels = 16_384
export const maxPixels = 50_000_000

/** Whether a picture of that size may be taken in, and decoded. */
export const isWithinPixelCaps = ({ width, height }: Dimensions): boolean =>
  width <= maxSidePixels && height <= maxSidePixels && width * height <= maxPixels
