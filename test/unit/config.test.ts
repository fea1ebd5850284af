import { describe, expect, it } from 'vitest'
import { resolveSettings, serverDefaults } from '../../src/app-settings.ts'
import { parseConfig } from '../../src/config.ts'
import { type SettingName, settings } from '../../src/settings.ts'

const problemsOf = (environment: Readonly<Record<string, string>>) => {
  const parsed = parseConfig(environment)
  return parsed.ok ? [] : parsed.problems
}

describe('the settings', () => {
  it('are parsed, and what is not set or empty is left out', () => {
    const parsed = parseConfig({
      PORT: '9000',
      CALLBACK_SCHEDULE_MS: '0,1000,5000',
      EGRESS_ALLOW: '10.0.0.0/8, 127.0.0.1/32',
      PUBLIC_URL: 'https://clips.example.com/',
      REDIS_URL: '',
      UNKNOWN: 'ignored',
    })
    expect(parsed).toEqual({
      ok: true,
      config: {
        PORT: 9000,
        CALLBACK_SCHEDULE_MS: [0, 1000, 5000],
        EGRESS_ALLOW: ['10.0.0.0/8', '127.0.0.1/32'],
        PUBLIC_URL: 'https://clips.example.com',
      },
    })
  })

  it('name every bad value at once, with what is accepted', () => {
    expect(
      problemsOf({ PORT: '70000', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud', LEASE_MS: '1000' }),
    ).toEqual([
      { name: 'DATABASE_URL', accepted: 'a URL that starts with postgres:// or postgresql://' },
      { name: 'PORT', accepted: 'a whole number from 0 to 65535' },
      { name: 'LOG_LEVEL', accepted: 'one of fatal, error, warn, info, debug, trace, silent' },
    ])
  })

  it('name the range of a number, whether it is none or out of it', () => {
    const accepted = 'a whole number from 1000 to 3600000'
    for (const value of ['-1', '1.5', 'soon', '3600001'])
      expect(problemsOf({ LEASE_MS: value })).toEqual([{ name: 'LEASE_MS', accepted }])
  })

  it('name a host that nothing can listen on, a text that no header can hold and an interval that would spin', () => {
    const host = 'an IP address such as 127.0.0.1 or ::, or a host name such as localhost'
    const header = 'visible ASCII characters, without spaces'
    const interval = 'a whole number from 10 to 2147483647'
    expect(
      problemsOf({
        HOST: 'a b',
        NEMO_TOKEN: 'two\nlines',
        NEMO_CLIENT_ID: 'käfer',
        NEMO_RENDER_POLL_MS: '0',
        NEMO_RECOVERY_FIRST_MS: '0',
        NEMO_RECOVERY_EVERY_MS: '9',
        NEMO_RATE_LIMIT_WAIT_MS: '0',
        NEMO_SSE_MAX_MS: '0',
      }),
    ).toEqual([
      { name: 'HOST', accepted: host },
      { name: 'NEMO_TOKEN', accepted: header },
      { name: 'NEMO_CLIENT_ID', accepted: header },
      { name: 'NEMO_RENDER_POLL_MS', accepted: interval },
      { name: 'NEMO_SSE_MAX_MS', accepted: 'a whole number from 1 to 2147483647' },
      { name: 'NEMO_RECOVERY_FIRST_MS', accepted: interval },
      { name: 'NEMO_RECOVERY_EVERY_MS', accepted: interval },
      { name: 'NEMO_RATE_LIMIT_WAIT_MS', accepted: interval },
    ])
  })

  it('take any address or name that a server can listen on', () => {
    for (const HOST of [
      '0.0.0.0',
      '::',
      '::1',
      'localhost',
      'api.internal.',
      'my_host',
      'x1',
      'a'.repeat(63),
    ])
      expect([HOST, problemsOf({ HOST })]).toEqual([HOST, []])
    const wrong = [
      '[::1]',
      '1.2.3.999',
      '1.2.3',
      'a..b',
      '-a',
      'http://x',
      'x:80',
      'a'.repeat(64),
      'a.'.repeat(130),
    ]
    for (const HOST of wrong) expect([HOST, problemsOf({ HOST }).length]).toEqual([HOST, 1])
  })

  it.each([
    ['PORT', '8080x'],
    ['WORKER_CONCURRENCY', '0'],
    ['CLIPLINE_API_KEY', 'clk_short'],
    ['CLIPLINE_CALLBACK_SECRET', 'whsec_short'],
    ['STORAGE_URL', './media'],
    ['CALLBACK_SCHEDULE_MS', '5000,10000'],
    ['CALLBACK_SCHEDULE_MS', '0,604800001'],
    ['CALLBACK_SCHEDULE_MS', '0,5000,99999999999999999999'],
    ['CALLBACK_SCHEDULE_MS', `0${',1000'.repeat(20)}`],
    ['PUBLIC_URL', 'https://clips.example.com/?team=ads'],
    ['PUBLIC_URL', 'https://clips.example.com?'],
    ['PUBLIC_URL', 'https://clips.example.com/#top'],
    ['PUBLIC_URL', 'https://admin:secret@clips.example.com'],
    ['CLIPLINE_SECRET', 'ab'.repeat(32)],
    ['EGRESS_ALLOW', '10.0.0.0/8,localhost'],
    ['EGRESS_ALLOW', '10.0.0.1/8'],
    ['NEMO_API_URL', 'nemo.example.com'],
    ['NEMO_API_URL', 'https://token@nemo.example.com'],
    ['NEMO_API_URL', 'https://nemo.example.com/?token=x'],
    ['NEMO_CLIENT_ID', 'c'.repeat(65)],
    ['SKILL_SOURCE', 'Not A Word'],
  ])('refuse %s=%s and say what they accept', (name, value) => {
    const [problem] = problemsOf({ [name]: value })
    expect(problem?.name).toBe(name)
    expect(problem?.accepted).toMatch(/\w/)
  })

  it('name what a URL of a service must do without, and never what it held', () => {
    expect(
      problemsOf({ PUBLIC_URL: 'https://admin:secret@clips.example.com', NEMO_API_URL: 'nemo?x' }),
    ).toEqual([
      { name: 'PUBLIC_URL', accepted: 'a URL without credentials, query and fragment' },
      { name: 'NEMO_API_URL', accepted: 'a URL that starts with http:// or https://' },
    ])
  })

  it('take a URL of a service with a path, and a schedule up to its bounds', () => {
    const widest = `0${',604800000'.repeat(19)}`
    const parsed = parseConfig({ PUBLIC_URL: 'https://Example.com/clips/', CALLBACK_SCHEDULE_MS: widest })
    expect(parsed).toMatchObject({
      config: { PUBLIC_URL: 'https://example.com/clips', CALLBACK_SCHEDULE_MS: { length: 20 } },
    })
  })

  it('each say what they are for, in a sentence', () => {
    const unclear = Object.entries(settings).filter(([, { meaning }]) => !/^[A-Z\d].*\.$/.test(meaning))
    expect(unclear).toEqual([])
  })

  it('state defaults that they would accept, where those are values', () => {
    const values = Object.entries(settings).filter(([, { fallback }]) => /^(\d[\d,]*|info)$/.test(fallback))
    expect(values.length).toBeGreaterThan(10)
    expect(problemsOf(Object.fromEntries(values.map(([name, { fallback }]) => [name, fallback])))).toEqual([])
  })

  it('state the defaults that hold', () => {
    const given = { DATABASE_URL: 'postgres://x', CLIPLINE_SECRET: 'x', NEMO_API_URL: 'http://x' }
    const { timings, ...held } = resolveSettings(given, serverDefaults)
    const defaults: Partial<Record<SettingName, unknown>> = {
      PORT: held.port,
      RATE_LIMIT_PER_MINUTE: held.ratePerMinute,
      FAILED_KEYS_PER_MINUTE: held.failedKeysPerMinute,
      QUEUE_BOUND: held.queueBound,
      SSE_MAX_PER_KEY: held.sseMaxPerKey,
      SSE_MAX: held.sseMax,
      WORKER_CONCURRENCY: held.workerConcurrency,
      STAGE_CONCURRENCY_UPLOAD: held.uploadConcurrency,
      SKILL_SOURCE: held.platform,
      NEMO_RENDER_POLL_MS: timings.renderPollMs,
      NEMO_RENDER_TIMEOUT_MS: timings.renderTimeoutMs,
      NEMO_SSE_IDLE_MS: held.sseIdleMs,
      NEMO_SSE_MAX_MS: timings.messageMaxMs,
      NEMO_RECOVERY_FIRST_MS: timings.recoveryFirstMs,
      NEMO_RECOVERY_EVERY_MS: timings.recoveryEveryMs,
      NEMO_RECOVERY_CHECKS: timings.recoveryChecks,
      NEMO_RATE_LIMIT_WAIT_MS: timings.rateLimitWaitMs,
      LEASE_MS: held.leaseMs,
      DISPATCH_MS: held.dispatchMs,
      CALLBACK_SCHEDULE_MS: held.callbackScheduleMs.join(','),
      CALLBACK_TIMEOUT_MS: held.callbackTimeoutMs,
      SHUTDOWN_MS: held.shutdownMs,
      LOG_LEVEL: held.logLevel,
    }
    for (const [name, value] of Object.entries(defaults))
      expect(`${name} ${settings[name as SettingName].fallback}`).toBe(`${name} ${value}`)
  })
})
