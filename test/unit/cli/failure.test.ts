import { expect, test } from 'vitest'
import { exitCodes } from '../../../src/cli/exit.ts'
import { toCommandFailed } from '../../../src/cli/failure.ts'

const errorWith = (code: string, message: string) => Object.assign(new Error(message), { code })

test.each([
  ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'],
  ['57P01', 'terminating connection due to administrator command'],
  ['57P03', 'the database system is starting up'],
])('a database that is away (%s) is unreachable, and no surprise', (code, message) => {
  expect(toCommandFailed(errorWith(code, message))).toMatchObject({
    exitCode: exitCodes.unreachable,
    message,
    details: { code },
  })
})

test('so is one whose connection ended on the way', () => {
  expect(toCommandFailed(new Error('Connection terminated unexpectedly'))).toMatchObject({
    exitCode: exitCodes.unreachable,
    message: 'the database: Connection terminated unexpectedly',
  })
})

test('what nobody foresaw stays a surprise', () => {
  expect(toCommandFailed(new TypeError('x is not a function'))).toBeNull()
  expect(toCommandFailed(errorWith('XX000', 'internal error'))).toBeNull()
})
