import { ascii, hasBytes, uintBe } from '../bytes.ts'
import type { Detector } from './head.ts'

const docTypeId = 0x4282

/** An EBML number of 1 to 4 bytes: as it stands for ids, without its length marker for sizes. */
const readVint = (
  head: Buffer,
  offset: number,
  keepsMarker: boolean,
): { value: number; lengthBytes: number } => {
  const lengthBytes = Math.clz32(uintBe(head, offset, 1)) - 23
  const value = lengthBytes >= 1 && lengthBytes <= 4 ? uintBe(head, offset, lengthBytes) : Number.NaN
  return { value: keepsMarker ? value : value - 2 ** (7 * lengthBytes), lengthBytes }
}

/** The document type in the EBML header says which of the two it is. */
export const detectMatroska: Detector = (head) => {
  if (!hasBytes(head, 0, [0x1a, 0x45, 0xdf, 0xa3])) return null
  const header = readVint(head, 4, false)
  const start = 4 + header.lengthBytes
  const end = start + header.value
  for (let offset = start; offset < end && end <= head.length; ) {
    const id = readVint(head, offset, true)
    const size = readVint(head, offset + id.lengthBytes, false)
    const valueOffset = offset + id.lengthBytes + size.lengthBytes
    if (!(size.value >= 0)) return null
    if (id.value === docTypeId) {
      const docType = ascii(head, valueOffset, size.value).replace(/\0+$/, '')
      if (docType === 'webm') return 'video/webm'
      return docType === 'matroska' ? 'video/x-matroska' : null
    }
    offset = valueOffset + size.value
  }
  return null
}
