import { type FileHandle, open } from 'node:fs/promises'
import { readImageSize } from './image-size.ts'
import type { MediaShape } from './media.ts'
import { readMovieHeader } from './movie-header.ts'

/** A JPEG may carry a preview and profiles before its size. */
const headBytes = 256 * 1024

/** Reads size, length and frame rate from a file's headers; a file that is not what it says has no shape. */
export const readMediaShape = async (path: string, sizeBytes: number): Promise<MediaShape> => {
  const file = await open(path, 'r')
  try {
    const head = await readHead(file)
    const image = readImageSize(head)
    if (image !== null) return image
    return readWave(head) ?? (await readMovieHeader(file, sizeBytes))
  } finally {
    await file.close()
  }
}

const readHead = async (file: FileHandle): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
  return buffer.subarray(0, bytesRead)
}

/** The length of a WAV file: the size of its `data` chunk over its byte rate. */
const readWave = (head: Buffer): MediaShape | null => {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return null
  let byteRate = 0
  for (let offset = 12; offset + 20 <= head.length; ) {
    const type = head.toString('latin1', offset, offset + 4)
    const chunkBytes = head.readUInt32LE(offset + 4)
    if (type === 'fmt ') byteRate = head.readUInt32LE(offset + 16)
    if (type === 'data')
      return byteRate > 0 ? { durationS: Math.round((chunkBytes / byteRate) * 1000) / 1000 } : {}
    offset += 8 + chunkBytes + (chunkBytes % 2)
  }
  return {}
}
