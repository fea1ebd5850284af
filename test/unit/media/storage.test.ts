import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { stored, storedOrNull } from '../../../src/media/durable-file.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { StorageError } from '../../../src/media/storage.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code })

describe('a failure of the file system', () => {
  it.each([
    ['ENOSPC', 'no_space'],
    ['EDQUOT', 'no_space'],
    ['EIO', 'unavailable'],
    ['EMFILE', 'unavailable'],
    ['EACCES', 'unavailable'],
    ['EROFS', 'unavailable'],
    ['ENOENT', 'unavailable'],
  ])('of %s means %s', async (code, expected) => {
    const error = await stored(Promise.reject(failure(code))).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ code: expected, cause: { code } })
  })

  it.each(['ENOENT', 'ENOTDIR', 'ELOOP'])(
    'of %s means that there is no such file, where that is asked',
    async (code) => {
      expect(await storedOrNull(Promise.reject(failure(code)))).toBeNull()
    },
  )

  it('of any other sort is one there as well', async () => {
    await expect(storedOrNull(Promise.reject(failure('EIO')))).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('the storage URL', () => {
  it.each(['', 'file:', 'data/media', '/var/media', 's3://bucket/prefix', 'http://example.com'])(
    'of %j is refused with what is accepted',
    async (url) => {
      await expect(openStorage(url, { clock: systemClock })).rejects.toThrow(
        'STORAGE_URL must be file:<folder>, for example file:./data/media',
      )
    },
  )
})
