import { describe, expect, test } from 'vitest'
import { createTrafficDesk } from '../../../src/actions/traffic-desk.ts'
import type { AccountTraffic, AccountTrafficStore } from '../../../src/store/account-traffic.ts'
import { createManualClock, settled } from '../../support/clock.ts'

const setup = (known: Partial<AccountTraffic> = {}, change: Partial<AccountTrafficStore> = {}) => {
  const clock = createManualClock()
  const journal: string[] = []
  let traffic: AccountTraffic = { pausedForMs: null, down: [], ...known }
  const desk = createTrafficDesk({
    clock,
    rateLimitWaitMs: 30_000,
    telemetry: { state: (fact) => void journal.push(fact) },
    traffic: {
      read: () => {
        journal.push('read')
        return Promise.resolve(traffic)
      },
      pause: (_account, forMs) => {
        journal.push(`pause ${forMs}`)
        return Promise.resolve()
      },
      markDown: (_account, operation, probeInMs, openings) => {
        journal.push(`down ${operation} for ${probeInMs}, opening ${openings}`)
        traffic = { ...traffic, down: [{ operation, probeInMs, openings }] }
        return Promise.resolve()
      },
      markUp: (_account, operation) => {
        journal.push(`up ${operation}`)
        traffic = { ...traffic, down: [] }
        return Promise.resolve()
      },
      claimProbe: () => Promise.resolve(true),
      ...change,
    },
  })
  let probes = 0
  let probeEnds: () => Promise<void> = () => Promise.resolve()
  const hold = async () => {
    const held = desk.hold('acc_1', 'render', () => {
      probes += 1
      return probeEnds()
    })
    await settled()
    return held
  }
  return {
    clock,
    journal,
    desk,
    hold,
    probes: () => probes,
    failProbes: () => {
      probeEnds = () => Promise.reject(new Error('still away'))
    },
  }
}

const callMany = (desk: ReturnType<typeof setup>['desk'], failures: number, answers: number): void => {
  for (let call = 0; call < answers; call += 1) desk.record('acc_1', 'render', 'answered')
  for (let call = 0; call < failures; call += 1) desk.record('acc_1', 'render', 'unavailable')
}

describe('a pause that the provider asks for', () => {
  test('holds the account here at once, and everywhere by its row', async () => {
    const { desk, hold, journal, clock } = setup()
    desk.pause('acc_1', 5_000)
    expect(await hold()).toEqual({ forMs: 5_000, reason: 'provider_paused' })
    expect(journal).toContain('pause 5000')
    clock.advance(900)
    expect(await hold()).toMatchObject({ forMs: 4_100 })
  })

  test('that somebody else was told holds as well, once it is known here', async () => {
    const { hold } = setup({ pausedForMs: 4_000 })
    expect(await hold()).toBeNull()
    expect(await hold()).toEqual({ forMs: 4_000, reason: 'provider_paused' })
  })

  test('ends', async () => {
    const { hold, clock } = setup({ pausedForMs: 500 })
    await hold()
    clock.advance(500)
    expect(await hold()).toBeNull()
  })

  test('holds no other account', async () => {
    const { desk } = setup()
    desk.pause('acc_1', 5_000)
    expect(desk.hold('acc_2', 'render', () => Promise.resolve())).toBeNull()
  })
})

describe('an operation that cannot be reached', () => {
  test('is held when nearly all of many calls failed, and no earlier', async () => {
    const { desk, hold, journal } = setup()
    callMany(desk, 19, 0)
    await settled()
    expect(journal).toEqual([])
    callMany(desk, 1, 0)
    await settled()
    expect(journal).toContain('down render for 30000, opening 1')
    expect(await hold()).toEqual({ forMs: 30_000, reason: 'provider_down' })
  })

  test('is not held for one failure in five', async () => {
    const { desk, journal } = setup()
    callMany(desk, 20, 80)
    await settled()
    expect(journal).toEqual([])
  })

  test('is judged by what happened lately', async () => {
    const { desk, journal, clock } = setup()
    callMany(desk, 19, 0)
    clock.advance(10_000)
    callMany(desk, 5, 0)
    await settled()
    expect(journal).toEqual([])
  })

  test('holds only its own stage', () => {
    const { desk } = setup({ down: [{ operation: 'render', probeInMs: 9_000, openings: 1 }] })
    expect(desk.hold('acc_1', 'export', () => Promise.resolve())).toBeNull()
  })

  test('is let go when a probe is answered', async () => {
    const { hold, probes, journal } = setup({ down: [{ operation: 'render', probeInMs: -1, openings: 1 }] })
    await hold()
    expect(await hold()).toMatchObject({ reason: 'provider_down', forMs: 1_000 })
    expect(probes()).toBe(1)
    expect(journal).toContain('up render')
    expect(await hold()).toBeNull()
  })

  test('is held for longer and longer while probes fail, up to a bound', async () => {
    const once = setup({ down: [{ operation: 'render', probeInMs: -1, openings: 1 }] })
    once.failProbes()
    await once.hold()
    await once.hold()
    expect(once.journal).toContain('down render for 60000, opening 2')
    const often = setup({ down: [{ operation: 'render', probeInMs: -1, openings: 50 }] })
    often.failProbes()
    await often.hold()
    await often.hold()
    expect(often.journal).toContain(`down render for ${30_000 * 64}, opening 51`)
  })

  test('is probed by one process of the fleet', async () => {
    const { hold, probes } = setup(
      { down: [{ operation: 'render', probeInMs: -1, openings: 1 }] },
      { claimProbe: () => Promise.resolve(false) },
    )
    await hold()
    await hold()
    expect(probes()).toBe(0)
  })
})

describe('what the fleet knows', () => {
  test('is read at most once a second, and never waited for', async () => {
    const { hold, journal, clock } = setup()
    await hold()
    await hold()
    expect(journal).toEqual(['read'])
    clock.advance(1_001)
    await hold()
    expect(journal).toEqual(['read', 'read'])
  })

  test('may be out of reach: nobody is held for that', async () => {
    const { hold, journal, clock } = setup({}, { read: () => Promise.reject(new Error('away')) })
    expect(await hold()).toBeNull()
    expect(journal).toEqual(['traffic.failed'])
    clock.advance(2_000)
    expect(await hold()).toBeNull()
  })
})
