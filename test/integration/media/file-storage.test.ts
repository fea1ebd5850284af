import { lstat, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { openFileSource, storedSource } from '../../../src/media/byte-source.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { probeUpload } from '../../../src/media/probe.ts'
import { png } from '../../unit/media/sample-files.ts'

const folders: string[] = []
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))))

const nowMs = Date.parse('2026-08-01T12:00:00Z')
const setup = async () => {
  const outside = await mkdtemp(join(tmpdir(), 'clipline-files-'))
  folders.push(outside)
  const folder = join(outside, 'media')
  const storage = await openStorage(`file:${folder}`, { clock: { ...systemClock, nowMs: () => nowMs } })
  const put = (key: string, text: string) =>
    storage.put(key, Readable.from([Buffer.from(text)]), { contentType: 'text/plain' })
  return { outside, folder, storage, put }
}

const modeOf = async (path: string) => (await lstat(path)).mode & 0o777

describe('storage in a folder', () => {
  it('makes files and folders for its owner alone', async () => {
    const { folder, put } = await setup()
    await put('uploads/ten_1/a.txt', 'a fox')
    expect(await modeOf(join(folder, 'uploads/ten_1/a.txt'))).toBe(0o600)
    for (const path of [folder, join(folder, '.tmp'), join(folder, 'uploads'), join(folder, 'uploads/ten_1')])
      expect(await modeOf(path)).toBe(0o700)
  })

  it('does not follow a link that stands in place of a file', async () => {
    const { outside, folder, storage, put } = await setup()
    await writeFile(join(outside, 'secret'), 'secret')
    await mkdir(join(folder, 'uploads'))
    await symlink(join(outside, 'secret'), join(folder, 'uploads/link'))
    expect(await storage.open('uploads/link')).toBeNull()
    await put('uploads/link', 'a fox')
    expect((await lstat(join(folder, 'uploads/link'))).isFile()).toBe(true)
    expect((await lstat(join(outside, 'secret'))).size).toBe('secret'.length)
  })

  it('sweeps temporary files that nobody has written to for long, and no others', async () => {
    const { folder, storage, put } = await setup()
    await put('uploads/kept', 'a fox')
    const ages = { old: 61, young: 59 }
    for (const [name, minutes] of Object.entries(ages)) {
      await writeFile(join(folder, '.tmp', name), 'half a fo')
      const at = new Date(nowMs - minutes * 60_000)
      await utimes(join(folder, '.tmp', name), at, at)
    }
    expect(await storage.sweep(3_600_000)).toBe(1)
    expect(await readdir(join(folder, '.tmp'))).toEqual(['young'])
    expect(await storage.stat('uploads/kept')).not.toBeNull()
  })

  it('can be opened by any way of writing its URL, and again', async () => {
    const { folder, put } = await setup()
    await put('a', 'a fox')
    const again = await openStorage(pathToFileURL(folder).href, { clock: systemClock })
    expect(await again.stat('a')).toMatchObject({ sizeBytes: 5 })
  })

  it('cannot be opened where a file is in the way', async () => {
    const { outside } = await setup()
    await writeFile(join(outside, 'file'), '')
    await expect(openStorage(`file:${outside}/file`, { clock: systemClock })).rejects.toMatchObject({
      name: 'StorageError',
      code: 'unavailable',
    })
  })

  it('says how much room there is', async () => {
    const { storage } = await setup()
    const space = await storage.readSpace()
    expect(space?.freeBytes).toBeGreaterThan(0)
    expect(space?.totalBytes).toBeGreaterThan(space?.freeBytes ?? 0)
  })

  it('fails its check when it cannot be written to', async () => {
    const { folder, storage } = await setup()
    await rm(join(folder, '.tmp'), { recursive: true })
    await expect(storage.check()).rejects.toMatchObject({ name: 'StorageError', code: 'unavailable' })
  })
})

describe('reading a stored file at any place', () => {
  it('is what a probe does, by key or by path', async () => {
    const { folder, storage } = await setup()
    await storage.put('uploads/a.png', Readable.from([png(4, 3)]), { contentType: 'image/png' })
    const stored = await storedSource(storage, 'uploads/a.png')
    expect(await probeUpload(stored!)).toMatchObject({ ok: true, width: 4, height: 3 })
    const file = await openFileSource(join(folder, 'uploads/a.png'))
    expect(await probeUpload(file)).toMatchObject({ ok: true, width: 4, height: 3 })
    await file.close()
  })

  it('finds nothing where nothing is', async () => {
    const { folder, storage } = await setup()
    expect(await storedSource(storage, 'uploads/none')).toBeNull()
    await expect(openFileSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('notices when the file is gone, or shorter than it was', async () => {
    const { storage, put } = await setup()
    await put('a', 'a fox in the snow')
    const source = await storedSource(storage, 'a')
    await put('a', 'a fox')
    await expect(source!.read(0, 17)).rejects.toMatchObject({ code: 'unavailable' })
    await storage.delete('a')
    await expect(source!.read(0, 1)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
