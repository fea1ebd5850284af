import { createRandom } from '../random.ts'
import type { Mood } from '../scene-spec.ts'
import { addKick, addNoiseHit } from './percussion.ts'
import { addRoom } from './room.ts'
import { type Score, scores } from './score.ts'
import { addNote, createSound, createWave, midiToHz, type Sound, sampleRate, strike, swell } from './sound.ts'

export interface MusicBrief {
  readonly mood: Mood
  readonly durationS: number
  readonly seed: number
}

/**
 * A music bed for the whole clip: pads, a slow arpeggio, light percussion, in the mood of the picture. The tempo is
 * bent a little so that the clip ends on a beat, on the first chord. Peaks stay below 0.9.
 */
export function composeMusic(brief: MusicBrief): Sound {
  const score = scores[brief.mood]
  const plan = planBeats(score, brief.durationS)
  const sound = createSound(brief.durationS)
  addPads(sound, score, plan)
  addArpeggio(sound, score, plan, brief.seed)
  addRoom(sound, score.room.amount, score.room.decay)
  addDrums(sound, score, plan, brief.seed)
  limit(sound)
  return sound
}

interface BeatPlan {
  readonly beatS: number
  readonly beats: number
  readonly beatsPerChord: number
}

function planBeats(score: Score, durationS: number): BeatPlan {
  const beats = Math.max(2, Math.round((durationS * score.beatsPerMinute) / 60))
  return { beatS: durationS / beats, beats, beatsPerChord: durationS < 9 ? 2 : 4 }
}

function chordAt(score: Score, plan: BeatPlan, beat: number): readonly number[] {
  const isClosing = beat >= plan.beats - plan.beatsPerChord && plan.beats > plan.beatsPerChord
  const index = isClosing ? 0 : Math.floor(beat / plan.beatsPerChord) % score.chords.length
  return score.chords[index] ?? []
}

function addPads(sound: Sound, score: Score, plan: BeatPlan): void {
  const wave = createWave(score.padSlope, 9)
  const bass = createWave(2.6, 4)
  const envelope = swell(0.28, 0.9)
  const lengthS = plan.beatS * plan.beatsPerChord
  for (let beat = 0; beat < plan.beats; beat += plan.beatsPerChord) {
    const startS = beat * plan.beatS
    const [root = 45, ...upper] = chordAt(score, plan, beat)
    upper.forEach((note, index) => {
      addNote(
        sound,
        { pitchHz: midiToHz(note), startS, lengthS, gain: 0.11, pan: (index - 1.5) * 0.3 },
        wave,
        envelope,
        0.9,
        0.0016,
      )
    })
    const pulses = score.bassPulse ? plan.beatsPerChord * 2 : 1
    for (let pulse = 0; pulse < pulses; pulse += 1) {
      const at = startS + (pulse * lengthS) / pulses
      const note = {
        pitchHz: midiToHz(root < 43 ? root : root - 12),
        startS: at,
        lengthS: lengthS / pulses,
        gain: score.bassPulse ? 0.24 : 0.15,
        pan: 0,
      }
      addNote(sound, note, bass, score.bassPulse ? strike(0.2) : envelope, score.bassPulse ? 0 : 0.5)
    }
  }
}

function addArpeggio(sound: Sound, score: Score, plan: BeatPlan, seed: number): void {
  const random = createRandom(seed ^ 0xa49)
  const wave = score.voice === 'bell' ? createWave(3.4, 4) : createWave(1.9, 7)
  const overtone = createWave(3, 2)
  const stepS = plan.beatS / score.stepsPerBeat
  const turn = random.integer(0, score.arpeggio.length - 1)
  const steps = (plan.beats - 1) * score.stepsPerBeat
  for (let step = score.stepsPerBeat; step <= steps; step += 1) {
    const degree = score.arpeggio[(step + turn) % score.arpeggio.length] ?? null
    if (degree === null) continue
    const chord = chordAt(score, plan, Math.floor(step / score.stepsPerBeat))
    const note = chord[degree % chord.length]
    if (note === undefined) continue
    const pitchHz = midiToHz(note + 12)
    const accent = step % score.stepsPerBeat === 0 ? 1 : 0.72
    const tone = {
      pitchHz,
      startS: step * stepS,
      lengthS: 0.9,
      gain: 0.12 * accent,
      pan: step % 2 === 0 ? -0.42 : 0.42,
    }
    addNote(
      sound,
      tone,
      wave,
      strike(score.voice === 'bell' ? 0.42 : 0.16),
      score.voice === 'bell' ? 0.9 : 0.1,
    )
    if (score.voice === 'bell')
      addNote(sound, { ...tone, pitchHz: pitchHz * 3.01, gain: 0.03 }, overtone, strike(0.12), 0)
  }
}

function addDrums(sound: Sound, score: Score, plan: BeatPlan, seed: number): void {
  if (score.drumGain === 0) return
  const random = createRandom(seed ^ 0xd40)
  const gain = score.drumGain
  for (let bar = 0; bar < plan.beats; bar += 4) {
    const at = (place: number) => (bar + place) * plan.beatS
    const playable = (place: number) => bar + place < plan.beats - 0.5 && bar + place >= 1
    for (const place of score.kicks.filter(playable)) addKick(sound, at(place), 0.42 * gain)
    for (const place of score.hats.filter(playable)) {
      addNoiseHit(sound, { startS: at(place), gain: 0.13 * gain, pan: 0.25, halfS: 0.018, body: 0 }, random)
    }
    for (const place of score.brushes.filter(playable)) {
      addNoiseHit(sound, { startS: at(place), gain: 0.2 * gain, pan: -0.1, halfS: 0.045, body: 0.8 }, random)
    }
  }
}

const loudness = 0.24
const ceiling = 0.88

/** Brings the whole to an even loudness (about −12 dB), bending peaks softly below the ceiling instead of cutting them. */
function limit(sound: Sound): void {
  let power = 0
  for (const channel of [sound.left, sound.right]) {
    for (const value of channel) power += value * value
  }
  const level = Math.sqrt(power / (sound.left.length * 2))
  if (level === 0) return
  const drive = loudness / level / ceiling
  for (const channel of [sound.left, sound.right]) {
    for (let index = 0; index < channel.length; index += 1) {
      channel[index] = Math.tanh((channel[index] as number) * drive) * ceiling
    }
  }
}

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
