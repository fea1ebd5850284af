import type { Sound } from './sound.ts'

const combs = [1557, 1617, 1491, 1422]
const allPasses = [225, 556]
/** Samples by which the right side differs, so that the room is wide. */
const spread = 23

/** Adds the echo of a room: `amount` 0 is dry; `decay` near 1 is a hall. */
export function addRoom(sound: Sound, amount: number, decay: number): void {
  const left = reverberate(sound.left, 0, decay)
  const right = reverberate(sound.right, spread, decay)
  for (let index = 0; index < left.length; index += 1) {
    sound.left[index] = (sound.left[index] as number) + (left[index] as number) * amount
    sound.right[index] = (sound.right[index] as number) + (right[index] as number) * amount
  }
}

function reverberate(dry: Float32Array, shift: number, decay: number): Float32Array {
  const wet = new Float32Array(dry.length)
  for (const delay of combs) {
    const line = new Float32Array(delay + shift)
    let place = 0
    let dull = 0
    for (let index = 0; index < dry.length; index += 1) {
      const echo = line[place] as number
      dull = echo * 0.72 + dull * 0.28
      line[place] = (dry[index] as number) + dull * decay
      wet[index] = (wet[index] as number) + echo * 0.25
      place = place + 1 === line.length ? 0 : place + 1
    }
  }
  for (const delay of allPasses) {
    const line = new Float32Array(delay + shift)
    let place = 0
    for (let index = 0; index < wet.length; index += 1) {
      const echo = line[place] as number
      const value = wet[index] as number
      line[place] = value + echo * 0.5
      wet[index] = echo - value * 0.5
      place = place + 1 === line.length ? 0 : place + 1
    }
  }
  return wet
}
