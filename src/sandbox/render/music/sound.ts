/** Stereo sound, 48,000 samples a second, each from -1 to 1. */
export interface Sound {
  readonly left: Float32Array
  readonly right: Float32Array
}

export const sampleRate = 48_000

export function createSound(durationS: number): Sound {
  const samples = Math.round(durationS * sampleRate)
  return { left: new Float32Array(samples), right: new Float32Array(samples) }
}

/** One note to be added to a sound. Times are seconds, `gain` is its peak, `pan` runs from -1 (left) to 1 (right). */
export interface Note {
  readonly pitchHz: number
  readonly startS: number
  readonly lengthS: number
  readonly gain: number
  readonly pan: number
}

export const midiToHz = (note: number) => 440 * 2 ** ((note - 69) / 12)

const tableSize = 2048

/** One cycle of a wave with harmonics that get weaker by `slope`: 1 is bright, 3 nearly a sine. */
export function createWave(slope: number, harmonics: number): Float32Array {
  const wave = new Float32Array(tableSize + 1)
  let peak = 0
  for (let index = 0; index <= tableSize; index += 1) {
    let sum = 0
    for (let harmonic = 1; harmonic <= harmonics; harmonic += 1) {
      sum += Math.sin((index / tableSize) * Math.PI * 2 * harmonic) / harmonic ** slope
    }
    wave[index] = sum
    peak = Math.max(peak, Math.abs(sum))
  }
  return wave.map((value) => value / peak)
}

/** How loud a note is at each moment: 0 to 1 of its gain, by seconds since its start. */
export type Envelope = (ageS: number, lengthS: number) => number

/** Rises over `attackS`, holds, and dies away over `releaseS` after the note's end. */
export const swell =
  (attackS: number, releaseS: number): Envelope =>
  (ageS, lengthS) => {
    const rise = Math.min(1, ageS / attackS)
    const fall = ageS < lengthS ? 1 : Math.max(0, 1 - (ageS - lengthS) / releaseS)
    return rise * rise * (3 - 2 * rise) * fall * fall
  }

/** Struck: at once there, halved every `halfS`. */
export const strike =
  (halfS: number): Envelope =>
  (ageS) =>
    Math.min(1, ageS / 0.004) * 2 ** (-ageS / halfS)

/** Samples between two readings of an envelope; it is a straight line in between. */
const envelopeStep = 64

/** What a note is played on. */
export interface Voice {
  readonly wave: Float32Array
  readonly envelope: Envelope
  /** How long it sounds on after the note's end. */
  readonly tailS: number
  /** How far the two sides are tuned apart, which makes it wide. */
  readonly detune: number
}

/** Adds `note` to `sound`. */
export function addNote(sound: Sound, note: Note, { wave, envelope, tailS, detune }: Voice): void {
  const start = Math.max(0, Math.round(note.startS * sampleRate))
  const end = Math.min(sound.left.length, Math.round((note.startS + note.lengthS + tailS) * sampleRate))
  const gains = [note.gain * Math.min(1, 1 - note.pan), note.gain * Math.min(1, 1 + note.pan)]
  ;[sound.left, sound.right].forEach((channel, side) => {
    const gain = gains[side] ?? 0
    const turn = (note.pitchHz * (1 + (side === 0 ? -detune : detune)) * tableSize) / sampleRate
    let phase = (side * tableSize) / 4
    for (let from = start; from < end; from += envelopeStep) {
      const to = Math.min(end, from + envelopeStep)
      let level = envelope((from - start) / sampleRate, note.lengthS) * gain
      const step = (envelope((to - start) / sampleRate, note.lengthS) * gain - level) / envelopeStep
      for (let index = from; index < to; index += 1) {
        const whole = phase | 0
        const before = wave[whole] as number
        channel[index] =
          (channel[index] as number) +
          (before + ((wave[whole + 1] as number) - before) * (phase - whole)) * level
        level += step
        phase += turn
        if (phase >= tableSize) phase -= tableSize
      }
    }
  })
}
