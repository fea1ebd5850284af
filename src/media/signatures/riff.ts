import { ascii, hasAscii, uintLe } from '../bytes.ts'
import { type Detector, goesOnBeyond } from './head.ts'

/** Chunk by chunk up to the format chunk, which recorders put behind others (`bext`, `JUNK`, `LIST`). */
export const detectWav: Detector = (head) => {
  if (!(hasAscii(head, 0, 'RIFF') || hasAscii(head, 0, 'RF64')) || !hasAscii(head, 8, 'WAVE')) return null
  for (let offset = 12; ; ) {
    if (goesOnBeyond(head, offset + 8)) return 'audio/wav'
    if (hasAscii(head, offset, 'fmt ')) return uintLe(head, offset + 4, 4) >= 16 ? 'audio/wav' : null
    const sizeBytes = uintLe(head, offset + 4, 4)
    if (!/^[\x20-\x7e]{4}$/.test(ascii(head, offset, 4)) || !(sizeBytes >= 0)) return null
    offset += 8 + sizeBytes + (sizeBytes % 2)
  }
}

/** Its header list comes first, and the main header first in that. */
export const detectAvi: Detector = (head) => {
  const isAvi =
    hasAscii(head, 0, 'RIFF') &&
    hasAscii(head, 8, 'AVI LIST') &&
    hasAscii(head, 20, 'hdrlavih') &&
    uintLe(head, 28, 4) >= 56
  return isAvi ? 'video/x-msvideo' : null
}
