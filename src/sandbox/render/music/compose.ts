import { createRandom } from '../random.ts'
import type { Mood } from '../scene-spec.ts'
import { addKick, addNoiseHit } from './percussion.ts'
import { addRoom } from './room.ts'
import { type Score, scores } from './score.ts'
import { addNote, createSound, createWave, midiToHz, type Sound, strike, swell, type Voice } from './sound.ts'

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
  const lengthS = plan.beatS * plan.beatsPerChord
  const pad: Voice = {
    wave: createWave(score.padSlope, 9),
    envelope: swell(0.28, 0.9),
    tailS: 0.9,
    detune: 0.0016,
  }
  for (let beat = 0; beat < plan.beats; beat += plan.beatsPerChord) {
    const startS = beat * plan.beatS
    const [root = 45, ...upper] = chordAt(score, plan, beat)
    upper.forEach((note, index) => {
      const pan = (index - 1.5) * 0.3
      addNote(sound, { pitchHz: midiToHz(note), startS, lengthS, gain: 0.11, pan }, pad)
    })
    addBass(sound, score, {
      pitchHz: midiToHz(root < 43 ? root : root - 12),
      startS,
      lengthS,
      beats: plan.beatsPerChord,
    })
  }
}

/** The root under a chord: held, or two pulses a beat. */
function addBass(
  sound: Sound,
  score: Score,
  chord: {
    readonly pitchHz: number
    readonly startS: number
    readonly lengthS: number
    readonly beats: number
  },
): void {
  const wave = createWave(2.6, 4)
  const held: Voice = { wave, envelope: swell(0.28, 0.9), tailS: 0.5, detune: 0 }
  const struck: Voice = { wave, envelope: strike(0.2), tailS: 0, detune: 0 }
  const pulses = score.bassPulse ? chord.beats * 2 : 1
  const lengthS = chord.lengthS / pulses
  for (let pulse = 0; pulse < pulses; pulse += 1) {
    const startS = chord.startS + pulse * lengthS
    const note = { pitchHz: chord.pitchHz, startS, lengthS, gain: score.bassPulse ? 0.24 : 0.15, pan: 0 }
    addNote(sound, note, score.bassPulse ? struck : held)
  }
}

function addArpeggio(sound: Sound, score: Score, plan: BeatPlan, seed: number): void {
  const voices = arpeggioVoices[score.voice]()
  const stepS = plan.beatS / score.stepsPerBeat
  const turn = createRandom(seed ^ 0xa49).integer(0, score.arpeggio.length - 1)
  const steps = (plan.beats - 1) * score.stepsPerBeat
  for (let step = score.stepsPerBeat; step <= steps; step += 1) {
    const degree = score.arpeggio[(step + turn) % score.arpeggio.length] ?? null
    const chord = chordAt(score, plan, Math.floor(step / score.stepsPerBeat))
    const note = degree === null ? undefined : chord[degree % chord.length]
    if (note === undefined) continue
    const accent = step % score.stepsPerBeat === 0 ? 1 : 0.72
    const pan = step % 2 === 0 ? -0.42 : 0.42
    for (const { voice, ratio, gain } of voices) {
      const pitchHz = midiToHz(note + 12) * ratio
      addNote(sound, { pitchHz, startS: step * stepS, lengthS: 0.9, gain: gain * accent, pan }, voice)
    }
  }
}

interface Partial {
  readonly voice: Voice
  /** Of its pitch to the note's. */
  readonly ratio: number
  readonly gain: number
}

/** A plucked string; a bell with the overtone that makes it one. */
const arpeggioVoices: Readonly<Record<Score['voice'], () => readonly Partial[]>> = {
  pluck: () => [
    {
      voice: { wave: createWave(1.9, 7), envelope: strike(0.16), tailS: 0.1, detune: 0 },
      ratio: 1,
      gain: 0.12,
    },
  ],
  bell: () => [
    {
      voice: { wave: createWave(3.4, 4), envelope: strike(0.42), tailS: 0.9, detune: 0 },
      ratio: 1,
      gain: 0.12,
    },
    {
      voice: { wave: createWave(3, 2), envelope: strike(0.12), tailS: 0, detune: 0 },
      ratio: 3.01,
      gain: 0.03,
    },
  ],
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
