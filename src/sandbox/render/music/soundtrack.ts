import type { MusicCue, Timeline } from '../draft-timeline.ts'
import { hashText } from '../random.ts'
import { readScene } from '../scene-reader.ts'
import type { Mood } from '../scene-spec.ts'
import { type EncodedSound, encodeSound } from '../sound-encoder.ts'
import { composeMusic } from './compose.ts'
import { applyFades } from './fades.ts'
import { readRecording } from './recording.ts'
import { createSound, type Sound } from './sound.ts'
import { moodOfStyle } from './style.ts'

/** What a clip sounds like; a null cue is silence. */
interface Soundtrack {
  readonly durationS: number
  readonly cue: MusicCue | null
  /** The local file of an uploaded piece; null: composed. */
  readonly path: string | null
  readonly mood: Mood
  readonly seed: number
}

type MediaFile = (src: string) => string | undefined

/**
 * The sound of a clip: an uploaded piece when the audio track names one, else a bed composed in the style that the track
 * names or in the mood of the first scene, else silence. Close it after use.
 */
export function makeSoundtrack(timeline: Timeline, mediaFile: MediaFile): Promise<EncodedSound> {
  return encodeSoundtrack(soundtrackOf(timeline, mediaFile))
}

const remembered = new Map<string, Promise<EncodedSound>>()
const mostRemembered = 32

/**
 * The same for tiny clips, whose whole budget is less than encoding their sound takes: composed beds are kept by mood,
 * length and volume and shared for the life of the process. `isShared` ones must not be closed.
 */
export async function shareSoundtrack(
  timeline: Timeline,
  mediaFile: MediaFile,
): Promise<{ readonly sound: EncodedSound; readonly isShared: boolean }> {
  const track = { ...soundtrackOf(timeline, mediaFile), seed: 0 }
  const key = JSON.stringify({ ...track, cue: track.cue && { ...track.cue, label: '', src: '' } })
  const known = remembered.get(key)
  if (known) return { sound: await known, isShared: true }
  const made = encodeSoundtrack(track)
  const isShared = track.path === null && remembered.size < mostRemembered
  if (isShared) remembered.set(key, made)
  return { sound: await made, isShared }
}

function soundtrackOf(timeline: Timeline, mediaFile: MediaFile): Soundtrack {
  const scenes = timeline.shots.flatMap(({ source }) =>
    source.kind === 'scene' ? [readScene(source.scene)] : [],
  )
  const first = scenes[0]
  const cue = timeline.music && timeline.music.volume > 0 ? timeline.music : null
  return {
    durationS: timeline.durationMs / 1000,
    cue,
    path: cue?.src ? (mediaFile(cue.src) ?? null) : null,
    mood: moodOfStyle(cue?.label ?? '') ?? first?.palette.mood ?? 'warm',
    seed: first?.seed ?? hashText(timeline.title),
  }
}

async function encodeSoundtrack(track: Soundtrack): Promise<EncodedSound> {
  const { cue, durationS } = track
  if (!cue) return encodeSound(createSound(durationS))
  const sound = await performed(track)
  applyFades(sound, cue)
  return encodeSound(sound)
}

async function performed({ path, durationS, mood, seed }: Soundtrack): Promise<Sound> {
  return path === null ? composeMusic({ mood, durationS, seed }) : readRecording(path, durationS)
}
