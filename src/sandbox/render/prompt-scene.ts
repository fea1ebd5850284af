import { groundOf, layersOf, settingOf, walkers } from './prompt-setting.ts'
import { subjectsOf } from './prompt-subjects.ts'
import type {
  CameraMotion,
  Mood,
  SceneSpec,
  SceneSubject,
  SkyKind,
  TimeOfDay,
  Weather,
} from './scene-spec.ts'
import {
  auroraWords,
  clearSkyWords,
  colorWords,
  findWord,
  moodWords,
  motionWords,
  type Setting,
  timeWords,
  weatherWords,
} from './scene-vocabulary.ts'

/** Decides what to draw for a prompt. Words that name nothing we can draw give an abstract scene. */
export function sceneOf(prompt: string, seed: number): SceneSpec {
  const text = prompt.toLowerCase()
  const weather = findWord(weatherWords, text) ?? 'clear'
  const subjects = subjectsOf(text)
  const setting = settingOf(text, subjects, weather)
  const time = timeOf(text, setting, weather)
  const mood = findWord(moodWords, text) ?? moodOf(setting, time, weather)
  const palette = { accents: accentsOf(text, subjects), mood }
  if (setting === null) return abstractScene({ time, palette, seed })
  return {
    time,
    sky: skyOf(text, setting, weather),
    weather,
    ground: groundOf(text, setting, weather),
    layers: layersOf(text, setting, subjects),
    subjects,
    palette,
    motion: findWord(motionWords, text) ?? motionOf(setting, subjects, seed),
    seed,
  }
}

function abstractScene(scene: Pick<SceneSpec, 'time' | 'palette' | 'seed'>): SceneSpec {
  const nothing = { weather: 'clear', ground: 'none', layers: [], subjects: [] } as const
  return { ...scene, ...nothing, sky: 'abstract', motion: 'drift' }
}

function timeOf(text: string, setting: Setting | null, weather: Weather): TimeOfDay {
  const named = findWord(timeWords, text)
  if (named) return named
  return setting === 'space' || (setting === 'street' && weather === 'rain') ? 'night' : 'day'
}

function skyOf(text: string, setting: Setting, weather: Weather): SkyKind {
  if (setting === 'space') return 'space'
  if (auroraWords.test(text)) return 'aurora'
  if (weather === 'rain' || weather === 'storm') return 'overcast'
  return clearSkyWords.test(text) ? 'clear' : 'clouds'
}

/** White, black and gray: they color a thing, never the light. */
const toneless = new Set(['#f4f4f0', '#23232b', '#8d8f99'])

/** Colors that belong to the whole picture: those that no subject wears. */
function accentsOf(text: string, subjects: readonly SceneSubject[]): readonly string[] {
  const worn = new Set(subjects.map((subject) => subject.color))
  return colorWords
    .filter(([color, pattern]) => pattern.test(text) && !worn.has(color) && !toneless.has(color))
    .map(([color]) => color)
    .slice(0, 3)
}

function moodOf(setting: Setting | null, time: TimeOfDay, weather: Weather): Mood {
  if (weather === 'storm') return 'tense'
  if (setting === 'street' && time === 'night') return 'electric'
  if (setting === 'space' || time === 'dusk' || weather === 'snow') return 'dreamy'
  if (time === 'sunset' || time === 'dawn') return 'warm'
  return time === 'day' && weather === 'clear' && setting !== null ? 'bright' : 'calm'
}

function motionOf(setting: Setting, subjects: readonly SceneSubject[], seed: number): CameraMotion {
  if (setting === 'street' || setting === 'road') return 'push-in'
  if (subjects.some((subject) => subject.pace === 'run' && walkers.has(subject.kind))) return 'track'
  if (setting === 'sea' || setting === 'beach') return 'push-in'
  const motions: readonly CameraMotion[] = ['push-in', 'pan', 'drift']
  return motions[seed % motions.length] ?? 'push-in'
}
