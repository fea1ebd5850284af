import { describe, expect, it } from 'vitest'
import { composeMusic } from '../../../src/sandbox/render/music/compose.ts'
import { applyFades } from '../../../src/sandbox/render/music/fades.ts'
import { type Sound, sampleRate } from '../../../src/sandbox/render/music/sound.ts'
import { moodOfStyle } from '../../../src/sandbox/render/music/style.ts'
import { moods } from '../../../src/sandbox/render/scene-spec.ts'

const peakOf = ({ left, right }: Sound) =>
  Math.max(...[left, right].map((side) => side.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0)))
const loudnessOf = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)

describe('a music bed', () => {
  it.each(moods)('in the mood "%s" fills the clip in stereo, is heard, and never clips', (mood) => {
    const sound = composeMusic({ mood, durationS: 3, seed: 1 })
    expect(sound.left.length).toBe(3 * sampleRate)
    expect(sound.right.length).toBe(3 * sampleRate)
    expect(peakOf(sound)).toBeLessThan(0.9)
    expect(loudnessOf(sound.left)).toBeGreaterThan(0.1)
    expect(sound.left.some((value, index) => value !== sound.right[index])).toBe(true)
  })

  it('is the same for the same brief', () => {
    const brief = { mood: 'warm', durationS: 2, seed: 5 } as const
    const bytes = () => Buffer.from(composeMusic(brief).left.buffer)
    expect(bytes().equals(bytes())).toBe(true)
  })

  it('starts and ends in silence and follows the volume', () => {
    const fades = { startS: 0, endS: 2, fadeInS: 0.3, fadeOutS: 0.5 }
    const brief = { mood: 'calm', durationS: 2, seed: 5 } as const
    const loud = composeMusic(brief)
    const quiet = composeMusic(brief)
    applyFades(loud, { ...fades, volume: 1 })
    applyFades(quiet, { ...fades, volume: 0.2 })

    expect(loud.left[0]).toBeCloseTo(0, 3)
    expect(loud.left.at(-1)).toBeCloseTo(0, 3)
    expect(loudnessOf(quiet.left)).toBeLessThan(loudnessOf(loud.left) / 2)
  })

  it('is silent outside of its segment', () => {
    const sound = composeMusic({ mood: 'bright', durationS: 2, seed: 5 })
    applyFades(sound, { startS: 0.5, endS: 1.5, fadeInS: 0.1, fadeOutS: 0.1, volume: 1 })
    expect(loudnessOf(sound.left.subarray(0, sampleRate / 2))).toBe(0)
    expect(loudnessOf(sound.left.subarray(1.5 * sampleRate))).toBe(0)
  })

  it('follows a named style, and the picture when the style names no mood', () => {
    expect(moodOfStyle('Electronic')).toBe('electric')
    expect(moodOfStyle('Lo-fi')).toBe('warm')
    expect(moodOfStyle('Ambient')).toBeNull()
  })
})
