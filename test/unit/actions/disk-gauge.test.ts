import { describe, expect, test } from 'vitest'
import { createDiskGauge } from '../../../src/actions/disk-gauge.ts'
import type { StorageSpace } from '../../../src/media/storage.ts'
import { createManualClock } from '../../support/clock.ts'

const gibibyte = 1024 ** 3

const setup = (...spaces: StorageSpace[]) => {
  const clock = createManualClock()
  const disks = { spaces, asked: 0, failure: null as Error | null }
  const gauge = createDiskGauge({
    clock,
    readSpaces: async () => {
      disks.asked += 1
      if (disks.failure !== null) throw disks.failure
      return disks.spaces
    },
  })
  return { clock, disks, gauge }
}

const disk = (freeGibibytes: number, totalGibibytes: number): StorageSpace => ({
  freeBytes: freeGibibytes * gibibyte,
  totalBytes: totalGibibytes * gibibyte,
})

describe('the disk', () => {
  test.each([
    ['a tenth of a small disk', [disk(10, 100)], false],
    ['less than a tenth of it', [disk(9.9, 100)], true],
    ['little of a large one that is plenty all the same', [disk(21, 1_000)], false],
    ['little of a large one', [disk(19, 1_000)], true],
    ['nothing', [disk(0, 0.0625)], true],
    ['enough on one disk and too little on another', [disk(50, 100), disk(1, 100)], true],
    ['what nobody can say', [], false],
  ])('with %s', async (_free, spaces, isLow) => {
    expect(await setup(...spaces).gauge.isLow()).toBe(isLow)
  })

  test('is looked at every two seconds at most, by however many at once', async () => {
    const { clock, disks, gauge } = setup(disk(50, 100))
    expect(await Promise.all([gauge.isLow(), gauge.isLow(), gauge.isLow()])).toEqual([false, false, false])
    disks.spaces = [disk(1, 100)]
    clock.advance(1_999)
    expect(await gauge.isLow()).toBe(false)
    clock.advance(1)
    expect(await gauge.isLow()).toBe(true)
    expect(disks.asked).toBe(2)
  })

  test('that cannot be looked at is looked at again by the next', async () => {
    const { disks, gauge } = setup(disk(50, 100))
    disks.failure = new Error('the disk is away')
    await expect(gauge.isLow()).rejects.toThrow('away')
    disks.failure = null
    expect(await gauge.isLow()).toBe(false)
  })
})
