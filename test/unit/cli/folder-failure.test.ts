import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { toCommandFailed } from '../../../src/cli/failure.ts'
import { systemClock } from '../../../src/clock.ts'
import { openStorage } from '../../../src/media/open-storage.ts'
import { StorageError } from '../../../src/media/storage.ts'
import { EmbeddedPostgresFailure } from '../../../src/store/embedded-failure.ts'

const systemError = (code: string, message: string) =>
  Object.assign(new Error(message), { code, syscall: 'mkdir', path: '/data' })

test.runIf(process.platform === 'linux')('a storage whose folder cannot be made is no surprise', async () => {
  const error = await openStorage('file:/proc/clipline/media', { clock: systemClock }).catch(
    (thrown: unknown) => thrown,
  )
  expect(toCommandFailed(error)).toMatchObject({
    exitCode: exitCodes.failed,
    message:
      "the storage cannot be used: ENOENT: no such file or directory, mkdir '/proc/clipline'. Check DATA_DIR and STORAGE_URL.",
    details: { code: 'ENOENT' },
  })
})

test('on a read-only disk, what to do is said with it', () => {
  const cause = systemError('EROFS', "EROFS: read-only file system, mkdir '/data'")
  const advice = 'The disk is mounted read-only: mount it for writing, or choose another'
  const ofStorage = toCommandFailed(new StorageError('unavailable', 'the storage failed (EROFS)', { cause }))
  expect(ofStorage?.message).toBe(
    `the storage cannot be used: ${cause.message}. ${advice} DATA_DIR or STORAGE_URL.`,
  )
  expect(toCommandFailed(cause)?.message).toBe(`${cause.message}. ${advice} folder.`)
})

test('an embedded database for which there is no room is told of with what to do', () => {
  const full = new EmbeddedPostgresFailure(
    'could not be created: could not extend file: No space left on device',
  )
  expect(toCommandFailed(full)?.message).toMatch(
    /No space left on device\nMake room on that disk, .+DATA_DIR/,
  )
  expect(toCommandFailed(new EmbeddedPostgresFailure('belongs to user 7'))?.message).toBe('belongs to user 7')
})
