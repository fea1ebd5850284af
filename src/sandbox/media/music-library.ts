import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownOrigin } from './media.ts'

interface MusicTrack {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** The provider's stock music, as far as a sandbox needs it: one short chord for each style, written when asked for. */
export interface MusicLibrary {
  findTrack(name: string): Promise<MusicTrack | null>
}

export const musicUrl = (style: string): string => `${ownOrigin}/lib/${fileNameOf(style)}`

const fileNameOf = (style: string): string => `${style.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.wav`

export const createMusicLibrary = (directory: string, styles: readonly string[]): MusicLibrary => {
  const names = new Set(styles.map(fileNameOf))
  const tracks = new Map<string, Promise<MusicTrack>>()
  return {
    findTrack: async (name) => {
      if (!names.has(name)) return null
      const track = tracks.get(name) ?? writeTrack(directory, name)
      tracks.set(name, track)
      return track
    },
  }
}

const writeTrack = async (directory: string, name: string): Promise<MusicTrack> => {
  const bytes = composeChord(name)
  const path = join(directory, name)
  await mkdir(directory, { recursive: true })
  await writeFile(`${path}.part`, bytes)
  await rename(`${path}.part`, path)
  return { path, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

const samplesPerS = 8000
const seconds = 4
const bytesPerSample = 2
const headerBytes = 44

/** A soft major chord, 16 bits mono, whose root follows from the name. */
const composeChord = (name: string): Buffer => {
  const bytes = Buffer.alloc(headerBytes + samplesPerS * seconds * bytesPerSample)
  writeHeader(bytes)
  const rootHz = 110 * 2 ** ((name.charCodeAt(0) % 12) / 12)
  const notes = [1, 5 / 4, 3 / 2].map((ratio) => 2 * Math.PI * rootHz * ratio)
  for (let sample = 0; sample < samplesPerS * seconds; sample++) {
    const atS = sample / samplesPerS
    const fade = Math.min(1, atS * 4, (seconds - atS) * 2)
    const sum = notes.reduce((total, note) => total + Math.sin(note * atS), 0)
    bytes.writeInt16LE(Math.round(sum * fade * 6000), headerBytes + sample * bytesPerSample)
  }
  return bytes
}

const writeHeader = (bytes: Buffer): void => {
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(samplesPerS, 24)
  bytes.writeUInt32LE(samplesPerS * bytesPerSample, 28)
  bytes.writeUInt16LE(bytesPerSample, 32)
  bytes.writeUInt16LE(8 * bytesPerSample, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(bytes.length - headerBytes, 40)
}
