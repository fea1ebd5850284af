import { crc32 } from 'node:zlib'
import { ascii, hasAscii, hasBytes, uintBe, uintLe } from '../bytes.ts'
import { isFrameHeader } from '../jpeg/header.ts'
import { type Detector, goesOnBeyond } from './head.ts'

/** APP0–15, COM, DQT, DHT, DAC, DRI: what may stand before the frame header. */
const isTable = (marker: number): boolean =>
  (marker >= 0xe0 && marker <= 0xef) || [0xfe, 0xdb, 0xc4, 0xcc, 0xdd].includes(marker)

/** Segment by segment up to the frame header, which has to come before any data. */
export const detectJpeg: Detector = (head) => {
  if (!hasBytes(head, 0, [0xff, 0xd8, 0xff])) return null
  for (let offset = 2; ; ) {
    if (goesOnBeyond(head, offset + 3)) return 'image/jpeg'
    if (head[offset] !== 0xff) return null
    const marker = uintBe(head, offset + 1, 1)
    if (isFrameHeader(marker)) return 'image/jpeg'
    const lengthBytes = uintBe(head, offset + 2, 2)
    if (marker === 0xff) offset += 1
    else if (isTable(marker) && lengthBytes >= 2) offset += 2 + lengthBytes
    else return null
  }
}

/** The signature and an intact header chunk. */
export const detectPng: Detector = (head) => {
  const isPng =
    hasBytes(head, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) &&
    uintBe(head, 8, 4) === 13 &&
    hasAscii(head, 12, 'IHDR') &&
    uintBe(head, 29, 4) === crc32(head.subarray(12, 29)) &&
    /^[A-Za-z]{4}$/.test(ascii(head, 37, 4))
  return isPng ? 'image/png' : null
}

const gifExtensionLabels = [0x01, 0xf9, 0xfe, 0xff]

/** Block by block up to the first image: a script that begins with "GIF89a" has none. */
export const detectGif: Detector = (head) => {
  if (!hasAscii(head, 0, 'GIF87a') && !hasAscii(head, 0, 'GIF89a')) return null
  const flags = uintBe(head, 10, 1)
  let offset = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 0x07) + 1) : 0)
  while (head[offset] === 0x21 && gifExtensionLabels.includes(uintBe(head, offset + 1, 1))) {
    offset += 2
    for (let sizeBytes = uintBe(head, offset, 1); sizeBytes > 0; sizeBytes = uintBe(head, offset, 1))
      offset += 1 + sizeBytes
    offset += 1
  }
  return head[offset] === 0x2c || goesOnBeyond(head, offset) ? 'image/gif' : null
}

export const detectWebp: Detector = (head) => {
  if (!hasAscii(head, 0, 'RIFF') || !hasAscii(head, 8, 'WEBP')) return null
  const isLossy = hasAscii(head, 12, 'VP8 ') && hasBytes(head, 23, [0x9d, 0x01, 0x2a])
  const isLossless = hasAscii(head, 12, 'VP8L') && head[20] === 0x2f
  const isExtended = hasAscii(head, 12, 'VP8X') && uintLe(head, 16, 4) === 10
  return isLossy || isLossless || isExtended ? 'image/webp' : null
}
