import type { Random } from '../random.ts'
import { type Sound, sampleRate } from './sound.ts'

/** A soft drum: a sine that falls in pitch and dies away. */
export function addKick(sound: Sound, startS: number, gain: number): void {
  const length = Math.round(0.32 * sampleRate)
  const start = Math.round(startS * sampleRate)
  let phase = 0
  for (let index = 0; index < length && start + index < sound.left.length; index += 1) {
    const ageS = index / sampleRate
    phase += ((46 + 74 * Math.exp(-ageS * 34)) * Math.PI * 2) / sampleRate
    const value = Math.sin(phase) * Math.exp(-ageS * 11) * gain * Math.min(1, index / 40)
    sound.left[start + index] = (sound.left[start + index] as number) + value
    sound.right[start + index] = (sound.right[start + index] as number) + value
  }
}

export interface NoiseHit {
  readonly startS: number
  readonly gain: number
  readonly pan: number
  /** Time after which it is half as loud. */
  readonly halfS: number
  /** 0 keeps only the hiss on top, 1 keeps everything. */
  readonly body: number
}

/** A hat, shaker or brush: filtered noise that dies away. */
export function addNoiseHit(sound: Sound, hit: NoiseHit, random: Random): void {
  const start = Math.round(hit.startS * sampleRate)
  const length = Math.round(hit.halfS * 9 * sampleRate)
  const decay = 2 ** (-1 / (hit.halfS * sampleRate))
  let level = hit.gain
  let low = 0
  for (let index = 0; index < length && start + index < sound.left.length; index += 1) {
    const hiss = random.next() * 2 - 1
    low += (hiss - low) * 0.42
    const value = (hiss - low + low * hit.body) * level * Math.min(1, index / 60)
    sound.left[start + index] = (sound.left[start + index] as number) + value * Math.min(1, 1 - hit.pan)
    sound.right[start + index] = (sound.right[start + index] as number) + value * Math.min(1, 1 + hit.pan)
    level *= decay
  }
}
