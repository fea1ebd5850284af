import { type Sound, sampleRate } from './sound.ts'

export interface Fades {
  readonly startS: number
  readonly endS: number
  /** 0 to 1. */
  readonly volume: number
  readonly fadeInS: number
  readonly fadeOutS: number
}

/** Applies volume and fades, and silences what lies outside of them. Changes `sound`. */
export function applyFades(sound: Sound, fades: Fades): void {
  const lengthS = sound.left.length / sampleRate
  const endS = Math.min(fades.endS, lengthS)
  // A slider at a third should sound like a third, which is more than a third of the amplitude.
  const loud = fades.volume ** 0.7
  const inS = Math.max(0.02, fades.fadeInS)
  const outS = Math.max(0.02, fades.fadeOutS)
  for (let index = 0; index < sound.left.length; index += 1) {
    const timeS = index / sampleRate
    const rise = Math.min(1, Math.max(0, (timeS - fades.startS) / inS))
    const fall = Math.min(1, Math.max(0, (endS - timeS) / outS))
    const level = loud * rise * fall * fall * (3 - 2 * fall)
    sound.left[index] = (sound.left[index] as number) * level
    sound.right[index] = (sound.right[index] as number) * level
  }
}
