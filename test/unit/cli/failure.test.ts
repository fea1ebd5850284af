import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { toCommandFailed } from '../../../src/cli/failure.ts'
import { MigrationFailed } from '../../../src/store/migration-failed.ts'

const errorWith = (code: string, message: string) => Object.assign(new Error(message), { code })

test.each([
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', 'Start Postgres, or correct the host'],
  ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN db', 'Correct the host in DATABASE_URL'],
  ['57P01', 'terminating connection due to administrator command', 'try again when it is up'],
  ['57P03', 'the database system is starting up', 'try again when it is up'],
])('a database that is away (%s) is unreachable, and no surprise', (code, message, advice) => {
  expect(toCommandFailed(errorWith(code, message))).toMatchObject({
    exitCode: exitCodes.unreachable,
    message: expect.stringMatching(`^the database cannot be reached: ${message}\\. .*${advice}`),
    details: { code },
  })
})

test('a host with several addresses is told of by each', () => {
  const parts = ['::1', '127.0.0.1'].map((address) => new Error(`connect ECONNREFUSED ${address}:5432`))
  const error = Object.assign(new AggregateError(parts), { code: 'ECONNREFUSED' })
  expect(toCommandFailed(error)?.message).toContain(
    'reached: connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432. Start Postgres',
  )
})

const migrationFailedBy = (code: string, message: string) =>
  new MigrationFailed(`the migration init failed, and was undone: ${message}`, {
    cause: Object.assign(errorWith(code, message), { severity: 'ERROR' }),
  })

test('a migration that the database may not or cannot take is told of with what to do', () => {
  expect(toCommandFailed(migrationFailedBy('42501', 'permission denied for schema public'))).toMatchObject({
    exitCode: exitCodes.failed,
    message: expect.stringMatching(
      /^the database refuses: permission denied for schema public\. Give the user/,
    ),
    details: { code: '42501' },
  })
  expect(toCommandFailed(migrationFailedBy('57P01', 'terminating connection'))?.exitCode).toBe(
    exitCodes.unreachable,
  )
})

test('a migration that fails is named, with no advice to do what just failed', () => {
  expect(toCommandFailed(migrationFailedBy('42P01', 'relation "jobs" does not exist'))).toMatchObject({
    exitCode: exitCodes.failed,
    message:
      'the migration init failed, and was undone: relation "jobs" does not exist. When that is mended, run this again.',
    details: { code: '42P01' },
  })
})

test('so is one whose connection ended on the way', () => {
  expect(toCommandFailed(new Error('Connection terminated unexpectedly'))).toMatchObject({
    exitCode: exitCodes.unreachable,
    message: expect.stringMatching(
      /^the database cannot be reached: Connection terminated unexpectedly\. See/,
    ),
  })
})

test('what nobody foresaw stays a surprise', () => {
  expect(toCommandFailed(new TypeError('x is not a function'))).toBeNull()
  expect(toCommandFailed(errorWith('XX000', 'internal error'))).toBeNull()
})
