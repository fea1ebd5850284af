import { describe, expect, it } from 'vitest'
import { openEnvelope } from '../../../src/providers/nemo/envelope.ts'
import {
  causeOf,
  type Operation,
  registrationLink,
  toProviderError,
  unansweredCall,
} from '../../../src/providers/nemo/errors.ts'
import { redact } from '../../../src/providers/nemo/redact.ts'
import { parseRetryAfter } from '../../../src/providers/nemo/retry-after.ts'

const open = (httpStatus: number, body: unknown) =>
  openEnvelope({ httpStatus, text: typeof body === 'string' ? body : JSON.stringify(body) })

describe('openEnvelope', () => {
  it.each([
    ['code and data', 200, { code: 0, data: { a: 1 } }, { a: 1 }],
    ['a code as a string', 200, { code: '0', data: { a: 1 } }, { a: 1 }],
    ['code without data', 200, { code: 0 }, {}],
    ['success and data', 200, { success: true, data: { a: 1 } }, { a: 1 }],
    ['success without data', 200, { success: true, status: 'pending' }, { success: true, status: 'pending' }],
    ['success inside code', 200, { code: 0, data: { success: true, data: { a: 1 } } }, { a: 1 }],
    ['a bare payload', 201, { status: 'completed' }, { status: 'completed' }],
    ['a payload with a code of its own', 200, { code: 0, data: { code: 'EN', a: 1 } }, { code: 'EN', a: 1 }],
    ['an array', 200, [1], [1]],
  ])('takes off %s', (_name, httpStatus, body, payload) => {
    expect(open(httpStatus, body)).toEqual({ isOk: true, payload })
  })

  it.each([
    ['a code on HTTP 200', 200, { code: 1001, message: 'expired' }, 1001, 'expired'],
    ['a code on HTTP 401', 401, { code: 1001, message: 'expired' }, 1001, 'expired'],
    ['the code before success', 200, { code: 2001, success: true }, 2001, null],
    ['success: false', 200, { success: false, error: 'duplicate id' }, null, 'duplicate id'],
    ['an error inside', 200, { code: 0, data: { success: false, error: 'no' } }, null, 'no'],
    ['a code that is no number', 200, { code: 'BAD', msg: 'no' }, null, 'no'],
    ['an HTTP error without a code', 503, { error: 'busy' }, null, 'busy'],
    ['an HTTP error with code 0', 500, { code: 0, message: 'odd' }, null, 'odd'],
    ['an HTTP error without JSON', 502, '<html>Bad gateway</html>', null, null],
    [
      'FastAPI',
      422,
      { detail: [{ loc: ['body'], msg: 'field required', type: 'x' }] },
      null,
      'field required',
    ],
    ['ADK', 404, { detail: 'Session not found' }, null, 'Session not found'],
    ['a nested error', 429, { error: { code: 429, message: 'slow down' } }, 429, 'slow down'],
  ])('finds the error in %s', (_name, httpStatus, body, code, message) => {
    expect(open(httpStatus, body)).toMatchObject({ isOk: false, isJson: true, code, message })
  })

  it('does not take a web page for an answer', () => {
    expect(open(200, '<html>hello</html>')).toMatchObject({ isOk: false, isJson: false })
  })
})

