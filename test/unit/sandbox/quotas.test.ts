import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hourlyLimits, takeFromQuotas, weeklyLimits } from '../../../src/sandbox/quotas.ts'
import { createVirtualClock } from '../../../src/sandbox/virtual-clock.ts'
import { openWorld } from '../../../src/sandbox/world.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const setup = async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-quotas-'))
  const world = await openWorld(directory, createVirtualClock(0))
  onTestFinished(async () => {
    await world.close()
    await rm(directory, { recursive: true })
  })
  const take = (limits: Parameters<typeof takeFromQuotas>[1], nowMs: number): boolean => {
    const changes = takeFromQuotas(world, limits, nowMs)
    if (changes !== null) world.commit({ changes })
    return changes !== null
  }
  return { take }
}

test('a client id gets one token in seven days', async () => {
  const { take } = await setup()
  expect(take(weeklyLimits('a', '::1'), 0)).toBe(true)
  expect(take(weeklyLimits('a', '::1'), 7 * dayMs - 1)).toBe(false)
  expect(take(weeklyLimits('a', '::1'), 7 * dayMs)).toBe(true)
})

test('an address gets ten tokens in seven days, for whatever clients', async () => {
  const { take } = await setup()
  for (let n = 0; n < 10; n++) expect(take(weeklyLimits(`client-${n}`, '::1'), n)).toBe(true)
  expect(take(weeklyLimits('another', '::1'), 10)).toBe(false)
  expect(take(weeklyLimits('another', '::2'), 10)).toBe(true)
})

test('a refused token takes nothing from the other quota', async () => {
  const { take } = await setup()
  expect(take(weeklyLimits('a', '::1'), 0)).toBe(true)
  for (let n = 0; n < 20; n++) expect(take(weeklyLimits('a', '::1'), 1)).toBe(false)
  for (let n = 0; n < 9; n++) expect(take(weeklyLimits(`client-${n}`, '::1'), 2)).toBe(true)
})

test('the first version allowed five an hour', async () => {
  const { take } = await setup()
  for (let n = 0; n < 5; n++) expect(take(hourlyLimits('::1'), n)).toBe(true)
  expect(take(hourlyLimits('::1'), 6)).toBe(false)
  expect(take(hourlyLimits('::1'), hourMs + 6)).toBe(true)
})
