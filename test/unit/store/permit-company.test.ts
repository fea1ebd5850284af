import { beforeEach, describe, expect, test } from 'vitest'
import { createPermitCompany, type PermitCompany } from '../../../src/store/permit-company.ts'
import { createManualClock, type ManualClock } from '../../support/clock.ts'

let clock: ManualClock
let company: PermitCompany

beforeEach(() => {
  clock = createManualClock()
  company = createPermitCompany({ clock })
})

/** Each permit is of a job and a session of its own, unless it is said to be of those of another one. */
const open = (permitId: string, accountId = 'acc_1', of = permitId): void =>
  company.open(permitId, { accountId, jobId: `job ${of}`, providerSessionId: `session ${of}` })

describe('the company of a permit', () => {
  test('is another message of the account that was accepted since', () => {
    open('prm_1')
    open('prm_2')
    expect(company.hadCompany('prm_1')).toBe(false)
    company.accept('prm_2')
    expect(company.hadCompany('prm_1')).toBe(true)
  })

  test('is not its own message', () => {
    open('prm_1')
    company.accept('prm_1')
    company.accept('prm_1')
    expect(company.hadCompany('prm_1')).toBe(false)
  })

  test('is a message of another job that was accepted so shortly before that it may have been charged since', () => {
    open('prm_1')
    company.accept('prm_1')
    clock.advance(20_000)
    open('prm_2')
    expect(company.hadCompany('prm_2')).toBe(true)
  })

  test('is no message that was accepted longer before, nor an earlier one of the same job, nor one of another account', () => {
    open('prm_1')
    company.accept('prm_1')
    open('prm_again', 'acc_1', 'prm_1')
    clock.advance(30_000)
    open('prm_2')
    open('prm_3', 'acc_2')
    company.accept('prm_3')
    expect(company.hadCompany('prm_again')).toBe(false)
    expect(company.hadCompany('prm_2')).toBe(false)
  })

  test('is not known of a permit of another process, nor of one from long ago', () => {
    open('prm_old')
    for (let no = 0; no < 10_000; no += 1) {
      open(`prm_${no}`)
      company.accept(`prm_${no}`)
    }
    expect(company.hadCompany('prm_old')).toBe(false)
    expect(company.hadCompany('prm_elsewhere')).toBe(false)
  })
})