/** Upstream-protocol.md §5, row by row, and the wordings of §2 and §3.4. */
const rows: [Operation, number, unknown, string, string][] = [
  ['state', 200, { code: 1001 }, 'provider_auth_failed', 'rejected'],
  ['state', 401, { code: 1001 }, 'provider_auth_failed', 'rejected'],
  ['state', 200, { code: 1002 }, 'provider_session_lost', 'rejected'],
  ['state', 404, { code: 1002 }, 'provider_session_lost', 'rejected'],
  ['credits', 200, { code: 1010 }, 'provider_auth_failed', 'rejected'],
  ['credits', 200, { code: 1011 }, 'provider_auth_failed', 'rejected'],
  ['message', 200, { code: 2001 }, 'out_of_credits', 'rejected'],
  ['message', 402, { code: 2001 }, 'out_of_credits', 'rejected'],
  ['message', 500, { code: 2001 }, 'out_of_credits', 'rejected'],
  ['upload', 200, { code: 4001 }, 'unsupported_media_type', 'rejected'],
  ['upload', 415, { code: 4001 }, 'unsupported_media_type', 'rejected'],
  ['upload', 415, '', 'unsupported_media_type', 'rejected'],
  ['upload', 200, { code: 4002 }, 'media_too_large', 'rejected'],
  ['upload', 413, '', 'media_too_large', 'rejected'],
  ['token', 400, { code: 400, message: 'X-Client-Id missing' }, 'provider_rejected', 'rejected'],
  ['state', 401, '', 'provider_auth_failed', 'rejected'],
  ['renderSubmit', 402, { code: 402 }, 'export_not_allowed', 'rejected'],
  ['renderSubmit', 200, { code: 402 }, 'export_not_allowed', 'rejected'],
  ['renderSubmit', 403, '', 'export_not_allowed', 'rejected'],
  ['renderPoll', 402, '', 'export_not_allowed', 'rejected'],
  ['message', 402, '', 'provider_rejected', 'rejected'],
  ['message', 403, '', 'provider_rejected', 'rejected'],
  ['message', 404, { detail: 'Session not found' }, 'provider_session_lost', 'rejected'],
  ['message', 404, { error: 'Session not found: 7' }, 'provider_session_lost', 'rejected'],
  ['message', 409, { detail: 'stale session' }, 'provider_unavailable', 'rejected'],
  ['credits', 404, { detail: 'no account' }, 'provider_rejected', 'rejected'],
  ['state', 404, '<html>no such backend</html>', 'provider_unavailable', 'rejected'],
  ['message', 404, '404 page not found', 'provider_unavailable', 'rejected'],
  ['renderPoll', 404, '', 'provider_rejected', 'rejected'],
  ['state', 302, '', 'provider_unavailable', 'answered'],
  ['session', 307, '', 'provider_unavailable', 'answered'],
  ['state', 408, '', 'provider_unavailable', 'rejected'],
  ['message', 422, { detail: [{ msg: 'bad' }] }, 'provider_rejected', 'rejected'],
  ['token', 429, { code: 429 }, 'provider_rate_limited', 'rejected'],
  ['state', 200, { code: 429 }, 'provider_rate_limited', 'rejected'],
  ['state', 500, '', 'provider_unavailable', 'answered'],
  ['state', 502, '<html>', 'provider_unavailable', 'answered'],
  ['state', 503, { code: 50301, message: 'overloaded' }, 'provider_unavailable', 'answered'],
  ['state', 504, '', 'provider_unavailable', 'answered'],
  ['state', 200, { code: 500 }, 'provider_unavailable', 'answered'],
  ['state', 200, { code: 9999 }, 'provider_rejected', 'rejected'],
  ['state', 200, { code: -1 }, 'provider_rejected', 'rejected'],
  ['state', 200, '<html>', 'provider_unavailable', 'answered'],
  ['renderSubmit', 200, { success: false, error: 'bad draft' }, 'provider_rejected', 'rejected'],
  ['state', 418, '', 'provider_rejected', 'rejected'],
]

const errorOf = (operation: Operation, httpStatus: number, body: unknown) => {
  const opened = open(httpStatus, body)
  if (opened.isOk) throw new Error('not an error answer')
  return toProviderError({ operation, httpStatus, opened, retryAfterMs: null, secret: 's3cret-token' })
}

describe('toProviderError', () => {
  it.each(rows)('%s, HTTP %i, %j: %s, %s', (operation, httpStatus, body, code, evidence) => {
    expect(errorOf(operation, httpStatus, body)).toMatchObject({ code, evidence, httpStatus })
  })

  it('adds the registration link to 2001 when the user is known', () => {
    expect(registrationLink('anon_1/2')).toBe('https://nemovideo.com/register?bind=anon_1%2F2')
    expect(errorOf('message', 200, { code: 2001, data: { user_id: 'anon_5f' } }).message).toContain(
      'https://nemovideo.com/register?bind=anon_5f',
    )
    expect(errorOf('message', 200, { code: 2001 }).message).not.toContain('register?bind')
    expect(errorOf('message', 402, '').message).not.toContain('register?bind')
  })

  it('quotes the provider without its secrets and on one line', () => {
    const message = 'token s3cret-token or nmv_usr_ABC is bad\nFORGED line, Bearer xyz'
    const error = errorOf('state', 200, { code: 1001, message })
    expect(error.message).toMatch(/\[redacted\] or \[redacted\] is bad FORGED line, \[redacted\]/)
    expect(error.message).not.toMatch(/s3cret|nmv_usr|xyz|\n/)
  })
})

describe('causes and quotes', () => {
  it('tells a call that never left from one that may have arrived', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    expect(unansweredCall('state', false, cause)).toMatchObject({
      evidence: 'not_sent',
      code: 'provider_unavailable',
    })
    expect(unansweredCall('state', true, cause).evidence).toBe('unknown')
    expect(causeOf(cause)).toBe('connect ECONNREFUSED')
    expect(causeOf(new AggregateError([cause]))).toContain('ECONNREFUSED')
    expect(causeOf('odd')).toBe('odd')
  })

  it('shortens long quotes', () => {
    expect(redact('x'.repeat(5_000)).length).toBe(300)
    expect(redact('see https://x.test/claim?token=abc&task=1')).toBe(
      'see https://x.test/claim?token=[redacted]&task=1',
    )
  })
})

describe('parseRetryAfter', () => {
  const nowMs = Date.parse('2026-04-01T00:00:00Z')
  it.each([
    ['30', 30_000],
    ['0', 0],
    ['1.5', 1_500],
    ['Wed, 01 Apr 2026 00:01:00 GMT', 60_000],
    ['Tue, 31 Mar 2026 00:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['-5', null],
    ['soon', null],
    ['', null],
  ])('reads %j as %s', (header, ms) => {
    expect(parseRetryAfter(header, nowMs)).toBe(ms)
  })

  it('copes with an absent or repeated header', () => {
    expect(parseRetryAfter(undefined, nowMs)).toBeNull()
    expect(parseRetryAfter(['2', '3'], nowMs)).toBe(2_000)
  })
})
