import { describe, expect, test } from 'vitest'
import { createPermitCompany } from '../../../src/store/permit-company.ts'

describe('the company of a permit', () => {
  test('is another message of the account that was accepted since', () => {
    const company = createPermitCompany()
    company.open('prm_1', 'acc_1')
    company.open('prm_2', 'acc_1')
    expect(company.hadCompany('prm_1')).toBe(false)
    company.accept('prm_2')
    expect(company.hadCompany('prm_1')).toBe(true)
  })

  test('is not its own message', () => {
    const company = createPermitCompany()
    company.open('prm_1', 'acc_1')
    company.accept('prm_1')
    company.accept('prm_1')
    expect(company.hadCompany('prm_1')).toBe(false)
  })

  test('is no message that was accepted before, nor one of another account', () => {
    const company = createPermitCompany()
    company.open('prm_1', 'acc_1')
    company.accept('prm_1')
    company.open('prm_2', 'acc_1')
    company.open('prm_3', 'acc_2')
    company.accept('prm_3')
    expect(company.hadCompany('prm_2')).toBe(false)
  })

  test('is not known of a permit of another process, nor of one from long ago', () => {
    const company = createPermitCompany()
    company.open('prm_old', 'acc_1')
    for (let no = 0; no < 10_000; no += 1) {
      company.open(`prm_${no}`, 'acc_1')
      company.accept(`prm_${no}`)
    }
    expect(company.hadCompany('prm_old')).toBe(false)
    expect(company.hadCompany('prm_elsewhere')).toBe(false)
  })
})
