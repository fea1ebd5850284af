import { describe, expect, it } from 'vitest'
import { createNoise, fractal, ridged } from '../../../src/sandbox/render/noise.ts'
import { createRandom, hashText } from '../../../src/sandbox/render/random.ts'

describe('seeded randomness', () => {
  it('repeats itself for the same seed and differs for another', () => {
    const draw = (seed: number) => Array.from({ length: 20 }, createRandom(seed).next)
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('stays within its bounds', () => {
    const random = createRandom(3)
    for (let count = 0; count < 2000; count += 1) {
      expect(random.next()).toBeLessThan(1)
      expect([2, 3, 4]).toContain(random.integer(2, 4))
    }
  })

  it('hashes text to whole numbers that differ', () => {
    const hashes = ['', 'a', 'b', 'ab', 'ba', '狐狸'].map(hashText)
    expect(new Set(hashes).size).toBe(6)
    expect(hashes.every((hash) => Number.isInteger(hash) && hash >= 0)).toBe(true)
  })

  it('makes noise that is smooth and stays between zero and one', () => {
    const noise = createNoise(9)
    for (let x = 0; x < 40; x += 0.37) {
      expect(Math.abs(noise(x, 2.5) - noise(x + 0.01, 2.5))).toBeLessThan(0.05)
      for (const value of [noise(x, x / 3), fractal(noise, x, 1, 5), ridged(noise, x, 1, 5)]) {
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(1)
      }
    }
  })
})
