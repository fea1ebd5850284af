import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

interface StoredFile {
  readonly id: string
  readonly file: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Uploaded files on disk. Bytes go straight from the socket into a temporary file, hashed on the way. */
export interface MediaStore {
  /** Keeps a stream under a new name; null, and nothing kept, when it is longer than `limitBytes`. Reads it to its end. */
  keep(source: Readable, extension: string, limitBytes: number): Promise<StoredFile | null>
  path(file: string): string
  remove(file: string): Promise<void>
}

/** Opens the folder and sweeps what an interrupted upload left behind: every file that no row speaks of. */
export const openMediaStore = async (directory: string, files: Iterable<string>): Promise<MediaStore> => {
  const incoming = join(directory, 'incoming')
  await mkdir(directory, { recursive: true })
  const known = new Set(files)
  for (const name of await readdir(directory)) {
    if (!known.has(name)) await rm(join(directory, name), { recursive: true })
  }
  await mkdir(incoming)

  return {
    keep: async (source, extension, limitBytes) => {
      const id = `med_${randomBytes(10).toString('hex')}`
      const file = `${id}.${extension}`
      const partial = join(incoming, file)
      const meter = createMeter(limitBytes)
      try {
        await pipeline(
          source,
          meter.stream,
          createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }),
        )
        const total = meter.total()
        if (total.sizeBytes > limitBytes) return null
        await rename(partial, join(directory, file))
        return { id, file, ...total }
      } finally {
        await rm(partial, { force: true })
      }
    },
    path: (file) => join(directory, file),
    remove: (file) => rm(join(directory, file), { force: true }),
  }
}

/** Counts and hashes what passes. Beyond the limit nothing passes any more, so that no upload can fill the disk. */
const createMeter = (limitBytes: number) => {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      sizeBytes += chunk.length
      if (sizeBytes > limitBytes) return done()
      hash.update(chunk)
      return done(null, chunk)
    },
  })
  return { stream, total: () => ({ sizeBytes, sha256: hash.digest('hex') }) }
}
