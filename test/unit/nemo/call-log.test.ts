import { describe, expect, it } from 'vitest'
import { excerptOf } from '../../../src/providers/nemo/call-log.ts'

const secret = 'a-token.of/another=form'

describe('what is kept of a body', () => {
  it.each([
    [`{"a":"${secret}"}`, '{"a":"[redacted]"}'],
    ['{"token": "x.y", "n": 1}', '{"token": "[redacted]", "n": 1}'],
    [
      '{"access_token":"a\\"b","refresh_token":"c"}',
      '{"access_token":"[redacted]","refresh_token":"[redacted]"}',
    ],
    ['{"x":"nmv_usr_ABC-1 and clm_2"}', '{"x":"[redacted] and [redacted]"}'],
    ['Authorization: Bearer abc.def', 'Authorization: [redacted]'],
    [
      '{"url":"https://cdn.example/a.mp4?sig=1&exp=2","next":1}',
      '{"url":"https://cdn.example/a.mp4?[redacted]","next":1}',
    ],
    ['a\u0000b\u001b[31m', 'a\uFFFDb\uFFFD[31m'],
    ['plain', 'plain'],
  ])('of %j is %j', (text, kept) => {
    expect(excerptOf(text, 256, secret)).toBe(kept)
  })

  it('is short, and says that it was cut', () => {
    const kept = excerptOf('x'.repeat(10_000), 256, null)
    expect(kept.length).toBeLessThanOrEqual(257)
    expect(kept.endsWith('…')).toBe(true)
    expect(excerptOf('🦊'.repeat(200), 255, null).isWellFormed()).toBe(true)
  })

  it('holds no part of a secret, wherever the cut goes through it', () => {
    const signed = 'https://cdn.example/a?sig=0123456789abcdef0123456789abcdef'
    for (let before = 0; before < 320; before += 1) {
      const filler = `${'https://cdn.example/b?x=0 '.repeat(40)}${'y'.repeat(before % 64)} `
      const text = `${filler.slice(filler.length - 760 - before)} ${secret} nmv_usr_SECRET0001 ${signed} `
      const kept = excerptOf(text.padEnd(5_000, ' z'), 256, secret)
      for (const part of ['a-token.of', 'SECRET', 'usr_S', 'sig=0', 'abcdef'])
        expect(kept).not.toContain(part)
    }
  })
})
