/** Smooth value noise in the plane, from 0 to 1, repeating every 256 lattice cells. */
export type Noise = (x: number, y: number) => number

export function createNoise(seed: number): Noise {
  const lattice = new Float32Array(65_536)
  let state = seed >>> 0 || 1
  for (let index = 0; index < lattice.length; index += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    lattice[index] = (state >>> 0) / 4294967296
  }
  const at = (column: number, row: number) => lattice[((row & 255) << 8) | (column & 255)] as number
  return (x, y) => {
    const column = Math.floor(x)
    const row = Math.floor(y)
    const fx = smooth(x - column)
    const fy = smooth(y - row)
    const top = at(column, row) + (at(column + 1, row) - at(column, row)) * fx
    const bottom = at(column, row + 1) + (at(column + 1, row + 1) - at(column, row + 1)) * fx
    return top + (bottom - top) * fy
  }
}

/** Octaves of `noise`, each twice as fine and half as strong; from 0 to 1. */
export function fractal(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0
  let weight = 0.5
  let total = 0
  let scale = 1
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += noise(x * scale + octave * 17.3, y * scale + octave * 9.1) * weight
    total += weight
    weight *= 0.5
    scale *= 2.03
  }
  return sum / total
}

/** Fractal noise folded at its middle: sharp crests, as of rock or lightning; from 0 to 1. */
export function ridged(noise: Noise, x: number, y: number, octaves: number): number {
  let sum = 0
  let weight = 0.5
  let total = 0
  let scale = 1
  for (let octave = 0; octave < octaves; octave += 1) {
    sum += (1 - Math.abs(noise(x * scale + octave * 5.7, y * scale + octave * 31.9) * 2 - 1)) * weight
    total += weight
    weight *= 0.5
    scale *= 2.07
  }
  return sum / total
}

const smooth = (t: number) => t * t * (3 - 2 * t)
