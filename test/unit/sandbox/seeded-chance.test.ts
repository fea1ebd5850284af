import { expect, test } from 'vitest'
import { createSeededChance, oneOf, wholeBetween } from '../../../src/sandbox/seeded-chance.ts'

test('the same question has the same answer, another seed another', () => {
  expect(createSeededChance(1)('silence', 3, 4)).toBe(createSeededChance(1)('silence', 3, 4))
  expect(createSeededChance(1)('silence', 3, 4)).not.toBe(createSeededChance(2)('silence', 3, 4))
})

test('answers spread evenly over the unit interval', () => {
  const chance = createSeededChance(42)
  const answers = Array.from({ length: 10_000 }, (_, n) => chance('x', n))
  expect(answers.every((answer) => answer >= 0 && answer < 1)).toBe(true)
  for (const limit of [0.1, 0.3, 0.5, 0.9]) {
    expect(answers.filter((answer) => answer < limit).length / 10_000).toBeCloseTo(limit, 1)
  }
})

test('whole numbers and choices cover their range and nothing else', () => {
  expect([0, 0.5, 0.999].map((chance) => wholeBetween(chance, 10, 30))).toEqual([10, 20, 30])
  expect([0, 0.5, 0.999].map((chance) => oneOf(chance, ['a', 'b', 'c']))).toEqual(['a', 'b', 'c'])
})
