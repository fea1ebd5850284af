import { hasAscii, uintBe } from '../bytes.ts'
import type { ContentType } from '../content-type.ts'
import { type Detector, goesOnBeyond } from './head.ts'

const mp3KilobitsMpeg1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const mp3KilobitsMpeg2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const mp3HertzMpeg1 = [44_100, 48_000, 32_000]

/** Length of the MPEG layer III frame whose header stands there, or NaN when none does. */
const mp3FrameBytes = (head: Buffer, offset: number): number => {
  const header = uintBe(head, offset, 4)
  const version = (header >>> 19) & 0b11
  const isLayer3 = header >>> 21 === 0x7ff && version !== 0b01 && ((header >>> 17) & 0b11) === 0b01
  const isMpeg1 = version === 0b11
  const kilobits = (isMpeg1 ? mp3KilobitsMpeg1 : mp3KilobitsMpeg2)[(header >>> 12) & 0b1111] ?? 0
  const hertz = (mp3HertzMpeg1[(header >>> 10) & 0b11] ?? 0) / (isMpeg1 ? 1 : version === 0b10 ? 2 : 4)
  if (!isLayer3 || kilobits === 0 || hertz === 0 || (header & 0b11) === 0b10) return Number.NaN
  return Math.floor(((isMpeg1 ? 144 : 72) * kilobits * 1000) / hertz) + ((header >>> 9) & 1)
}

/** Length of the ADTS frame whose header stands there, or NaN when none does. */
const aacFrameBytes = (head: Buffer, offset: number): number => {
  const isFrame = (uintBe(head, offset, 2) & 0xfff6) === 0xfff0
  const hasKnownRate = ((uintBe(head, offset + 2, 1) >>> 2) & 0b1111) < 13
  const lengthBytes = (uintBe(head, offset + 3, 3) >>> 5) & 0x1fff
  return isFrame && hasKnownRate && lengthBytes >= 7 ? lengthBytes : Number.NaN
}

/**
 * A frame, and a second one or the end of the file right behind it: a frame header is too short to be taken alone for
 * proof.
 */
const hasFrames = (
  head: Buffer,
  offset: number,
  frameBytes: (head: Buffer, offset: number) => number,
): boolean => {
  const next = offset + frameBytes(head, offset)
  return frameBytes(head, next) > 0 || next === head.length || goesOnBeyond(head, next + 8)
}

const typeOfFrames = (head: Buffer, offset: number): ContentType | null => {
  if (hasFrames(head, offset, mp3FrameBytes)) return 'audio/mpeg'
  return hasFrames(head, offset, aacFrameBytes) ? 'audio/aac' : null
}

/** Length of the ID3v2 tag that the file begins with; 0 without one, NaN for a broken one. */
const id3Bytes = (head: Buffer): number => {
  if (!hasAscii(head, 0, 'ID3')) return 0
  const size = uintBe(head, 6, 4)
  const isSound = uintBe(head, 3, 1) <= 4 && (uintBe(head, 5, 1) & 0x0f) === 0 && (size & 0x80808080) === 0
  if (!isSound || Number.isNaN(size)) return Number.NaN
  const bodyBytes =
    ((size >>> 24) << 21) | (((size >>> 16) & 0x7f) << 14) | (((size >>> 8) & 0x7f) << 7) | (size & 0x7f)
  return 10 + bodyBytes
}

/** MP3 or raw AAC, with or without an ID3 tag; behind a tag (cover art) that fills the head MP3 is assumed. */
export const detectAudioFrames: Detector = (head) => {
  let offset = id3Bytes(head)
  if (offset > 0 && goesOnBeyond(head, offset + 8)) return 'audio/mpeg'
  // Some taggers leave padding behind the tag that they do not count.
  if (offset > 0) while (head[offset] === 0) offset += 1
  return typeOfFrames(head, offset)
}
