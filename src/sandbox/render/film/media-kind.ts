import { open } from 'node:fs/promises'

/** Whether a file is a still picture or has to be decoded as a clip, by its first bytes; the name does not matter. */
export async function mediaKind(path: string): Promise<'photo' | 'footage'> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0)
    return isStill(buffer.subarray(0, bytesRead)) ? 'photo' : 'footage'
  } finally {
    await file.close()
  }
}

function isStill(head: Buffer): boolean {
  const starts = (bytes: readonly number[]) => bytes.every((byte, index) => head[index] === byte)
  const isJpeg = starts([0xff, 0xd8, 0xff])
  const isPng = starts([0x89, 0x50, 0x4e, 0x47])
  const isWebp = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 12) === 'WEBP'
  const isAvif = head.toString('latin1', 4, 8) === 'ftyp' && /avi[fs]/.test(head.toString('latin1', 8, 12))
  return isJpeg || isPng || isWebp || isAvif
}
