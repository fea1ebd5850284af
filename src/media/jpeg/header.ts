import { hasAscii, uintBe, uintLe } from '../bytes.ts'
import type { Dimensions } from '../pixel-caps.ts'

const orientationTag = 0x0112
/** Orientations 5 to 8 lie on their side. */
const firstTurnedOrientation = 5

/** The orientation in an EXIF block (TIFF 6.0, first directory), 1 where there is none. */
const readOrientation = (exif: Buffer): number => {
  const read = hasAscii(exif, 0, 'II') ? uintLe : uintBe
  const directory = read(exif, 4, 4)
  const entryCount = read(exif, directory, 2)
  for (let index = 0; index < entryCount; index += 1) {
    const entry = directory + 2 + index * 12
    if (read(exif, entry, 2) === orientationTag) return read(exif, entry + 8, 2)
  }
  return 1
}

/** SOF0 to SOF15, without the tables that are numbered among them. */
export const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

/** From the frame header, turned by the EXIF orientation that cameras put before it. */
export const readJpegDimensions = (head: Buffer): Dimensions | 'truncated' | 'malformed' => {
  let isTurned = false
  for (let offset = 2; offset + 4 <= head.length; ) {
    if (head[offset] !== 0xff) return 'malformed'
    const marker = uintBe(head, offset + 1, 1)
    if (isFrameHeader(marker)) {
      const [width, height] = [uintBe(head, offset + 7, 2), uintBe(head, offset + 5, 2)]
      return isTurned ? { width: height, height: width } : { width, height }
    }
    if (marker === 0xff) {
      offset += 1
      continue
    }
    const end = offset + 2 + uintBe(head, offset + 2, 2)
    if (marker === 0xe1 && hasAscii(head, offset + 4, 'Exif\0\0'))
      isTurned = readOrientation(head.subarray(offset + 10, end)) >= firstTurnedOrientation
    if (!(end >= offset + 4)) return 'malformed'
    offset = end
  }
  return 'truncated'
}
