import { describe, expect, test } from 'vitest'
import { renderCallbackBody } from '../../../src/callbacks/body.ts'
import { excerptOf } from '../../../src/callbacks/excerpt.ts'

describe('the body of a callback', () => {
  test('has exactly the documented shape', () => {
    const body = renderCallbackBody({
      type: 'job.succeeded',
      at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6)),
      sequence: 12,
      about: { job: { id: 'job_1', prompt: 'Füchse 🦊' } },
    })
    expect(body.toString('utf8')).toBe(
      '{"type":"job.succeeded","timestamp":"2026-01-02T03:04:05.006Z","data":{"sequence":12,"job":{"id":"job_1","prompt":"Füchse 🦊"}}}',
    )
  })

  test('is valid UTF-8 even where a text is not', () => {
    const body = renderCallbackBody({
      type: 'job.failed',
      at: new Date(0),
      sequence: 1,
      about: { job: { prompt: '\ud800' } },
    })
    expect(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)).data.job.prompt).toBe('\ud800')
  })
})

describe('the excerpt of an answer', () => {
  test.each([
    ['', ''],
    ['ok', 'ok'],
    ['line\r\n\tnext', 'line\r\n\tnext'],
    ['a\0b', 'a\ufffdb'],
    ['\u001b[31mred\u001b[0m', '\ufffd[31mred\ufffd[0m'],
    ['del\u007f and nel\u0085', 'del\ufffd and nel\ufffd'],
    ['ünïcode 🦊', 'ünïcode 🦊'],
  ])('of %j is %j', (text, expected) => {
    expect(excerptOf(Buffer.from(text))).toBe(expected)
  })

  test('replaces bytes that are no text', () => {
    expect(excerptOf(Buffer.from([0x61, 0xff, 0xfe, 0x62]))).toBe('a\ufffd\ufffdb')
    expect(excerptOf(Buffer.from([0x61, 0xe2, 0x82]))).toBe('a\ufffd')
  })

  test('ends after a KiB, between two characters', () => {
    expect(excerptOf(Buffer.alloc(5_000, 'a'))).toBe('a'.repeat(1_024))
    expect(excerptOf(Buffer.from('€'.repeat(1_000)))).toBe('€'.repeat(341))
  })
})
