import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { stored, storedOrNull } from '../../../src/media/durable-file.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { StorageError } from '../../../src/media/storage.ts'
import { parseStorageUrl } from '../../../src/media/storage-url.ts'

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
  it.each(['', 'file:', 'data/media', '/var/media', 'http://example.com'])(
    'of %j is refused with what is accepted',
    async (url) => {
      await expect(openStorage(url, { clock: systemClock })).rejects.toThrow(
        'STORAGE_URL must be file:<folder> or s3://bucket/prefix',
      )
    },
  )

  it.each([
    ['file:./data/media', { kind: 'file', folder: './data/media' }],
    ['file:/var/clipline', { kind: 'file', folder: '/var/clipline' }],
    ['file:///var/clip%20line', { kind: 'file', folder: '/var/clip line' }],
  ])('%s names a folder', (url, place) => {
    expect(parseStorageUrl(url)).toEqual(place)
  })

  const s3 = { kind: 's3', bucket: 'media', prefix: '', endpoint: null, publicEndpoint: null, region: null }
  it.each([
    ['s3://media', s3],
    ['s3://media/', s3],
    ['s3://media/clips/one/', { ...s3, prefix: 'clips/one/' }],
    ['s3://media?region=eu-central-1', { ...s3, region: 'eu-central-1' }],
    [
      's3://media/clips?endpoint=http://minio:9000&public_endpoint=https%3A%2F%2Ffiles.example.com',
      {
        ...s3,
        prefix: 'clips/',
        endpoint: 'http://minio:9000',
        publicEndpoint: 'https://files.example.com',
      },
    ],
  ])('%s names a bucket', (url, place) => {
    expect(parseStorageUrl(url)).toEqual(place)
  })

  it.each([
    's3:',
    's3://',
    's3://No_Bucket',
    's3://key:secret@media',
    's3://media:9000',
    's3://media/a b',
    's3://media?endpoint=minio:9000',
    's3://media?endpoint=http://user:pass@minio:9000',
    's3://media?region=EU WEST',
    's3://media?acl=public',
    's3://media?region=a&region=b',
    'file://host/share',
  ])('%s names nothing', (url) => {
    expect(parseStorageUrl(url)).toBeNull()
  })
})
