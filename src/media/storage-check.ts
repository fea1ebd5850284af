import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type Storage, StorageError } from './storage.ts'

/** Proves that a storage works, for `/readyz` and the doctor: writes a small file, reads it back, deletes it. */
export const checkStorage = async (storage: Pick<Storage, 'put' | 'open' | 'delete'>): Promise<void> => {
  const key = `checks/${randomBytes(16).toString('hex')}`
  const written = randomBytes(1024)
  await storage.put(key, Readable.from([written]), {
    contentType: 'application/octet-stream',
    expectedBytes: written.byteLength,
  })
  const opened = await storage.open(key)
  const read = opened === null ? null : await buffer(opened.stream)
  const wasDeleted = await storage.delete(key)
  if (read === null || !read.equals(written) || !wasDeleted)
    throw new StorageError('unavailable', 'the storage did not give back what was written to it')
}
