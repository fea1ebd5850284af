import { afterAll, describe, expect, test } from 'vitest'
import { verbs } from '../../../src/job/lifecycle.ts'
import { type PlantedBug, plantedBugs } from '../../simulation/bugs.ts'
import { type SimulationResult, simulate } from '../../simulation/simulate.ts'
import { settled } from '../../support/clock.ts'

/**
 * Run S of guarantees.md §3.4. `SIM_SEED=n` runs one seed and prints what happens in it; `SIM_SEEDS=n` sets how many
 * are run, `SIM_FROM=n` where they begin.
 */
const onlySeed = process.env['SIM_SEED'] === undefined ? null : Number(process.env['SIM_SEED'])
const firstSeed = Number(process.env['SIM_FROM'] ?? 1)
const seedCount = Number(process.env['SIM_SEEDS'] ?? 2_000)
const seedsPerBug = 4_000
const patience = { timeout: 30_000 + seedCount * 100 }

/** What the worlds together must have come through, or they prove little. */
const corners = [
  ...verbs,
  'rescue',
  'kills',
  'freezes',
  'messages',
  'callbacks',
  'permit settled',
  'permit not_sent',
  'permit rejected',
  'permit not_accepted',
  'permit proven absent',
  'permit unknown',
  'permit interrupted',
  'permit disclaimed',
]

const seeds = (from: number, count: number): number[] => Array.from({ length: count }, (_, no) => from + no)

/** A failing seed is run again, which has to end in the same way, and is told to its end. */
const retell = async ({ seed, violation }: SimulationResult): Promise<string> => {
  const again = await simulate(seed, { isTraced: true })
  expect(again.violation).toEqual(violation)
  return [
    `seed ${seed}: ${violation?.invariant}: ${violation?.details}`,
    ...again.trace.slice(-80),
    `run it again with SIM_SEED=${seed}`,
  ].join('\n')
}

describe.runIf(onlySeed !== null)('one world', () => {
  test('keeps every invariant', async () => {
    const result = await simulate(Number(onlySeed), { isTraced: true })
    console.log([...result.trace, JSON.stringify(result.stats), result.endings.join(', ')].join('\n'))
    expect(result.violation).toBeNull()
  })
})

describe.runIf(onlySeed === null)('a fleet of workers, whatever befalls it', () => {
  test(`keeps every invariant at every step, in ${seedCount} worlds`, patience, async () => {
    const reached = new Map<string, number>()
    for (const seed of seeds(firstSeed, seedCount)) {
      const result = await simulate(seed)
      if (result.violation !== null) expect.fail(await retell(result))
      for (const [corner, times] of Object.entries(result.stats))
        reached.set(corner, (reached.get(corner) ?? 0) + times)
      await settled()
    }
    if (seedCount >= 2_000) expect(corners.filter((corner) => !reached.has(corner))).toEqual([])
  })

  test('lives through the same seed in the same way', patience, async () => {
    for (const seed of seeds(firstSeed, 20)) {
      const [first, second] = [
        await simulate(seed, { isTraced: true }),
        await simulate(seed, { isTraced: true }),
      ]
      expect(second).toEqual(first)
    }
  })
})

describe.runIf(onlySeed === null)('a planted bug', () => {
  const kills: { bug: string; seed: number | null; invariant: string }[] = []
  afterAll(() => console.table(kills))

  test.each(Object.entries(plantedBugs) as [PlantedBug, string][])(
    '%s: %s, is noticed',
    patience,
    async (bug) => {
      let found: SimulationResult | null = null
      for (const seed of seeds(1, seedsPerBug)) {
        const result = await simulate(seed, { bug })
        if (result.violation === null) continue
        found = result
        break
      }
      kills.push({ bug, seed: found?.seed ?? null, invariant: found?.violation?.invariant ?? 'survived' })
      expect(found).not.toBeNull()
    },
  )
})
