import type { FileHandle } from 'node:fs/promises'
import type { MediaShape } from './media.ts'

/** A `moov` box beyond this size is not worth reading for four numbers. */
const largestHeaderBytes = 32 * 1024 * 1024

/** Duration, size and frame rate of an MP4, MOV or M4A file, from its `moov` box; `{}` where there is none. */
export const readMovieHeader = async (file: FileHandle, sizeBytes: number): Promise<MediaShape> => {
  let offset = 0
  while (offset + 8 <= sizeBytes) {
    const header = Buffer.alloc(16)
    await file.read(header, 0, 16, offset)
    const box = readBoxHeader(header, 0, sizeBytes - offset)
    if (box === null) return {}
    if (box.type === 'moov') {
      if (box.sizeBytes > largestHeaderBytes) return {}
      const moov = Buffer.alloc(box.sizeBytes - box.headerBytes)
      await file.read(moov, 0, moov.length, offset + box.headerBytes)
      return readMoov(moov)
    }
    offset += box.sizeBytes
  }
  return {}
}

interface BoxHeader {
  readonly type: string
  readonly headerBytes: number
  readonly sizeBytes: number
}

const readBoxHeader = (bytes: Buffer, offset: number, available: number): BoxHeader | null => {
  const shortSize = bytes.readUInt32BE(offset)
  const isLong = shortSize === 1
  const sizeBytes = isLong
    ? Number(bytes.readBigUInt64BE(offset + 8))
    : shortSize === 0
      ? available
      : shortSize
  const headerBytes = isLong ? 16 : 8
  if (sizeBytes < headerBytes || sizeBytes > available) return null
  return { type: bytes.toString('latin1', offset + 4, offset + 8), headerBytes, sizeBytes }
}

function* boxesIn(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
  let offset = 0
  while (offset + 16 <= bytes.length) {
    const box = readBoxHeader(bytes, offset, bytes.length - offset)
    if (box === null) return
    yield { type: box.type, body: bytes.subarray(offset + box.headerBytes, offset + box.sizeBytes) }
    offset += box.sizeBytes
  }
}

const findBox = (bytes: Buffer, ...path: readonly string[]): Buffer | null => {
  const [type, ...rest] = path
  if (type === undefined) return bytes
  for (const box of boxesIn(bytes)) if (box.type === type) return findBox(box.body, ...rest)
  return null
}

const readMoov = (moov: Buffer): MediaShape => {
  try {
    const duration = readDuration(findBox(moov, 'mvhd'))
    const video = [...boxesIn(moov)].find(
      ({ type, body }) =>
        type === 'trak' && findBox(body, 'mdia', 'hdlr')?.toString('latin1', 8, 12) === 'vide',
    )
    return { ...(duration !== null && { durationS: duration }), ...(video && readVideoTrack(video.body)) }
  } catch (error) {
    if (error instanceof RangeError) return {}
    throw error
  }
}

/** Seconds of an `mvhd` or `mdhd` box; both keep time scale and duration at the same place. */
const readDuration = (box: Buffer | null): number | null => {
  if (box === null) return null
  const isLong = box[0] === 1
  const timescale = box.readUInt32BE(isLong ? 20 : 12)
  const units = isLong ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16)
  return timescale === 0 ? null : Math.round((units / timescale) * 1000) / 1000
}

const readVideoTrack = (trak: Buffer): MediaShape => {
  const tkhd = findBox(trak, 'tkhd')
  const sizes = tkhd === null ? null : tkhd.subarray(tkhd.length - 8)
  const durationS = readDuration(findBox(trak, 'mdia', 'mdhd'))
  const frames = countFrames(findBox(trak, 'mdia', 'minf', 'stbl', 'stts'))
  return {
    ...(sizes !== null && { width: sizes.readUInt16BE(0), height: sizes.readUInt16BE(4) }),
    ...(durationS !== null &&
      durationS > 0 &&
      frames > 0 && { fps: Math.round((frames / durationS) * 100) / 100 }),
  }
}

const countFrames = (stts: Buffer | null): number => {
  if (stts === null) return 0
  let frames = 0
  const entries = Math.min(stts.readUInt32BE(4), Math.floor((stts.length - 8) / 8))
  for (let entry = 0; entry < entries; entry++) frames += stts.readUInt32BE(8 + entry * 8)
  return frames
}
