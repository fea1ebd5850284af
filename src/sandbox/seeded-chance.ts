/**
 * A number in [0, 1) that depends on the seed and the keys alone. The same question always gets the same answer,
 * however many sessions run side by side, which a shared random generator could not promise.
 */
export type SeededChance = (...keys: readonly (string | number)[]) => number

export const createSeededChance =
  (seed: number): SeededChance =>
  (...keys) =>
    toUnitInterval(hashText(`${seed}:${keys.join(':')}`))

/** A whole number between `low` and `high`, both included. */
export const wholeBetween = (chance: number, low: number, high: number): number =>
  low + Math.floor(chance * (high - low + 1))

/** One of the choices. */
export const oneOf = <T>(chance: number, choices: readonly [T, ...T[]]): T =>
  choices[Math.floor(chance * choices.length)] ?? choices[0]

/** FNV-1a, then the finalizer of MurmurHash3, which spreads neighboring keys over the whole range. */
const hashText = (text: string): number => {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const toUnitInterval = (hash: number): number => hash / 0x1_0000_0000
