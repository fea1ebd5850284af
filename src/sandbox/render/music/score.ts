import type { Mood } from '../scene-spec.ts'

/** How a mood sounds. Notes are MIDI numbers; chords are listed from the bass up. */
export interface Score {
  readonly beatsPerMinute: number
  readonly chords: readonly (readonly number[])[]
  /** Slope of the pad's harmonics: lower is brighter. */
  readonly padSlope: number
  /** Order in which the arpeggio walks through the chord, one step each; null is a rest. */
  readonly arpeggio: readonly (number | null)[]
  readonly stepsPerBeat: number
  readonly voice: 'pluck' | 'bell'
  readonly kicks: readonly number[]
  readonly hats: readonly number[]
  readonly brushes: readonly number[]
  readonly drumGain: number
  readonly bassPulse: boolean
  readonly room: { readonly amount: number; readonly decay: number }
}

const softRoom = { amount: 0.34, decay: 0.8 }
const wideRoom = { amount: 0.5, decay: 0.88 }

/** Percussion places are beats within a bar of four. */
export const scores: Readonly<Record<Mood, Score>> = {
  calm: {
    beatsPerMinute: 74,
    chords: [
      [48, 55, 59, 64, 67],
      [45, 52, 55, 60, 67],
      [41, 53, 57, 60, 64],
      [43, 50, 57, 59, 62],
    ],
    padSlope: 2.3,
    arpeggio: [1, 3, 4, null, 2, 3, null, 4],
    stepsPerBeat: 2,
    voice: 'pluck',
    kicks: [],
    hats: [],
    brushes: [1, 3],
    drumGain: 0.28,
    bassPulse: false,
    room: wideRoom,
  },
  bright: {
    beatsPerMinute: 106,
    chords: [
      [50, 57, 62, 64, 66],
      [45, 57, 61, 64, 69],
      [47, 54, 59, 62, 66],
      [43, 55, 59, 62, 69],
    ],
    padSlope: 1.8,
    arpeggio: [1, 2, 4, 3, 2, 4, 3, 2],
    stepsPerBeat: 2,
    voice: 'pluck',
    kicks: [0, 1, 2, 3],
    hats: [0.5, 1.5, 2.5, 3.5],
    brushes: [1, 3],
    drumGain: 0.62,
    bassPulse: true,
    room: softRoom,
  },
  warm: {
    beatsPerMinute: 82,
    chords: [
      [41, 53, 57, 60, 67],
      [40, 52, 55, 59, 62],
      [38, 53, 57, 60, 64],
      [36, 52, 55, 59, 62],
    ],
    padSlope: 2,
    arpeggio: [1, 2, 3, 4, 3, 2, 3, null],
    stepsPerBeat: 2,
    voice: 'pluck',
    kicks: [0, 2.5],
    hats: [],
    brushes: [1, 3],
    drumGain: 0.4,
    bassPulse: false,
    room: wideRoom,
  },
  tense: {
    beatsPerMinute: 92,
    chords: [
      [45, 52, 57, 60, 64],
      [41, 53, 56, 60, 65],
      [38, 50, 57, 62, 65],
      [40, 52, 56, 59, 64],
    ],
    padSlope: 1.7,
    arpeggio: [1, null, 1, 2, null, 1, 3, null],
    stepsPerBeat: 2,
    voice: 'pluck',
    kicks: [0, 0.5, 2, 2.5],
    hats: [],
    brushes: [],
    drumGain: 0.85,
    bassPulse: true,
    room: wideRoom,
  },
  electric: {
    beatsPerMinute: 98,
    chords: [
      [45, 57, 60, 64, 71],
      [41, 53, 57, 64, 69],
      [48, 55, 60, 64, 67],
      [40, 52, 59, 62, 67],
    ],
    padSlope: 1.35,
    arpeggio: [1, 3, 4, 2, 3, 4, 1, 4],
    stepsPerBeat: 4,
    voice: 'pluck',
    kicks: [0, 1, 2, 3],
    hats: [0.5, 1.5, 2.5, 3.5],
    brushes: [1, 3],
    drumGain: 0.75,
    bassPulse: true,
    room: softRoom,
  },
  dreamy: {
    beatsPerMinute: 68,
    chords: [
      [39, 51, 58, 62, 67],
      [36, 51, 55, 58, 62],
      [44, 51, 56, 60, 67],
      [46, 53, 58, 62, 65],
    ],
    padSlope: 2.1,
    arpeggio: [4, null, 3, 2, null, 4, null, 3],
    stepsPerBeat: 2,
    voice: 'bell',
    kicks: [],
    hats: [],
    brushes: [],
    drumGain: 0,
    bassPulse: false,
    room: { amount: 0.62, decay: 0.91 },
  },
}
